"""Reading a regular text file of a limited size, or saying in one line why not."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

from minidl.study.errors import InputError

MAX_BYTES = 1_000_000
PIPES = ("/dev/stdin", "/dev/fd/")  # what a user writes for a pipe: a shell's <(...) is one too


class UnreadableError(InputError):
    """A file that cannot be read at all."""


def read_text(path: Path, *, pipe: bool = False, most: int = MAX_BYTES) -> str:
    """Return the text of a UTF-8 file of at most ``most`` bytes.

    ``pipe`` allows standard input or a pipe, for a path that the user has named himself. Raises
    InputError for what cannot be read, and for whatever one might wait for: a FIFO, a device.
    """
    try:
        data = read_bytes(path, pipe and str(path).startswith(PIPES), most + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero character
        reason = getattr(error, "strerror", None) or error
        raise UnreadableError(f"{path}: cannot be read: {reason}") from None
    check_size(len(data), most, f"{path}: the file")
    try:
        return io.StringIO(data.decode("utf-8-sig"), newline=None).read()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        byte = data[error.start]
        raise InputError(f"{path}:{line}: must be UTF-8 text, got the byte 0x{byte:02x}") from None


def read_bytes(path: Path, pipe: bool, most: int) -> bytes:
    """Return a file's first bytes; raises OSError, or ValueError when it is not a regular file."""
    file = os.open(path, os.O_RDONLY | (0 if pipe else os.O_NONBLOCK))
    with os.fdopen(file, "rb", closefd=True) as reader:
        kind = os.fstat(file).st_mode
        if not (pipe or stat.S_ISREG(kind)):
            raise ValueError("is not a regular file")
        return reader.read(most)


def check_size(size: int, most: int, what: str) -> None:
    """Raise InputError when a text is larger than what is read again."""
    if size > most:
        raise InputError(f"{what} is too large; allowed: {most:,} bytes")
