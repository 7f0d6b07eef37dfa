"""What Python gives to ``minidl.run`` and ``minidl.read``, checked before anything comes of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from minidl.study.errors import InputError
from minidl.study.files.complaints import shown


def check_grid(value: Any) -> None:
    """Raise InputError unless a value is a grid, or names one."""
    holds = isinstance(value, (str, os.PathLike, Mapping))
    must(holds, "grid", "be a path, a name or a dictionary", value)


def check_path(name: str, value: Any) -> None:
    """Raise InputError unless a value is a path; an empty one is the current folder by accident."""
    path = os.fspath(value) if isinstance(value, (str, os.PathLike)) else None
    must(isinstance(path, str) and path != "" and "\0" not in path, name, "be a path", value)


def check_texts(name: str, value: Any) -> None:
    """Raise InputError unless a value is a list, or the like, of texts; one text is none."""
    several = isinstance(value, Sequence) and not isinstance(value, str)
    must(
        several and all(isinstance(item, str) for item in value), name, "be a list of texts", value
    )


def check_changes(name: str, value: Any) -> None:
    """Raise InputError unless a value maps texts to something."""
    holds = isinstance(value, Mapping) and all(isinstance(key, str) for key in value)
    must(holds, name, "map settings to values", value)


def check_flag(name: str, value: Any) -> None:
    """Raise InputError unless a value is True or False: "no" would be true."""
    must(isinstance(value, bool), name, "be True or False", value)


def must(holds: bool, name: str, what: str, value: Any) -> None:
    """Raise InputError that says what a value must be and what came, unless it is that."""
    if not holds:
        raise InputError(f"{name} must {what}, got {shown(value)}")
