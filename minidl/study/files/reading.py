"""Reading a text file, of at most a megabyte, or saying in one line why not."""

from __future__ import annotations

import io
from pathlib import Path

from minidl.study.errors import InputError

MAX_BYTES = 1_000_000


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file of at most ``MAX_BYTES``; raises InputError otherwise."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero character
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: cannot be read: {reason}") from None
    if len(data) > MAX_BYTES:
        raise InputError(f"{path}: the file is too large; allowed: {MAX_BYTES:,} bytes")
    try:
        return io.StringIO(data.decode("utf-8-sig"), newline=None).read()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        byte = data[error.start]
        raise InputError(f"{path}:{line}: must be UTF-8 text, got the byte 0x{byte:02x}") from None
