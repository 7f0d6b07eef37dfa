"""The levels of a factor, found by what a question or a person calls them.

A side of a question is one level, or several whose runs are averaged.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from itertools import islice
from typing import Any, TypeAlias

from minidl.report.cell_results import CellResults
from minidl.study.errors import InputError
from minidl.study.files.complaints import unknown
from minidl.study.files.yaml_file import parse_yaml
from minidl.study.grid.matching import as_component, covers, frozen

Side: TypeAlias = "str | tuple[str, ...]"  # a level, or the mean of several


def members(side: Side) -> tuple[str, ...]:
    """Return the levels of a side."""
    return (side,) if isinstance(side, str) else side


def called(side: Side) -> str:
    """Return a side as a text: ``adam``, ``mean(sgd, adam)``."""
    levels = members(side)
    return levels[0] if len(levels) == 1 else f"mean({', '.join(levels)})"


def find_sides(
    cells: Sequence[CellResults], factor: str, sides: Sequence[Side]
) -> list[dict[str, Hashable]]:
    """Return the levels of each side, as ``find_levels`` does; no two sides share one.

    Raises InputError as it does.
    """
    every = find_levels(cells, factor, [level for side in sides for level in members(side)])
    left = iter(every.items())
    return [dict(islice(left, len(members(side)))) for side in sides]


def find_levels(
    cells: Sequence[CellResults], factor: str, levels: Sequence[str]
) -> dict[str, Hashable]:
    """Return the labels of some levels, each with its value as cells are compared by it.

    Raises InputError unless they are different ones that the study has.
    """
    axes = dict.fromkeys(axis for cell in cells for axis in cell.values)
    if factor not in axes:
        raise InputError(unknown("factor", factor, axes))
    found = [find_level(cells, factor, level) for level in levels]
    if not levels or len(set(found)) < len(levels):
        raise InputError(f"{factor}: different levels are needed, got {', '.join(levels)}")
    own = {cell.labels[factor]: cell.runs[0].place for cell in cells if factor in cell.values}
    return {label: frozen(own[label][factor]) for label in found}


def find_level(cells: Sequence[CellResults], factor: str, level: str) -> str:
    """Return the label of the level that is called so, or that alone has what is named.

    So ``sgd`` is found where the only one is ``sgd(lr=0.2)``. Raises InputError for none or many.
    """
    own = {cell.labels[factor]: cell.runs[0].place for cell in cells if factor in cell.values}
    if level in own:
        return level
    wanted = as_component(factor, read_label(level))
    fitting = [label for label, place in own.items() if covers(place[factor], wanted)]
    if len(fitting) != 1:
        raise InputError(unknown(f"level of {factor}", level, own))
    return fitting[0]


def read_label(text: str) -> Any:
    """Return the value behind a short text: ``sgd(lr=0.2)``, ``0.001``; the text if it has none."""
    if call := re.fullmatch(r"(\w+)\((.*)\)", text):
        text = f"{{name: {call[1]}, {call[2].replace('=', ': ')}}}"
    try:
        return parse_yaml(text, text)[0]
    except InputError:
        return text
