"""The command as a process that can be killed, interrupted and watched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

MINIDL = Path(sys.executable).with_name("minidl")
PATIENCE = 120.0  # seconds: only how long a test that is bound to fail takes to do so

# A shell that begins the tests in the background, or nohup, has them ignore these.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

TEMPLATE = "multiprocessing.forkserver"  # in the command line of it and of what it forks

TAKE_OVER_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def run(grid: object, out: Path, *more: object, jobs: int = 2) -> tuple[object, ...]:
    """Return the words of a command that runs a study."""
    return ("run", "--grid", grid, "--out", out, "--jobs", jobs, "--no-figures", *more)


def parent(pid: int) -> int:
    """Return the process id of a process's parent, 0 where it has just ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def wait_until(holds: Callable[[], Any], what: str) -> None:
    """Wait until something holds; fail when it never does."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.01)


class Driver:
    """A command that runs as a process group of its own, with whatever processes it begins."""

    def __init__(
        self,
        *arguments: object,
        program: Path = MINIDL,
        terminal: int | None = None,
        environment: Mapping[str, str] = MappingProxyType({}),
    ):
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
            env={**os.environ, **environment, "MINIDL_TEST": self.mark.partition("=")[2]},
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
        templates = [pid for pid, line in self.processes().items() if TEMPLATE in line]
        return [pid for pid in templates if parent(pid) in templates]

    def wait_for(self, holds: Callable[[], Any], what: str) -> None:
        """Wait until something holds while it runs; fail when it ends before, and say of what."""

        def ended() -> bool:
            if self.process.poll() is None:
                return False
            raise AssertionError(f"it ended before {what}: {self.process.communicate()[1]}")

        wait_until(lambda: holds() or ended(), what)

    def wait_for_workers(self, count: int) -> list[int]:
        """Wait until so many workers are there; return their process ids."""
        wait_until(lambda: len(self.workers()) >= count, f"there are {count} workers")
        return self.workers()

    def interrupt(self) -> None:
        """Press Ctrl-C: the signal goes to the whole group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def kill_group(self) -> None:
        """Kill the driver and everything that is in its group."""
        with suppress(ProcessLookupError):  # it may have ended just now
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
def driver(*arguments: object, **options: Any) -> Iterator[Driver]:
    """Begin a command; whatever happens, nothing of it is left in the end."""
    begun = Driver(*arguments, **options)
    try:
        yield begun
    finally:
        for pid in begun.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        begun.process.communicate()
