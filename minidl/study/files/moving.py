"""Renaming a file inside a folder, to a name that nothing bears: nothing is written over."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from minidl.study.errors import InputError
from minidl.study.files.folder import descriptor, mode_of


def rename_inside(folder: Path, name: str, others: Iterable[str]) -> None:
    """Rename a file in a folder, if it is there, to the first name that nothing bears yet.

    Raises InputError when it cannot be renamed.
    """
    try:
        with descriptor(folder, below=folder) as held:
            if mode_of(folder / name, held):
                other = next(each for each in others if reserve(each, held))
                take_name(name, other, held)
    except OSError as error:
        raise InputError(f"{folder / name}: cannot be moved aside: {error.strerror}") from None


def take_name(name: str, other: str, parent: int) -> None:
    """Rename a file to a name that is reserved, which is given back when that does not work."""
    try:
        os.replace(name, other, src_dir_fd=parent, dst_dir_fd=parent)
    except OSError:
        os.unlink(other, dir_fd=parent)
        raise


def reserve(name: str, parent: int) -> bool:
    """Make an empty file, and tell whether the name was free until now."""
    try:
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, dir_fd=parent))
    except FileExistsError:
        return False
    return True
