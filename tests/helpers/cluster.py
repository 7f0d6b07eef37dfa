"""A real Dask cluster on the loopback: a scheduler and workers, processes that can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from helpers.driving import wait_until

HERE = ("--host", "127.0.0.1", "--dashboard-address", ":0")


class Cluster:
    """A scheduler, and the workers that were added; all end with the ``with`` block.

    ``environment`` is the scheduler's alone.
    """

    def __init__(self, folder: Path, **environment: str):
        self.folder, self.environment = folder, environment
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / "scheduler.json"
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Cluster:
        words = ("--port", "0", "--scheduler-file", str(self.file))
        self.scheduler = self.begin("scheduler", *words, **self.environment)
        written = lambda: self.file.exists() and self.file.read_text().endswith("}")  # noqa: E731
        wait_until(written, "the scheduler is there")
        self.address: str = json.loads(self.file.read_text())["address"]
        return self

    def begin(self, program: str, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        """Begin a scheduler or a worker; what it says goes to a file."""
        number = len(self.processes)
        bare = {key: value for key, value in os.environ.items() if key != "MKL_CBWR"}
        with (self.folder / f"{number}-{program}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{program}", *HERE, *words],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**bare, **environment},
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def add_worker(self, **environment: str) -> subprocess.Popen[bytes]:
        """Begin one more worker; it joins some seconds later."""
        alone = ("--nthreads", "1", "--no-nanny", "--memory-limit", "0")
        return self.begin("worker", self.address, *alone, **environment)

    def workers(self) -> int:
        """Return how many workers have joined."""
        logs = [path.read_text() for path in self.folder.glob("*-worker.log")]
        return sum("Registered to" in log for log in logs)

    def wait_for_workers(self, count: int) -> None:
        wait_until(lambda: self.workers() >= count, f"{count} workers have joined")

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """Provide a cluster with so many workers."""
    with Cluster(folder) as begun:
        for _ in range(workers):
            begun.add_worker()
        begun.wait_for_workers(workers)
        yield begun
