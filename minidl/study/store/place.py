"""Where a store's file lies: in the folder that was named, and nowhere else."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from minidl.study.errors import InputError
from minidl.study.files.folder import descriptor, explain, open_inside, refuse_special
from minidl.study.files.reading import MAX_BYTES, check_size

if TYPE_CHECKING:
    from minidl.study.grid.spec import StudySpec

BESIDE = ("-journal", "-wal", "-shm")  # the files that SQLite lays beside a database


def make_folder(study: StudySpec, folder: Path) -> None:
    """Make the folder that a study's store is to lie in, unless it is there.

    Raises InputError when it cannot be made, or the study is too large to be read again.
    """
    check_size(len(study.to_yaml()), MAX_BYTES, f"study {study.name}: the file as resolved")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made: {error.strerror}") from None


def open_in_place(folder: Path, name: str, *, create: bool) -> sqlite3.Connection:
    """Open the database of that name in a folder; an empty one is laid first when told so.

    Raises InputError when the database, or a file that SQLite would write beside it, is a link of
    either kind, since SQLite would write into whatever else bears that name.
    """
    check_names(folder, name)
    if create and not (folder / name).is_dir():
        with explain(folder / name):
            os.close(open_inside(folder, name, os.O_RDWR | os.O_CREAT))
    path = folder.resolve() / name
    connection = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=30)
    try:
        check_place(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def is_absent(path: Path) -> bool:
    """Whether no database is there: no file, or the empty one that a kill can leave.

    Raises InputError when the system does not say.
    """
    try:
        return not path.is_symlink() and not (path.is_file() and path.stat().st_size)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def check_names(folder: Path, name: str) -> None:
    """Raise InputError when a database, or a file that SQLite may lay beside it, lies elsewhere."""
    for each in (name, *(f"{name}{end}" for end in BESIDE)):
        refuse_elsewhere(folder, each)


def refuse_elsewhere(folder: Path, name: str) -> None:
    """Raise InputError for a link, a hard link, a device; a folder SQLite refuses itself."""
    path = folder / name
    with explain(path), descriptor(folder, below=folder) as held:
        try:
            found = os.stat(name, dir_fd=held, follow_symlinks=False)
        except FileNotFoundError:
            return
        if stat.S_ISDIR(found.st_mode):
            return
        refuse_special(path, held)
    if found.st_nlink > 1:
        raise InputError(f"{path}: has a second name elsewhere (a hard link); copy it with cp")


def check_place(connection: sqlite3.Connection, path: Path) -> None:
    """Raise InputError when a link led SQLite elsewhere: one that was laid after the look above.

    SQLite follows links when it is given a name and never later, and says here where it came to;
    nothing has been read or written so far.
    """
    query = "SELECT CAST(file AS BLOB) FROM pragma_database_list WHERE name = 'main'"
    (found,) = connection.execute(query).fetchone()
    if found != os.fsencode(path):
        raise InputError(f"{path}: is a link, and links inside a study's folder are not followed")
