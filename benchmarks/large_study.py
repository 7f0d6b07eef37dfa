"""How a study of thousands of runs grows: time, and the memory of the process that drives it."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import peak_memory
from benchmarks.whole_study import RUNS_OF_A_SEED, begin

SMOKE = Path(__file__).parents[1] / "configs" / "smoke.yaml"
SEEDS = (6, 56, 167, 556)


def measure() -> dict[str, Any]:
    """Return ``{runs: {wall, driver_mib, store_mib}}`` for the smoke study with many seeds."""
    return {str(seeds * RUNS_OF_A_SEED): one_study(seeds) for seeds in SEEDS}


def one_study(seeds: int) -> dict[str, float]:
    """Run a study with two jobs, tables included."""
    with tempfile.TemporaryDirectory() as folder:
        start, peak = time.perf_counter(), 0.0
        process = begin(SMOKE, folder, seeds, jobs=2)
        while process.poll() is None:
            peak = max(peak, peak_memory(process.pid))
            time.sleep(0.2)
        if process.returncode:
            raise RuntimeError(f"the study ended with exit code {process.returncode}")
        size = sum(path.stat().st_size for path in Path(folder).glob("*.sqlite*"))
        return {
            "wall": time.perf_counter() - start,
            "driver_mib": peak,
            "store_mib": size / 2**20,
        }
