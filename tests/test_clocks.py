"""Clocks that are wrong, that differ between computers, and that jump back: no number moves."""

from __future__ import annotations

import sqlite3
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from helpers.cluster import Cluster
from helpers.driving import driver, run
from helpers.studies import MANY_STACKS, contents, undisturbed, write
from helpers.wrong_clock import marks, wrong_clock

STUDY = MANY_STACKS.replace("epochs: 20\n", "epochs: 100\n").replace("seeds: 2", "seeds: 1")


@pytest.mark.parametrize("where", ["processes", "cluster"])
def test_clocks_that_differ_and_jump_back_change_nothing(tmp_path, where):
    """The driver is hours ahead, the scheduler and a worker behind, another worker is right."""
    out, clock = tmp_path / "out", tmp_path / "clock"
    began = time.monotonic()
    with ExitStack() as begun:
        words = []
        if where == "cluster":
            cluster = begun.enter_context(Cluster(tmp_path / "cluster", **wrong_clock(clock, -3)))
            cluster.add_worker(**wrong_clock(clock, -7))
            cluster.add_worker()
            cluster.wait_for_workers(2)
            words = ["--dask", cluster.address]
        grid = write(tmp_path, STUDY)
        study = run(grid, out, "--no-report", *words)
        running = begun.enter_context(driver(*study, environment=wrong_clock(clock, 5)))
        running.end()
        running.wait_till_gone()
    passed = time.monotonic() - began
    read = marks(clock)
    assert was_off(read, "minidl", 5)
    if where == "cluster":
        assert was_off(read, "dask_scheduler", -3)
        assert was_off(read, "dask_worker", -7)
    assert contents(out) == undisturbed(STUDY)
    rows = times(out)
    # No matter how slow it is: an hour's jump would make a part negative, or more than the whole.
    assert all(0 < part <= passed for row in rows for part in row[:2])
    ahead = [datetime.fromisoformat(row[2]) - datetime.now(UTC) for row in rows]
    assert all(timedelta(hours=4) < off < timedelta(hours=7) for off in ahead)


def was_off(read: list[tuple[str, float]], program: str, hours: float) -> bool:
    """Whether a program has read a clock that was so many hours off, or an hour more: it jumps."""
    return any(program in words and hours - 0.1 < off < hours + 1.1 for words, off in read)


def times(folder: Path) -> list[tuple[float, float, str]]:
    """Return the seconds of each run in a store, those of the processor, and when it ended."""
    with closing(sqlite3.connect(folder / "study.sqlite")) as store:
        return store.execute("SELECT seconds, processor_seconds, finished_at FROM run").fetchall()
