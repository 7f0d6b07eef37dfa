"""Whether two computers give the same numbers: what decides about rounding, side by side."""

from __future__ import annotations

from typing import Any

import minidl.everything  # noqa: F401  # sets MKL_CBWR, which the environment reads once
from minidl.study.errors import InputError
from minidl.study.grid.installed import packages
from minidl.study.store.environment import environment

# What rounding or the program depends on, in words.
COMPARED = {
    "minidl": "minidl",
    "commit": "minidl of commit",
    "python": "Python",
    "torch": "torch",
    "capability": "the processor's capability",
    "MKL_CBWR": "MKL_CBWR",
    "packages": "packages of components",
}


class UnlikeError(InputError):
    """Another computer might give other numbers; the text says what differs."""


def facts() -> dict[str, Any]:
    """Return what a computer trains with: its environment, and packages with components."""
    return {**environment(), "packages": packages()}


def difference(here: dict[str, Any], there: dict[str, Any]) -> str | None:
    """Return what two computers differ in, naming both sides; None when in nothing that counts."""
    sides = {key: (comparable(key, there.get(key)), comparable(key, here[key])) for key in COMPARED}
    differing = [
        f"{COMPARED[key]} {other} there and {own} here"
        for key, (other, own) in sides.items()
        if other != own and not (key == "commit" and None in (other, own))  # not of a checkout
    ]
    return ", ".join(differing) or None


def comparable(key: str, value: Any) -> Any:
    """Return a fact as it is compared: that a file has changed since a commit says not which."""
    return value.removesuffix("-dirty") if key == "commit" and value is not None else value
