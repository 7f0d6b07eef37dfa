"""Reading a study from a file, with what is changed from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic import (
    ValidationError,
)

from minidl.study.errors import InputError
from minidl.study.files.complaints import explain, shown
from minidl.study.files.shipped import find_file, shipped_configs
from minidl.study.files.yaml_file import KeyPath, Places, parse_yaml, read_yaml
from minidl.study.grid.matching import as_component, covers
from minidl.study.grid.settings import RunSettings
from minidl.study.grid.spec import StudySpec


class Change(NamedTuple):
    """A setting that is changed from outside the file: its new value as YAML, and who says so."""

    key: str
    text: str
    place: str


def load_study(
    source: str, *, changes: Sequence[str | Change] = (), seeds: int | None = None
) -> StudySpec:
    """Read a study from a file, or one of those that ship with minidl by its name.

    ``changes`` are ``KEY=VALUE`` texts, or the like with a place of their own. For an axis of the
    grid the value replaces the axis; for anything else it is applied last, over every override.

    Raises InputError when anything is wrong with the file or a change.
    """
    path = find_file(source, shipped_configs(), "study")
    data, places = read_yaml(path, pipe=True)
    reference = data.get("reference") if isinstance(data, dict) else None
    if isinstance(reference, str) and (beside := path.parent / reference).is_file():
        data["reference"] = str(beside.resolve())  # found again from any folder
    return make_study(data, places, changes=changes, seeds=seeds)


def parse_study(text: str, source: str) -> StudySpec:
    """Read a study from a text; raises InputError, which names the source."""
    return make_study(*parse_yaml(text, source))


def make_study(
    data: Any, places: Places, *, changes: Sequence[str | Change] = (), seeds: int | None = None
) -> StudySpec:
    """Check plain data, changed as told, and return the study."""
    if not isinstance(data, dict):
        raise InputError(
            f"{places[()]}: a study must be a mapping with 'name' and 'grid', got {shown(data)}"
        )
    for change in changes:
        apply_change(data, places, as_change(change) if isinstance(change, str) else change)
    if seeds is not None:
        apply_change(data, places, Change("seeds", str(seeds), f"--seeds {seeds}"))
    try:
        study = StudySpec.model_validate(data)
    except ValidationError as error:
        raise InputError(explain(error, places)) from None
    study._places = places
    return study


def as_change(text: str) -> Change:
    """Read one ``KEY=VALUE``; raises InputError when it is none."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise InputError(f"--set {text}: must be KEY=VALUE")
    return Change(key, value, f"--set {text}")


def apply_change(data: dict[str, Any], places: Places, change: Change) -> None:
    """Apply one change to the plain data of a study."""
    key, text, place = change
    value, _ = parse_yaml(text, place, lines=False)
    axes = data.get("grid")
    if isinstance(axes, dict) and key in axes:
        axes[key] = value if isinstance(value, list) and key != "model.hidden" else [value]
        move(places, ("grid", key), place)
        drop_overrides(data, places, key)
    elif key in StudySpec.model_fields and key not in RunSettings.model_fields:
        data[key] = value
        move(places, (key,), place)
    else:
        overrides = data.setdefault("overrides", [])
        if not isinstance(overrides, list):
            raise InputError(f"{places['overrides',]}: overrides must be a list")
        move(places, ("overrides", len(overrides)), place)
        overrides.append({"when": {}, "set": {key: value}})


def move(places: Places, path: KeyPath, place: str) -> None:
    """Give the value at a path, with all that it holds, another place."""
    for inside in [known for known in places if known[: len(path)] == path]:
        del places[inside]
    places[path] = place


def drop_overrides(data: dict[str, Any], places: Places, axis: str) -> None:
    """Drop the overrides that speak of values which a changed axis no longer has."""
    values = [as_component(axis, value) for value in data["grid"][axis]]
    rules = data.get("overrides")
    if not isinstance(rules, list):
        return
    for number in reversed(range(len(rules))):
        when = rules[number].get("when") if isinstance(rules[number], dict) else None
        wanted = as_component(axis, when.get(axis)) if isinstance(when, dict) else None
        if wanted is not None and not any(covers(value, wanted) for value in values):
            del rules[number]
            for path in [path for path in places if path[:1] == ("overrides",) and len(path) > 1]:
                if path[1] == number:
                    del places[path]
                elif isinstance(path[1], int) and path[1] > number:
                    places[("overrides", path[1] - 1, *path[2:])] = places.pop(path)
