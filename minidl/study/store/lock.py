"""One writer for each study, one for its reports: a lock file, and beside it who holds it."""

from __future__ import annotations

import fcntl
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from minidl.study.errors import InputError
from minidl.study.files.folder import open_inside, remove_inside, write_inside

PATIENCE = 10.0  # seconds that one waits for another's reports: writing them takes less
QUIET = 1.0  # seconds of these in which nothing is said
PAUSE = 0.05  # seconds between two attempts

OnWait = Callable[[str], None]


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold a study's folder for writing; raises InputError that names who holds it already.

    The system frees the lock when its process ends, however it ends.
    """
    with held(folder, "study", f"{folder}: another minidl is at work here", patience=0):
        yield


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
) -> Iterator[None]:
    """Hold ``what.lock``, and say in ``what.holder`` who does; raises InputError if others do."""
    holder = f"{what}.holder"
    file = open_lock(folder, f"{what}.lock")
    try:
        path, quiet = folder / f"{what}.lock", min(QUIET, patience)
        free = lock(file, quiet, path)
        if not free and patience > quiet:
            on_wait(f"{folder}: waiting for {named(folder, holder)}, which writes {what} here")
            free = lock(file, patience - quiet, path)
        if not free:
            raise InputError(f"{busy}: {named(folder, holder)}")
        write_inside(folder, holder, json.dumps({"pid": os.getpid(), "host": platform.node()}))
        try:
            yield
        finally:
            with suppress(OSError):  # one that stays says nothing while nobody holds the lock
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


def named(folder: Path, holder: str) -> str:
    """Return who holds a folder, as far as it says so."""
    who = said(folder, holder)
    return "its process is not known" if who is None else f"process {who[0]} on {who[1]}"


def said(folder: Path, holder: str) -> tuple[str, str] | None:
    """Return the process and the host that a holder's file names."""
    try:
        with os.fdopen(open_inside(folder, holder, os.O_RDONLY), "rb") as file:
            who = json.loads(file.read(1000))
        return f"{who['pid']!s:.20}", f"{who['host']!s:.100}"
    except (OSError, InputError, ValueError, KeyError, TypeError, RecursionError):
        return None


def writer(folder: Path) -> dict[str, str] | None:
    """Return which process trains in a folder now: ``pid`` and ``host``, None where nobody does.

    Of another host's it is not known whether it still runs.
    """
    who = said(folder, "study.holder")
    if who is None or (who[1] == platform.node() and not is_running(who[0])):
        return None
    return {"pid": who[0], "host": who[1]}


def is_running(pid: str) -> bool:
    """Whether there is such a process on this computer."""
    try:
        os.kill(max(1, int(pid)), 0)
    except PermissionError:
        return True
    except (ValueError, OverflowError, OSError):
        return False
    return True
