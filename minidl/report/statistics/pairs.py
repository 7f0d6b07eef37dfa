"""Which cells are a pair: those that agree in everything but the factor that is asked about.

A side of a pair may be several levels of that factor; then it is a cell of each.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeAlias

from minidl.report.cell_results import CellResults
from minidl.report.levels import called
from minidl.study.errors import InputError
from minidl.study.grid.matching import frozen

Cells: TypeAlias = "tuple[CellResults, ...]"  # one for each level of a side


def pair_cells(
    cells: Sequence[CellResults], factor: str, sides: Sequence[Mapping[str, Hashable]]
) -> tuple[list[tuple[Cells, Cells]], int]:
    """Return the cells that exist on both sides as pairs, and how many cells lack a partner.

    ``sides`` are levels as ``find_sides`` returns them. Raises InputError when there is no pair.
    """
    first, second = (cells_at(cells, factor, list(side.values())) for side in sides)
    pairs = [(first[place], second[place]) for place in first if place in second]
    if not pairs:
        one, other = (called(tuple(side)) for side in sides)
        raise InputError(f"{factor}: no cell exists both at {one} and at {other}")
    at_any = [level for side in sides for level in side.values()]
    there = sum(frozen(cell.runs[0].place[factor]) in at_any for cell in cells)
    return pairs, there - len(at_any) * len(pairs)


def cells_at(
    cells: Sequence[CellResults], factor: str, levels: Sequence[Hashable]
) -> dict[Hashable, Cells]:
    """Return the cells that exist at all of some levels, by their place on the other axes.

    Two cells have one place when they have one value on every other axis, however it is written.
    """
    axes = dict.fromkeys(axis for cell in cells for axis in cell.values if axis != factor)
    found: dict[Hashable, dict[Hashable, CellResults]] = {level: {} for level in levels}
    for cell in cells:
        place = cell.runs[0].place
        if (level := frozen(place[factor])) in found:
            found[level][frozen({axis: place[axis] for axis in axes})] = cell
    at = [found[level] for level in levels]
    return {
        where: tuple(own[where] for own in at) for where in at[0] if all(where in own for own in at)
    }


def others(cell: CellResults, factor: str) -> dict[str, str]:
    """Return a cell's labels without the factor's."""
    return {axis: value for axis, value in cell.labels.items() if axis != factor}
