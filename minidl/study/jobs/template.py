"""The process that workers are forked from: it has loaded torch once, so that they start at once.

It may be started before this process loads torch itself, and then both load it at the same time.
Nothing is computed in it, so no thread runs there when it is forked.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver

from minidl.study.jobs.interrupts import interrupts_held
from minidl.study.jobs.isolation import current_folder_last

FORKED = multiprocessing.get_context("forkserver")
PRELOADED = ["minidl.study.jobs.processes"]
PATH = "PYTHONPATH"


def start_template() -> None:
    """Start it, unless it is there; raises OSError when the system refuses one more process."""
    FORKED.set_forkserver_preload(PRELOADED)
    with current_folder_last(), same_path(), interrupts_held():
        forkserver.ensure_running()


@contextmanager
def same_path() -> Iterator[None]:
    """Let a process that starts here find what it loads where this one does."""
    before = os.environ.get(PATH)
    os.environ[PATH] = os.pathsep.join(sys.path)
    try:
        yield
    finally:
        if before is None:
            del os.environ[PATH]
        else:
            os.environ[PATH] = before
