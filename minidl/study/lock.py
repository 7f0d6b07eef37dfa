"""One writer for each study: a lock file that says who holds it."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from minidl.study.errors import InputError


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold a study's folder for writing; raises InputError that names who holds it already."""
    holder = folder / "study.holder"
    try:
        lock = FileLock(folder / "study.lock", timeout=0)
        with lock:
            holder.write_text(json.dumps({"pid": os.getpid(), "host": platform.node()}))
            try:
                yield
            finally:
                holder.unlink(missing_ok=True)
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
