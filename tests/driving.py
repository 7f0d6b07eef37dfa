"""Commands as processes that can be killed, commands in this process, and what a store holds."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from minidl_cli.main import app

MINIDL = Path(sys.executable).with_name("minidl")
POISON = Path(__file__).with_name("poison.py")
PATIENCE = 60.0  # seconds: only how long a test that is bound to fail takes to do so

# A shell that begins the tests in the background has them, and what they begin, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

TAKE_OVER_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""

TINY = """
name: tiny
data: {name: disk, train: 40, test: 40}
model: {hidden: [5]}
epochs: 4
evaluate_every: 2
seeds: 2
grid:
  activation: [tanh, relu]
  loss: [mse, bce]
  optimizer:
    - {name: sgd, lr: 0.2}
    - {name: adam, lr: 0.01}
"""

# Eight shapes, so sixteen stacks for two jobs: something is stored every tenth of a second or so.
MANY_STACKS = """
name: many
data: {name: disk, train: 200, test: 50}
epochs: 20
evaluate_every: 10
seeds: 2
grid:
  activation: [tanh, relu]
  optimizer:
    - {name: sgd, lr: 0.2}
    - {name: adam, lr: 0.01}
  model.hidden: [[6], [7], [8], [9]]
"""


def write(folder: Path, study: str) -> Path:
    """Write a grid file and return its path."""
    path = folder / "grid.yaml"
    path.write_text(study)
    return path


def minidl(*arguments: object, code: int | None = 0) -> Result:
    """Run a command in this process, and hold its exit code against what is expected.

    With no code, it may end well or refuse its input, in one line.
    """
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code in ((0, 2) if code is None else (code,)), done.output
    assert done.exit_code != 2 or re.fullmatch("minidl: .*\n", done.stderr), done.stderr
    return done


def contents(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Return what a store holds of each run, but for the time and the place it was made."""
    with closing(sqlite3.connect(folder / "study.sqlite")) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
        curves: dict[str, list[tuple[Any, ...]]] = {}
        for run_id, *point in store.execute("SELECT * FROM curve ORDER BY run_id, epoch"):
            curves.setdefault(run_id, []).append(tuple(point))
        weights = dict(store.execute("SELECT * FROM weights"))
        rows = store.execute(
            "SELECT id, settings, seed, status, error, diverged_at, train_loss, train_accuracy, "
            "test_loss, test_accuracy FROM run"
        ).fetchall()
    assert set(curves) | set(weights) <= {row[0] for row in rows}
    return {row[0]: (*row[1:], curves.get(row[0]), weights.get(row[0])) for row in rows}


def stored(folder: Path) -> int:
    """Return how many runs are in a store, 0 while there is none."""
    try:
        with closing(sqlite3.connect(f"file:{folder}/study.sqlite?mode=ro", uri=True)) as store:
            return store.execute("SELECT count(*) FROM run").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def wait_until(holds: Callable[[], Any], what: str) -> None:
    """Wait until something holds; fail when it never does."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.01)


class Driver:
    """A command that runs as a process group of its own, with whatever processes it begins."""

    def __init__(self, *arguments: object, program: Path = MINIDL, terminal: int | None = None):
        self.mark = f"MINIDL_TEST={uuid.uuid4().hex}"
        pipe = subprocess.PIPE if terminal is None else terminal
        take_over = [] if terminal is None else [sys.executable, "-c", TAKE_OVER_TERMINAL]
        self.process = subprocess.Popen(
            [*take_over, sys.executable, program, *map(str, arguments)],
            stdin=subprocess.DEVNULL if terminal is None else terminal,
            stdout=pipe,
            stderr=pipe,
            text=True,
            start_new_session=True,
            env={**os.environ, "MINIDL_TEST": self.mark.partition("=")[2]},
        )

    def processes(self) -> dict[int, str]:
        """Return the command lines of the driver and all that it began, orphans too."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (folder / "environ").read_bytes():
                    found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
            except OSError:  # it has just ended
                continue
        return found

    def workers(self) -> list[int]:
        """Return the process ids of its workers."""
        return [pid for pid, line in self.processes().items() if "--multiprocessing-fork" in line]

    def wait_for_workers(self, count: int) -> list[int]:
        """Wait until so many workers are there; return their process ids."""
        wait_until(lambda: len(self.workers()) >= count, f"there are {count} workers")
        return self.workers()

    def interrupt(self) -> None:
        """Press Ctrl-C: the signal goes to the whole group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def kill_group(self) -> None:
        """Kill the driver and everything that is in its group."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def kill_alone(self) -> None:
        """Kill the driver and nothing else."""
        self.process.kill()
        self.process.wait()

    def wait_till_gone(self) -> None:
        """Wait until no process of it is left; fail when one stays."""
        wait_until(lambda: not self.processes(), f"these are gone: {self.processes()}")

    def end(self, code: int = 0) -> tuple[str, str]:
        """Wait for the end, and return stdout and stderr."""
        out, err = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == code, err
        assert "Traceback" not in err
        return out, err


@contextmanager
def driver(*arguments: object, **popen: Any) -> Iterator[Driver]:
    """Begin a command; whatever happens, nothing of it is left in the end."""
    begun = Driver(*arguments, **popen)
    try:
        yield begun
    finally:
        for pid in begun.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        begun.process.communicate()
