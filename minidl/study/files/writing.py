"""Writing files: a reader sees the old file or the new one, never a half."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from minidl.study.errors import InputError


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file under a temporary name in its folder, then rename it.

    A link is followed. Raises InputError when the file cannot be written, or is there and is no
    regular file; what is there is then untouched.
    """
    path = path.resolve()
    refuse_special(path)
    data = content.encode() if isinstance(content, str) else content
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as f:
            temporary = Path(f.name)
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        temporary.chmod(0o666 & ~current_umask())
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def current_umask() -> int:
    """Return the process's umask, which only setting it reveals."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def refuse_special(path: Path) -> None:
    """Raise InputError for a folder, a device, or whatever else no file can take the place of."""
    if path.is_dir():
        raise InputError(f"{path}: is a folder; expected a file name")
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: is no regular file; expected a file name")


def check_writable(path: Path) -> None:
    """Raise InputError, before any work is done, when a file could not be written."""
    refuse_special(path)
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise InputError(f"{path}: the folder {path.parent} does not exist or cannot be written")
