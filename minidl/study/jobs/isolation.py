"""What a worker process inherits: no file of the current folder takes the place of a library's.

A folder may hold a ``signal.py`` of its user's, or a stranger's. A program that is started by its
name never sees it, but a child of it would: ``python -c``, which is how processes are started,
puts the current folder before the standard library.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOME = Path(__file__).resolve().parents[3]
SAFE = "PYTHONSAFEPATH"  # python puts no folder of its own choice before the standard library


@contextmanager
def current_folder_last() -> Iterator[None]:
    """Let processes that start here look for modules in the current folder last of all.

    It is not left out: the components of a notebook or a script may lie there.
    """
    path, safe = sys.path, os.environ.get(SAFE)
    program = vars(sys.modules["__main__"])
    name = program.get("__file__")
    try:
        sys.path = behind_libraries(path)  # this is what the process searches once it runs
        os.environ[SAFE] = safe or "1"  # and this holds until then
        if name is not None and str(name).startswith("<"):
            del program["__file__"]  # a program from <stdin>: no file that the process could read
        yield
    finally:
        sys.path = path
        if safe is None:
            os.environ.pop(SAFE, None)
        else:
            os.environ[SAFE] = safe
        if name is not None:
            program["__file__"] = name


def behind_libraries(path: list[str]) -> list[str]:
    """Return a search path with the current folder at its end, unless minidl itself is there."""
    here = Path.cwd().resolve()
    if here == HOME:
        return path
    last = [entry for entry in path if Path(entry).resolve() == here]
    return [entry for entry in path if entry not in last] + last
