"""What each cell is called and where it stands on every axis: by what trained, not by what is
written. An override or ``--set`` may have replaced the value that the axis names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from minidl.registry import CHOSEN
from minidl.study.grid.complete import complete
from minidl.study.grid.matching import as_component, covers, frozen, look_up
from minidl.study.run_spec import label


@dataclass(frozen=True)
class Settled:
    """A cell's settings: complete ``before`` the overrides; after them as ``named`` and as
    ``resolved``; and the numbers of the overrides that it ``met``.
    """

    before: dict[str, Any]
    named: dict[str, Any]
    resolved: dict[str, Any]
    met: set[int]


@dataclass(frozen=True)
class Named:
    """A cell's values as they trained, their short texts, and its place on all axes of the study:
    components with their defaults, and settings that other cells name.
    """

    values: dict[str, Any]
    labels: dict[str, str]
    place: dict[str, Any]


def name_cells(cells: Sequence[dict[str, Any]], settled: Sequence[Settled]) -> list[Named]:
    """Return the values, labels and place of each cell.

    Equal values of an axis have one label, the first that was written, however they are spelled.
    """
    axes = list(dict.fromkeys(axis for cell in cells for axis in cell))
    labels: dict[tuple[str, Hashable], str] = {}
    named = []
    for cell, own in zip(cells, settled, strict=True):
        values = {axis: trained(axis, value, own, axes) for axis, value in cell.items()}
        place = {
            axis: whole(axis, values[axis] if axis in values else look_up(own.before, axis), axes)
            for axis in axes
        }
        texts = {
            axis: labels.setdefault((axis, frozen(place[axis])), label(value))
            for axis, value in values.items()
        }
        named.append(Named(values, texts, place))
    tell_apart(cells, named)
    return named


def trained(axis: str, value: Any, settled: Settled, axes: Sequence[str]) -> Any:
    """Return an axis value as it is while all that it names is what trained, or else what did:
    a component with the arguments that were named for it.
    """
    resolved = look_up(settled.resolved, axis)
    written = complete(axis, value) if axis in ("model", "model.layers") else value
    if covers(resolved, as_component(axis, written)):
        return value
    if axis not in CHOSEN:
        return resolved
    named = look_up(settled.named, axis)
    return {part: resolved[part] for part in named if f"{axis}.{part}" not in axes}


def whole(axis: str, value: Any, axes: Sequence[str]) -> Any:
    """Return a value with a component's defaults, less the parts that are axes of their own."""
    value = complete(axis, value)
    if not isinstance(value, dict):
        return value
    return {part: item for part, item in value.items() if f"{axis}.{part}" not in axes}


def tell_apart(cells: Sequence[dict[str, Any]], named: Sequence[Named]) -> None:
    """Say beside a replaced value what was written there, where cells have one place otherwise."""
    count = Counter(frozen(own.place) for own in named)
    for cell, own in zip(cells, named, strict=True):
        if count[frozen(own.place)] > 1:
            for axis, value in cell.items():
                if (written := label(value)) != own.labels[axis]:
                    own.place[axis] = own.labels[axis] = f"{own.labels[axis]} (written {written})"
