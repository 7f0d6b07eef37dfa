"""Where each component comes from: minidl itself, an installed package, or a person's own file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple


class Origin(NamedTuple):
    """A file and the SHA-256 of its text as it was read, or a package and its version."""

    name: str
    version: str


ORIGINS: dict[tuple[str, str], Origin] = {}  # kind and name of a component that is not minidl's


def origin(kind: str, name: str) -> str:
    """Return the name of where a component comes from."""
    found = ORIGINS.get((kind, name))
    return "minidl" if found is None else found.name


def versions(settings: dict[str, Any]) -> dict[str, str]:
    """Return the origins, with their versions, of all that a run computes with beside minidl.

    Metrics of one's own count in every run.
    """
    used = set(named(settings))
    return {
        found.name: found.version
        for (kind, name), found in sorted(ORIGINS.items())
        if kind == "metric" or name in used
    }


def named(settings: Any) -> Iterator[str]:
    """Yield the name of every component in nested settings."""
    if isinstance(settings, dict):
        if isinstance(settings.get("name"), str):
            yield settings["name"]
        for value in settings.values():
            yield from named(value)
    elif isinstance(settings, list):
        for value in settings:
            yield from named(value)
