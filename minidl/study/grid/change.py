"""Changing a study from outside, ``--set KEY=VALUE``, and what a changed axis takes with it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from minidl.study.errors import InputError
from minidl.study.files.yaml_file import KeyPath, Places, parse_yaml
from minidl.study.grid.axes import stands_for_list, write_out
from minidl.study.grid.complete import complete
from minidl.study.grid.matching import as_component, covers
from minidl.study.grid.settings import RunSettings
from minidl.study.grid.short_keys import full_key
from minidl.study.grid.spec import StudySpec

RULES = ("overrides", "exclude", "include")


class Change(NamedTuple):
    """A setting that is changed from outside the file: its new value as YAML, and who says so."""

    key: str
    text: str
    place: str


def as_change(text: str) -> Change:
    """Read one ``KEY=VALUE``; raises InputError when it is none."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise InputError(f"--set {text}: must be KEY=VALUE")
    return Change(key, value, f"--set {text}")


def apply_changes(data: dict[str, Any], places: Places, changes: Sequence[Change]) -> None:
    """Apply changes to the plain data of a study: the grid, its axes, other keys of the study, and
    single settings. In this order no change undoes another: a changed axis takes rules of the file
    with it, but none that is new, and a new list of overrides comes before those that are added.
    """
    changes = [change._replace(key=full_key(change.key, change.place)) for change in changes]
    grid = [change for change in changes if change.key == "grid"]
    for change in grid:
        apply_change(data, places, change)
    found = data.get("grid")
    axes = found if isinstance(found, dict) else {}
    rest = [change for change in changes if change.key != "grid"]
    for change in sorted(
        rest, key=lambda c: 0 if c.key in axes else 1 if is_of_study(c.key) else 2
    ):
        apply_change(data, places, change)


def is_of_study(key: str) -> bool:
    """Whether a key is the study's own, such as ``seeds`` or ``overrides``."""
    return key in StudySpec.model_fields and key not in RunSettings.model_fields


def apply_change(data: dict[str, Any], places: Places, change: Change) -> None:
    """Apply one change to the plain data of a study."""
    key, text, place = change
    value, several = read_value(key, text, place)
    axes = data.get("grid")
    new = as_axis(key, [], value) if several else []
    if isinstance(axes, dict) and key not in axes and len(new) > 1:
        axes[key] = new
        move(places, ("grid", key), place)
        silence(data, places, key)
    elif isinstance(axes, dict) and key in axes:
        old = axes[key] if isinstance(axes[key], list) else []
        axes[key] = as_axis(key, old, value)
        move(places, ("grid", key), place)
        drop_rules(data, places, key, old)
    elif is_of_study(key):
        data[key] = value
        move(places, (key,), place)
    else:
        overrides = data.setdefault("overrides", [])
        if not isinstance(overrides, list):
            raise InputError(f"{places['overrides',]}: overrides must be a list")
        move(places, ("overrides", len(overrides)), place)
        overrides.append({"when": {}, "set": {key: value}})


def read_value(key: str, text: str, place: str) -> tuple[Any, bool]:
    """Return what a text says, and whether that is several values for a setting: ``0.1,0.2``, with
    commas and no brackets around them, or a way to draw them.
    """
    several = None
    if "," in text and not text.lstrip().startswith(("'", '"')) and not is_one(key):
        with suppress(InputError):
            several, _ = parse_yaml(f"[{text}]", place, lines=False)
    try:
        value, _ = parse_yaml(text, place, lines=False)
    except InputError:
        if several is None:
            raise
        return several, not is_of_study(key)
    if stands_for_list(value) and not is_of_study(key):
        return write_out(key, value, place), True
    if isinstance(value, str) and several is not None:
        return several, not is_of_study(key)
    return value, False


def is_one(key: str) -> bool:
    """Whether a key is the study's own and no list: a comma in its value is a part of it."""
    return is_of_study(key) and key not in ("seeds", "components")


def silence(data: dict[str, Any], places: Places, key: str) -> None:
    """Drop what the file's overrides say of a setting that gets new values from outside."""
    found = data.get("overrides")
    rules = found if isinstance(found, list) else []
    for number in reversed(range(len(rules))):
        changed = rules[number].get("set") if isinstance(rules[number], dict) else None
        if isinstance(changed, dict) and key in changed:  # null is a value too
            del changed[key]
            if not changed:
                del rules[number]
                forget(places, "overrides", number)


def as_axis(key: str, old: list[Any], value: Any) -> list[Any]:
    """Return the values of a changed axis: a list is its values, or, where each value is a list, a
    list of lists is.
    """
    of_lists = key == "model.hidden" or any(isinstance(item, list) for item in old)
    lists = isinstance(value, list) and any(isinstance(item, list) for item in value)
    return value if (lists if of_lists else isinstance(value, list)) else [value]


def move(places: Places, path: KeyPath, place: str) -> None:
    """Give the value at a path, with all that it holds, another place."""
    for inside in [known for known in places if known[: len(path)] == path]:
        del places[inside]
    places[path] = place


def drop_rules(data: dict[str, Any], places: Places, axis: str, old: list[Any]) -> None:
    """Drop the rules that speak of values which an axis had and no longer has."""
    for kind in RULES:
        rules = data.get(kind)
        if not isinstance(rules, list):
            continue
        for number in reversed(range(len(rules))):
            rule = rules[number]
            if kind == "overrides" and isinstance(rule, dict):
                rule = rule.get("when")
            if isinstance(rule, dict) and is_gone(rule, axis, old, data["grid"][axis]):
                del rules[number]
                forget(places, kind, number)


def is_gone(rule: dict[str, Any], axis: str, old: list[Any], new: list[Any]) -> bool:
    """Whether a rule wants a value of an axis, or a part of one, that only the old one has."""
    for key, value in rule.items():
        if key == axis:
            wanted = as_component(axis, value)
        elif key.startswith(f"{axis}."):
            wanted = {key.removeprefix(f"{axis}."): value}
        else:
            continue
        had, has = (any(covers(complete(axis, v), wanted) for v in vs) for vs in (old, new))
        if had and not has:
            return True
    return False


def forget(places: Places, kind: str, number: int) -> None:
    """Drop the places of one rule of a list; those behind it move up."""
    for path in [path for path in places if path[:1] == (kind,) and len(path) > 1]:
        at = path[1]
        if at == number:
            del places[path]
        elif isinstance(at, int) and at > number:
            places[(kind, at - 1, *path[2:])] = places.pop(path)
