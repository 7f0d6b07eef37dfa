"""Whether settings have the values that a rule names (when, exclude, --only), or are equal."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from minidl.registry import CHOSEN


def as_component(key: str, value: Any) -> Any:
    """Return a component's bare name as the mapping that it stands for."""
    return {"name": value} if key in CHOSEN and isinstance(value, str) else value


def agrees(settings: dict[str, Any], rule: dict[str, Any]) -> bool:
    """Whether settings (nested, or a cell's dotted ones) have every value of a rule."""
    return all(covers(look_up(settings, key), as_component(key, rule[key])) for key in rule)


def look_up(settings: dict[str, Any], key: str) -> Any:
    """Return the value of a dotted key, None where there is none."""
    if key in settings:
        return as_component(key, settings[key])
    value: Any = settings
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return as_component(key, value)


def covers(value: Any, wanted: Any) -> bool:
    """Whether a value is what a rule wants; of a mapping it may name a part."""
    if isinstance(value, dict) and isinstance(wanted, dict):
        return all(key in value and value[key] == wanted[key] for key in wanted)
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


def frozen(value: Any) -> Hashable:
    """Return plain data as a value to compare by: the order of keys does not count, 1 is 1.0."""
    if isinstance(value, dict):
        return frozenset((key, frozen(item)) for key, item in value.items())
    if isinstance(value, list):
        return tuple(map(frozen, value))
    return (isinstance(value, bool), value)
