"""One writer for each study: a lock file, and beside it who holds it."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from minidl.study.errors import InputError
from minidl.study.files.writing import write_atomically


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold a study's folder for writing; raises InputError that names who holds it already.

    The system frees the lock when its process ends, however it ends.
    """
    holder = folder / "study.holder"
    with acquire(folder, holder):
        write_atomically(holder, json.dumps({"pid": os.getpid(), "host": platform.node()}))
        try:
            yield
        finally:
            holder.unlink(missing_ok=True)


@contextmanager
def one_reporter(folder: Path) -> Iterator[None]:
    """Wait till nobody else writes reports into a folder, so that the last ones say the latest.

    Whoever reads the store under this lock and writes before leaving it cannot write over reports
    that know more. Raises InputError when there is no such folder, or it cannot be written.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no study here")
    try:
        lock = FileLock(folder / "reports.lock").acquire()
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}") from None
    with lock:
        yield


def acquire(folder: Path, holder: Path) -> AbstractContextManager[object]:
    """Return the lock, acquired at once or not at all; it is released at the end of a ``with``."""
    try:
        return FileLock(folder / "study.lock", timeout=0).acquire()
    except Timeout:
        raise InputError(f"{folder}: another minidl is at work here: {named(holder)}") from None
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}") from None


def named(holder: Path) -> str:
    """Return who holds a folder, as far as it says so."""
    try:
        who = json.loads(holder.read_text())
        return f"process {who['pid']} on {who['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "its process is not known"
