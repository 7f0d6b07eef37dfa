"""One writer for each study, one for its reports: a lock file, and beside it who holds it.

What is written beside it is for people: nothing that is decided depends on it, written or read.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from minidl.study.errors import InputError
from minidl.study.files.folder import open_inside, remove_inside, write_inside
from minidl.study.store.progress import checked

PATIENCE = 60.0  # seconds that one waits for another's reports: a large page takes less
QUIET = 1.0  # seconds of these in which nothing is said
PAUSE = 0.05  # seconds between two attempts

MOST_BYTES = 20_000  # of what a holder says that are read

OnWait = Callable[[str], None]
Tell = Callable[[dict[str, Any]], None]  # writes how far its work is, for whoever asks


@contextmanager
def only_writer(folder: Path) -> Iterator[Tell]:
    """Hold a study's folder for writing; raises InputError that names who holds it already.

    The system frees the lock when its process ends, however it ends. What is yielded says more of
    the holder's work to whoever asks, as far as that can be written.
    """
    with held(folder, "study", f"{folder}: another minidl is at work here", patience=0) as tell:
        yield tell


@contextmanager
def one_reporter(folder: Path, on_wait: OnWait = lambda _: None) -> Iterator[None]:
    """Wait till nobody else writes reports into a folder, so that the last ones say the latest.

    Whoever reads the store under this lock and writes before leaving it cannot write over reports
    that know more. ``on_wait`` is told, after a second, for whom one waits.

    Raises InputError when there is no such folder, it cannot be written, or another process, which
    it names, holds the lock for ``PATIENCE`` seconds: that one has been stopped.
    """
    try:
        found = folder.is_dir()
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror}") from None
    if not found:
        raise InputError(f"{folder}: no study here")
    busy = f"{folder}: another minidl has been writing reports here for {PATIENCE:g} seconds"
    with held(folder, "reports", busy, patience=PATIENCE, on_wait=on_wait):
        yield


@contextmanager
def held(
    folder: Path, what: str, busy: str, *, patience: float, on_wait: OnWait = lambda _: None
) -> Iterator[Tell]:
    """Hold ``what.lock``, and say in ``what.holder`` who does; raises InputError if others do."""
    holder, path = f"{what}.holder", folder / f"{what}.lock"
    file = open_lock(folder, path.name)
    try:
        quiet = min(QUIET, patience)
        free = lock(file, quiet, path)
        if not free and patience > quiet:
            on_wait(f"{folder}: waiting for {named(folder, holder)}, which writes {what} here")
            free = lock(file, patience - quiet, path)
        if not free:
            raise InputError(f"{busy}: {named(folder, holder)}")
        who = {"pid": os.getpid(), "host": platform.node()}
        write_inside(folder, holder, json.dumps(who))

        def tell(more: dict[str, Any]) -> None:
            with suppress(OSError, InputError):  # it is not worth a stack
                if is_still(path, file):
                    write_inside(folder, holder, json.dumps({**who, "progress": more}))

        try:
            yield tell
        finally:
            with suppress(OSError):  # one that stays says nothing while nobody holds the lock
                if is_still(path, file):
                    remove_inside(folder, holder)
    finally:
        os.close(file)  # which frees the lock


def open_lock(folder: Path, name: str) -> int:
    """Return the descriptor of a lock file, made when it is not there. Nothing is written to it."""
    try:
        return open_inside(folder, name, os.O_RDWR | os.O_CREAT)
    except PermissionError as error:
        if (folder / name).exists() and os.access(folder, os.W_OK):
            owner = f"{folder / name}: belongs to user {(folder / name).stat().st_uid}"
            raise InputError(f"{owner} and cannot be opened: {error.strerror}") from None
        raise InputError(f"{folder}: cannot be written: {error.strerror}") from None
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}") from None


def lock(file: int, patience: float, path: Path) -> bool:
    """Lock an open file, trying again for some seconds; False when somebody else holds it.

    Raises InputError where files cannot be locked.
    """
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(PAUSE)
        except OSError as error:
            raise InputError(f"{path}: cannot be locked: {error.strerror}") from None
        else:
            return True


def is_still(path: Path, file: int) -> bool:
    """Whether an open file is what a path leads to: a folder may be renamed, and another made."""
    return os.path.samestat(os.fstat(file), os.lstat(path))


def named(folder: Path, holder: str) -> str:
    """Return who holds a folder, as far as it says so."""
    who = said(folder, holder)
    return "its process is not known" if who is None else f"process {who['pid']} on {who['host']}"


def said(folder: Path, holder: str) -> dict[str, Any] | None:
    """Return what a holder's file says: ``pid`` and ``host``, and the ``progress`` or None."""
    try:
        with os.fdopen(open_inside(folder, holder, os.O_RDONLY), "rb") as file:
            who = json.loads(file.read(MOST_BYTES))
        named = {"pid": f"{who['pid']!s:.20}", "host": f"{who['host']!s:.100}"}
        return {**named, "progress": who.get("progress")}
    except (OSError, InputError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def writer(folder: Path) -> dict[str, Any] | None:
    """Return which process trains in a folder now, None where nobody does: its ``pid`` and
    ``host``, and the ``progress`` that it tells of, None where that is no such thing.

    Of another host's process it is not known whether it still runs.
    """
    who = said(folder, "study.holder")
    if who is None or (who["host"] == platform.node() and not is_running(who["pid"])):
        return None
    return {**who, "progress": checked(who["progress"])}


def is_running(pid: str) -> bool:
    """Whether there is such a process on this computer."""
    try:
        os.kill(max(1, int(pid)), 0)
    except PermissionError:
        return True
    except (ValueError, OverflowError, OSError):
        return False
    return True
