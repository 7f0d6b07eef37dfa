"""A clock that is hours off and jumps an hour forth and back while a process runs.

It is put into a process by a ``sitecustomize.py``, which Python runs first of all. What only goes
forward, ``time.monotonic`` and ``time.perf_counter``, is left alone, as a system leaves it.

A process leaves a mark when it first reads the time: so a test knows that its clock was wrong.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

SHIFTING = """
import datetime, json, os, sys, time
from pathlib import Path

off, real, real_ns, born = float(os.environ["HOURS_OFF"]), time.time, time.time_ns, time.monotonic()

marked = []

def mark():
    marked.append(True)  # first, for what follows may read the time
    hours = (time.time() - real()) / 3600
    path = Path(__file__).parent / f"{os.getpid()}.mark"
    path.write_text(json.dumps([sys.orig_argv, hours]))

def wrong():
    if not marked:
        mark()
    jumped = int((time.monotonic() - born) / 0.7) % 2
    return 3600 * (off + jumped)

class Datetime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)

time.time = lambda: real() + wrong()
time.time_ns = lambda: real_ns() + int(1e9 * wrong())
datetime.datetime = Datetime
"""


def marks(folder: Path) -> list[tuple[str, float]]:
    """Return the command of each process that has read a wrong clock, and how many hours off."""
    found = (json.loads(path.read_text()) for path in folder.glob("*.mark"))
    return [(" ".join(words), hours) for words, hours in found]


def wrong_clock(folder: Path, hours: float) -> dict[str, str]:
    """Return the environment of a process whose clock is so many hours off."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(SHIFTING)
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    return {"PYTHONPATH": path, "HOURS_OFF": str(hours)}
