"""Renaming a file inside a folder, to a name that nothing bears: nothing is written over."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from minidl.study.errors import InputError
from minidl.study.files.folder import descriptor, mode_of


def rename_inside(folder: Path, name: str, others: Iterable[str]) -> None:
    """Rename a file in a folder, if it is there, to the first name that nothing bears yet.

    Whoever calls holds the folder's lock, so that no other minidl takes that name meanwhile.
    Raises InputError when it cannot be renamed.
    """
    try:
        with descriptor(folder, below=folder) as held:
            if mode_of(folder / name, held):
                other = next(each for each in others if not mode_of(folder / each, held))
                os.rename(name, other, src_dir_fd=held, dst_dir_fd=held)
    except OSError as error:
        raise InputError(f"{folder / name}: cannot be moved aside: {error.strerror}") from None
