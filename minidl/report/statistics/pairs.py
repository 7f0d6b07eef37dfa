"""Which cells are a pair: those that agree in everything but the factor that is asked about."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from minidl.report.cell_results import CellResults
from minidl.report.levels import find_levels
from minidl.study.errors import InputError
from minidl.study.grid.matching import frozen


def pair_cells(
    cells: Sequence[CellResults], factor: str, levels: Sequence[str]
) -> tuple[list[tuple[CellResults, CellResults]], int]:
    """Return the cells that exist at both levels as pairs, and how many exist at one only.

    Two cells are a pair when they have one place on every other axis, however it is written.
    """
    at = [
        {place(cell, cells, factor): cell for cell in cells if is_at(cell, factor, level)}
        for level in find_levels(cells, factor, levels).values()
    ]
    pairs = [(at[0][key], at[1][key]) for key in at[0] if key in at[1]]
    if not pairs:
        raise InputError(f"{factor}: no cell exists both at {levels[0]} and at {levels[1]}")
    return pairs, len(at[0]) + len(at[1]) - 2 * len(pairs)


def place(cell: CellResults, cells: Sequence[CellResults], factor: str) -> Hashable:
    """Return where a cell stands on every axis but the factor."""
    axes = dict.fromkeys(axis for each in cells for axis in each.values)
    return frozen({axis: cell.runs[0].place[axis] for axis in axes if axis != factor})


def is_at(cell: CellResults, factor: str, level: Hashable) -> bool:
    """Whether a cell stands at a level of a factor."""
    return frozen(cell.runs[0].place[factor]) == level


def others(cell: CellResults, factor: str) -> dict[str, str]:
    """Return a cell's labels without the factor's."""
    return {axis: value for axis, value in cell.labels.items() if axis != factor}
