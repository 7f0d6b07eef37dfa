"""Writing a file that the user has named: a reader sees the old file or the new, never a half."""

from __future__ import annotations

import os
from pathlib import Path

from minidl.study.errors import InputError
from minidl.study.files.folder import explain, write_inside


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file under a temporary name in its folder, then rename it.

    A link is followed, since the user has named it himself. Raises InputError when the file cannot
    be written, or is there and is not a regular file; what is there is then untouched.
    """
    with explain(path):
        path = path.resolve()
        refuse_special(path)
    write_inside(path.parent, path.name, content)


def refuse_special(path: Path) -> None:
    """Raise InputError for a folder, a device, or whatever else no file can take the place of."""
    if path.is_dir():
        raise InputError(f"{path}: is a folder; expected a file name")
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: is not a regular file; expected a file name")


def check_writable(path: Path) -> None:
    """Raise InputError, before any work is done, when a file could not be written."""
    with explain(path):
        refuse_special(path)
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise InputError(f"{path}: the folder {path.parent} does not exist or cannot be written")
