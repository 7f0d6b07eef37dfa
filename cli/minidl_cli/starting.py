"""The first seconds of a study: what takes long is begun at once, and a terminal says so."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

WIPE = "\r\033[K"


@contextmanager
def starting(jobs: int, quiet: bool) -> Iterator[None]:
    """Start what workers are forked from, so that it loads torch while this process does.

    The line on the terminal is wiped in the end: what follows may be an error.
    """
    shows = not quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    if shows:
        workers = "1 worker" if jobs == 1 else f"{jobs} workers"
        print(f"starting {workers} …", end="", file=sys.stderr, flush=True)
    if jobs > 1:
        from minidl.study.jobs.template import start_template

        with suppress(OSError):  # where a worker is started it is tried again, and complained about
            start_template()
    gc.disable()  # a tenth of the time that modules take to load
    try:
        yield
    finally:
        gc.freeze()  # they stay
        gc.enable()
        if shows:
            print(WIPE, end="", file=sys.stderr, flush=True)
