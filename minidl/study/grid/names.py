"""What each cell is called and where it stands on every axis: by what trained, not by what is
written. An override or ``--set`` may have replaced the value that the axis names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

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
    values = [
        {axis: trained(axis, value, own, axes) for axis, value in cell.items()}
        for cell, own in zip(cells, settled, strict=True)
    ]
    levels = levels_of(cells, values, axes)
    labels = labels_of(levels)
    named = []
    for cell, own, at in zip(values, settled, levels, strict=True):
        place = {
            axis: at[axis].place if axis in at else whole(axis, look_up(own.before, axis), axes)
            for axis in axes
        }
        texts = {axis: labels[axis, frozen(place[axis])] for axis in cell}
        named.append(Named(cell, texts, place))
    tell_apart(cells, named)
    return named


class Level(NamedTuple):
    """What a value of an axis is called by, and what it is compared by; and, where the former does
    not say all that was written, a text that does.
    """

    called: Any
    place: Any
    written: str = ""


def levels_of(
    cells: Sequence[dict[str, Any]], values: Sequence[dict[str, Any]], axes: Sequence[str]
) -> list[dict[str, Level]]:
    """Return the level of each cell on each of its axes: what trained there.

    Where an override changed a part of a component in some of a level's cells alone, it stays one
    level, as it is written, so that its cells stay paired. Its label leaves out that part, which is
    not the same in all of them.
    """
    groups: dict[tuple[str, Hashable], list[int]] = {}
    for i, cell in enumerate(cells):
        for axis, value in cell.items():
            groups.setdefault((axis, frozen(whole(axis, value, axes))), []).append(i)
    found: list[dict[str, Level]] = [{} for _ in cells]
    for (axis, _), members in groups.items():
        written = as_component(axis, cells[members[0]][axis])
        own = [whole(axis, values[i][axis], axes) for i in members]
        kept = common(written, own) if len(set(map(frozen, own))) > 1 else {}
        level = Level(kept, whole(axis, written, axes), label(written)) if kept else None
        for i, place in zip(members, own, strict=True):
            found[i][axis] = level or Level(values[i][axis], place)
    return found


def labels_of(levels: Sequence[dict[str, Level]]) -> dict[tuple[str, Hashable], str]:
    """Return the label of every level by its axis and place: the first that it was given, with
    what was written where it leaves out so much that another is called the same.
    """
    first: dict[tuple[str, Hashable], Level] = {}
    for cell in levels:
        for axis, level in cell.items():
            first.setdefault((axis, frozen(level.place)), level)
    files = [level.called for level in first.values() if is_csv(level.called)]
    texts = {key: label(in_short(level.called, files)) for key, level in first.items()}
    count = Counter((axis, text) for (axis, _), text in texts.items())
    return {
        (axis, place): f"{text} (written {first[axis, place].written})"
        if first[axis, place].written and count[axis, text] > 1
        else text
        for (axis, place), text in texts.items()
    }


def is_csv(value: Any) -> bool:
    """Whether a value is a file as data, which has many arguments."""
    return isinstance(value, dict) and value.get("name") == "csv"


def in_short(value: Any, files: Sequence[dict[str, Any]]) -> Any:
    """Return a file as data with what differs between those of a study, or with its path; any other
    value as it is.
    """
    if not is_csv(value):
        return value
    differs = [k for k in value if any(frozen(f.get(k)) != frozen(value[k]) for f in files)]
    alone = "path" if len(files) < 2 else ""
    return {key: item for key, item in value.items() if key in ("name", alone, *differs)}


def common(written: Any, trained: Sequence[Any]) -> dict[str, Any]:
    """Return what of a component, as it is written, is true of all that trained; nothing where not
    even the name is.
    """
    if not isinstance(written, dict):
        return {}
    kept = {
        part: item
        for part, item in written.items()
        if all(isinstance(own, dict) and covers(own, {part: item}) for own in trained)
    }
    return kept if ("name" in kept) == ("name" in written) else {}


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
