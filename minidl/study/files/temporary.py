"""Temporary files, each beside what it becomes; one that a kill has left is removed.

Who writes one holds its lock, which the system frees when its process ends, however it ends. So
whoever gets the lock of another's file has found one that nobody writes any more.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import stat
from contextlib import suppress

LONGEST = 50  # characters of a file's name that its temporary name repeats


def open_temporary(parent: int, name: str) -> tuple[int, str]:
    """Make a temporary file for a name in an open folder; return its descriptor and its name."""
    while True:
        temporary = f".{name[:LONGEST]}.{secrets.token_hex(4)}"
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666, dir_fd=parent)
        with suppress(OSError):  # a file system without locks: then nobody takes it for a leftover
            fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file).st_nlink:
            return file, temporary
        os.close(file)  # it was taken for a leftover, in the moment before it was locked


def remove_leftovers(parent: int, name: str) -> None:
    """Remove the temporary files for a name that killed processes have left, as far as one can."""
    pattern = re.compile(re.escape(f".{name[:LONGEST]}.") + "[0-9a-f]{8}")
    with suppress(OSError):
        for other in filter(pattern.fullmatch, os.listdir(parent)):  # a descriptor
            with suppress(OSError):  # somebody writes it, or it is gone
                remove_if_left(parent, other)


def remove_if_left(parent: int, name: str) -> None:
    """Remove a temporary file unless somebody holds its lock."""
    if not stat.S_ISREG(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
        return
    file = os.open(name, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=parent)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(name, dir_fd=parent)
    finally:
        os.close(file)
