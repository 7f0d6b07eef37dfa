"""Whether two computers give the same numbers: what decides about rounding, side by side."""

from __future__ import annotations

from typing import Any

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
    """Return what two computers differ in, naming both sides; None when in nothing that counts.

    A commit is only known of a checkout, so it counts where both have one.
    """
    differing = [
        f"{words} {there.get(key)} there and {here[key]} here"
        for key, words in COMPARED.items()
        if there.get(key) != here[key] and not (key == "commit" and None in (here[key], there[key]))
    ]
    return ", ".join(differing) or None
