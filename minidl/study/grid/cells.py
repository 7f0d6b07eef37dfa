"""The cells of a grid: its axes crossed, less the excluded combinations, and the included ones."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from minidl.registry import CHOSEN, KINDS
from minidl.study.errors import InputError
from minidl.study.files.complaints import shown, unknown
from minidl.study.files.yaml_file import KeyPath
from minidl.study.grid.complete import complete, nest
from minidl.study.grid.matching import agrees, frozen
from minidl.study.grid.settings import RunSettings
from minidl.study.grid.spec import StudySpec
from minidl.study.run_spec import label


@dataclass
class Cell:
    """One combination: the value of every axis, and the place in the file that each came from."""

    values: dict[str, Any]
    origins: dict[str, KeyPath] = field(default_factory=dict)


def combine(study: StudySpec) -> list[Cell]:
    """Return the cells of a study, as GitHub Actions' matrix has them.

    Raises InputError when an axis or a rule is wrong, or no cell is left.
    """
    check_axes(study)
    crossed = exclude(study, cross(study))
    cells = crossed + include(study, crossed)
    if not cells:
        raise InputError(f"{study.place(('exclude',))}: the excludes leave no cell")
    return cells


def cross(study: StudySpec) -> list[Cell]:
    """Return every combination of the axes' values; one empty cell when there is neither an axis
    nor an include.
    """
    if not study.grid and study.include:
        return []
    axes = [[(axis, i, v) for i, v in enumerate(vs)] for axis, vs in study.grid.items()]
    return [
        Cell(
            {axis: value for axis, _, value in combination},
            {axis: ("grid", axis, i) for axis, i, _ in combination},
        )
        for combination in itertools.product(*axes)
    ]


def exclude(study: StudySpec, cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells that agree with no exclude; one that excludes nothing is an error.

    Like every rule, it sees the components on the axes with their defaults.
    """
    kept = [(cell, nest(cell.values)) for cell in cells]
    for number, rule in enumerate(study.exclude):
        place = study.place(("exclude", number))
        check_rule(rule, place)
        before = len(kept)
        kept = [(cell, seen) for cell, seen in kept if not agrees(seen, rule)]
        if len(kept) == before:
            axes = ", ".join(study.grid) or "(none)"
            raise InputError(f"{place}: exclude matches no cell, got {shown(rule)}; axes: {axes}")
    return [cell for cell, _ in kept]


def include(study: StudySpec, crossed: Sequence[Cell]) -> list[Cell]:
    """Add each include to the crossed cells whose axes it agrees with; return a new cell for each
    include that agrees with none.
    """
    alone: list[Cell] = []
    seen = [nest(cell.values) for cell in crossed] if study.include else []
    for number, extra in enumerate(study.include):
        check_rule(extra, study.place(("include", number)))
        origins: dict[str, KeyPath] = {key: ("include", number, key) for key in extra}
        on_axes = {key: value for key, value in extra.items() if key in study.grid}
        off_axes = {key: value for key, value in extra.items() if key not in study.grid}
        joined = [cell for cell, own in zip(crossed, seen, strict=True) if agrees(own, on_axes)]
        for cell in joined:
            cell.values |= off_axes
            cell.origins |= {key: origins[key] for key in off_axes}
        if not joined:
            alone.append(Cell(dict(extra), origins))
    return alone


def check_axes(study: StudySpec) -> None:
    """Raise InputError for an axis that has a value twice, or that is not a setting."""
    for axis, values in study.grid.items():
        check_key(axis, study.place(("grid", axis)))
        seen: set[Hashable] = set()
        for i, value in enumerate(values):
            if (known := frozen(complete(axis, value))) in seen:
                place = study.place(("grid", axis, i))
                raise InputError(f"{place}: axis {axis!r} has the value {label(value)} twice")
            seen.add(known)


def check_key(key: str, place: str) -> None:
    """Raise InputError for a key that is not a setting of a run."""
    if key.split(".")[0] not in RunSettings.model_fields:
        raise InputError(f"{place}: {unknown('setting', key, RunSettings.model_fields)}")


def check_rule(rule: dict[str, Any], place: str) -> None:
    """Raise InputError for a rule that names a setting or a component that there is not."""
    for key, value in rule.items():
        check_key(key, place)
        kind = CHOSEN.get(key, key)
        if isinstance(value, str) and value not in KINDS.get(kind, [value]):
            raise InputError(f"{place}: {unknown(kind, value, KINDS[kind])}")
