"""How a study of thousands of runs grows, and what the commands take on a store of such a size."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.cluster import CELL_SEEDS, CELLS, TRIVIAL
from benchmarks.machine import peak_memory
from benchmarks.whole_study import RUNS_OF_A_SEED, begin

SMOKE = Path(__file__).parents[1] / "configs" / "smoke.yaml"
SEEDS = (6, 56, 167, 556)
COMMANDS = (
    "status DIR",
    "runs DIR --limit 10",
    "runs DIR",
    "show DIR RUN",
    "export DIR --out OUT",
    "export DIR --curves --out OUT",
    "tables DIR",
    "compare DIR --factor loss --levels mse,bce",
    "run GRID --out DIR --dry-run",
    "report DIR",
    "figures DIR",
)


def measure(seeds: tuple[int, ...] = SEEDS, cell_seeds: int = CELL_SEEDS) -> dict[str, Any]:
    """Return ``studies``, ``{runs: {wall, driver_mib, store_mib}}`` for the smoke study with many
    seeds, and ``commands``, ``{words: {processor, peak_mib}}`` on a store of so many ``runs``.
    """
    studies = {str(each * RUNS_OF_A_SEED): one_study(each) for each in seeds}
    return {"studies": studies, "runs": CELLS * cell_seeds, "commands": commands(cell_seeds)}


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


def commands(cell_seeds: int) -> dict[str, dict[str, float]]:
    """Train very many trivial networks, then run each command on their store."""
    from minidl.study.store.store import Store

    with tempfile.TemporaryDirectory() as room:
        folder, grid = Path(room) / "study", Path(room) / "grid.yaml"
        grid.write_text(json.dumps(TRIVIAL | {"seeds": cell_seeds}), encoding="utf-8")
        if begin(grid, str(folder), cell_seeds, 2, "--no-report").wait():
            raise RuntimeError("the trivial study failed")
        with Store(folder) as store:
            run_id = next(iter(store.errors()))
        known = {"DIR": folder, "RUN": run_id, "OUT": Path(room) / "out.csv", "GRID": grid}
        return {
            words: one_command([str(known.get(word, word)) for word in words.split()])
            for words in COMMANDS
        }


def one_command(words: list[str]) -> dict[str, float]:
    """Run a command; return its processor time and the memory that it held at most."""
    script = Path(sys.executable).with_name("minidl")
    process = subprocess.Popen(
        [script, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peak = 0.0
    while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
        peak = max(peak, peak_memory(process.pid))
        time.sleep(0.02)
    _, status, usage = ended
    if status:
        raise RuntimeError(f"{' '.join(words)}: ended with status {status}")
    return {"processor": usage.ru_utime + usage.ru_stime, "peak_mib": peak}
