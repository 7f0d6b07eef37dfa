"""A study that is disturbed again and again, on whatever trains it: it ends in the same store."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.cluster import Cluster, cluster
from helpers.driving import PATIENCE, Driver, driver, run, wait_until
from helpers.studies import contents

Disturb = Callable[[Driver, random.Random], None]


@dataclass
class Trainers:
    """What trains: processes of this command, or the workers of a cluster."""

    cluster: Cluster | None

    @property
    def words(self) -> tuple[str, ...]:
        """Return what a command says to train there."""
        return () if self.cluster is None else ("--dask", self.cluster.address)

    def kill_one(self, running: Driver, dice: random.Random) -> None:
        """Kill a worker, if there is one; a new one takes its place."""
        if self.cluster is None:
            if workers := running.workers():
                os.kill(dice.choice(workers), signal.SIGKILL)
            return
        dice.choice([p for p in self.cluster.processes[1:] if p.poll() is None]).kill()
        self.cluster.add_worker()


@contextmanager
def trainers(where: str, folder: Path) -> Iterator[Trainers]:
    """Provide two ``processes``, or a ``cluster`` with two workers."""
    if where == "processes":
        yield Trainers(None)
        return
    with cluster(folder, 2) as begun:
        yield Trainers(begun)


def killed(running: Driver, _: random.Random) -> None:
    """Kill the command with all its own processes."""
    running.kill_group()


def interrupted(running: Driver, _: random.Random) -> None:
    """Press Ctrl-C, unless it has ended."""
    if running.process.poll() is None:
        running.interrupt()
    err = running.process.communicate(timeout=PATIENCE)[1]
    at_the_very_end = -signal.SIGINT  # which a shell shows as 130 too
    assert running.process.returncode in (0, 130, at_the_very_end), err
    assert "Traceback" not in err


def sweep(
    grid: object,
    out: Path,
    expected: dict[str, Any],
    times: int,
    disturb: Disturb,
    words: tuple[str, ...] = (),
) -> None:
    """Disturb a study after random times, go on, and begin a new one whenever it has got through.

    The last command is left in peace. No store ever holds what the undisturbed one does not.
    """
    dice = random.Random(times)
    for _ in range(times):
        with driver(*run(grid, out, "--no-report", *words)) as running:
            begun = lambda: (out / "study.sqlite").exists() or running.process.poll() is not None  # noqa: B023, E731
            wait_until(begun, "it has begun")
            time.sleep(dice.uniform(0, 3.5))
            disturb(running, dice)
            running.wait_till_gone()
        if (out / "study.sqlite").exists():
            found = contents(out)
            assert found.items() <= expected.items()
            if len(found) == len(expected):
                out = out.with_name(f"{out.name}+")
    with driver(*run(grid, out, "--no-report", *words)) as last:
        last.end()
        last.wait_till_gone()
    assert contents(out) == expected
