"""Whole studies by the command line, as a user runs them, and what of their time is training."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PAPER = Path(__file__).parents[1] / "configs" / "paper.yaml"
RUNS_OF_A_SEED = 18


def measure(seeds: int, jobs: int, times: int) -> dict[str, Any]:
    """Return the figures of the fastest of several runs of the paper's study."""
    return min((measure_once(seeds, jobs) for _ in range(times)), key=lambda row: row["wall"])


def measure_once(seeds: int, jobs: int) -> dict[str, Any]:
    """Run the paper's study and return seconds of wall clock and of processor time, and its parts.

    Tables are included, figures are not. ``training`` is what the stacks took, evaluation included.
    """
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        process = begin(PAPER, folder, seeds, jobs)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        if status:
            raise RuntimeError(f"the study ended with status {status}")
        training = stored_seconds(Path(folder))
    return {
        "runs": seeds * RUNS_OF_A_SEED,
        "jobs": jobs,
        "wall": wall,
        "processor": usage.ru_utime + usage.ru_stime,
        "training": training,
        "load": os.getloadavg()[0],
    }


def begin(grid: Path, folder: str, seeds: int, jobs: int, *more: str) -> subprocess.Popen[bytes]:
    """Begin a study by the command line, with tables but without figures."""
    script = Path(sys.executable).with_name("minidl")
    options = ["--grid", grid, "--out", folder, "--seeds", seeds, "--jobs", jobs]
    command = [script, "run", *options, "--no-figures", "--quiet", "--yes", *more]
    return subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def stored_seconds(folder: Path) -> float:
    """Return what the store says that all its runs took, in seconds of wall clock of one worker."""
    from minidl.study.store.store import Store

    with Store(folder) as store:
        return sum(record.seconds for record in store.records().values())
