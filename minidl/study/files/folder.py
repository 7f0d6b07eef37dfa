"""Files inside a folder that was named: no link that lies in it is followed, so none leads out.

The folder itself may be reached through a link. Below it every name is opened against the folder's
descriptor and with ``O_NOFOLLOW``, so that nothing that is swapped in meanwhile is followed either.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from minidl.study.errors import InputError
from minidl.study.files.temporary import open_temporary, remove_leftovers

FOLDER = os.O_RDONLY | os.O_DIRECTORY
NO_LINK = os.O_NOFOLLOW | os.O_NONBLOCK  # nor does opening a FIFO wait for its other end


def write_inside(folder: Path, name: str | Path, content: str | bytes) -> None:
    """Write a file below a folder: a reader sees the old one or the new one, never a half.

    Folders in ``name`` are made when they are not there. Raises InputError when a part of ``name``
    is a link, or the file cannot be written; what is there is then untouched.
    """
    path = folder / name
    data = content.encode() if isinstance(content, str) else content
    with explain(path), descriptor(path.parent, below=folder) as parent:
        refuse_special(path, parent)
        replace_file(parent, path.name, data)


def replace_file(parent: int, name: str, data: bytes) -> None:
    """Write a file under a temporary name beside it, then rename it: a link would be replaced."""
    remove_leftovers(parent, name)
    file, temporary = open_temporary(parent, name)
    try:
        with os.fdopen(file, "wb") as writer:
            writer.write(data)
            writer.flush()
            os.fsync(file)
            os.replace(temporary, name, src_dir_fd=parent, dst_dir_fd=parent)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=parent)
        raise


@contextmanager
def descriptor(path: Path, below: Path) -> Iterator[int]:
    """Yield the descriptor of a folder, every part of whose path below another is no link.

    Parts that are not there are made. Raises InputError for a link or a file, OSError for all else.
    """
    held = os.open(below, FOLDER)
    try:
        for part in path.relative_to(below).parts:
            below = below / part
            refuse_no_folder(below, held)
            with suppress(FileExistsError):
                os.mkdir(part, dir_fd=held)
            inner = os.open(part, FOLDER | os.O_NOFOLLOW, dir_fd=held)
            os.close(held)
            held = inner
        yield held
    finally:
        os.close(held)


def open_inside(folder: Path, name: str, flags: int) -> int:
    """Open a regular file in a folder, and return its descriptor.

    Raises InputError when it is a link or something special, OSError when it cannot be opened.
    """
    with descriptor(folder, below=folder) as held:
        refuse_special(folder / name, held)
        file = os.open(name, flags | NO_LINK, 0o644, dir_fd=held)
    if stat.S_ISREG(os.fstat(file).st_mode):
        return file
    os.close(file)
    raise InputError(f"{folder / name}: is not a regular file; expected a file")


def remove_inside(folder: Path, name: str | Path) -> None:
    """Remove a file below a folder, if it is there; of a link, the link."""
    path = folder / name
    with suppress(FileNotFoundError), descriptor(path.parent, below=folder) as held:
        try:
            os.unlink(path.name, dir_fd=held)
        except OSError as error:
            error.filename = str(path)  # it knows the name in the folder alone
            raise


def mode_of(path: Path, parent: int) -> int:
    """Return the mode of what stands under a path's name in its folder, 0 for nothing."""
    try:
        return os.stat(path.name, dir_fd=parent, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return 0


def refuse_link(path: Path, parent: int) -> None:
    """Raise InputError for a link, which might lead out of the folder."""
    if stat.S_ISLNK(mode_of(path, parent)):
        raise InputError(f"{path}: is a link, and links inside a study's folder are not followed")


def refuse_no_folder(path: Path, parent: int) -> None:
    """Raise InputError for what is there and is not a folder."""
    refuse_link(path, parent)
    mode = mode_of(path, parent)
    if mode and not stat.S_ISDIR(mode):
        raise InputError(f"{path}: is not a folder; expected a folder")


def refuse_special(path: Path, parent: int) -> None:
    """Raise InputError for a link, a folder, a device: whatever no file can take the place of."""
    refuse_link(path, parent)
    mode = mode_of(path, parent)
    if stat.S_ISDIR(mode):
        raise InputError(f"{path}: is a folder; expected a file name")
    if mode and not stat.S_ISREG(mode):
        raise InputError(f"{path}: is not a regular file; expected a file name")


@contextmanager
def explain(path: Path) -> Iterator[None]:
    """Turn the system's error into an InputError of one line: the path cannot be written."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None
