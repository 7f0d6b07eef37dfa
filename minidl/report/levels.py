"""The levels of a factor, found by what a question or a person calls them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import Any

from minidl.report.cell_results import CellResults
from minidl.study.errors import InputError
from minidl.study.files.complaints import unknown
from minidl.study.files.yaml_file import parse_yaml
from minidl.study.grid.matching import as_component, covers, frozen


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
