"""A cluster on this computer beside processes, and how many results the driver can take in.

Networks a second and core are those of the paper's study by the command line, tables included. For
the driver, a study of trivial networks is trained, and a worker is asked that answers at once, with
answers as they come from a process or packed as they come from a cluster.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.machine import peak_memory
from benchmarks.whole_study import PAPER, RUNS_OF_A_SEED, begin

if TYPE_CHECKING:
    from minidl.study.result import RunResult
    from minidl.study.run_spec import RunSpec

SEEDS = 10
WORKERS = (1, 2)
CELLS, CELL_SEEDS = 1000, 20
TRIVIAL = {
    "name": "trivial",
    "data": {"name": "disk", "train": 5, "test": 5},
    "model": {"hidden": [4]},
    "epochs": 3,
    "evaluate_every": 1,
    "grid": {
        "optimizer": [{"name": "sgd", "lr": 0.001 * (i + 1)} for i in range(CELLS // 10)],
        "loss": ["mse", "bce"],
        "activation": ["tanh", "relu", "leaky_relu", "silu", "elu"],
    },
}
WEIGHTS = 6000  # bytes of a network of the paper's
WAYS = {"--jobs": [], "--dask local": ["--dask", "local"]}


def measure(seeds: int = SEEDS, cell_seeds: int = CELL_SEEDS) -> dict[str, Any]:
    """Return ``{paper: [...], trivial: [...], driver: {...}}``: rows of figures."""
    paper = [timed(PAPER, seeds, RUNS_OF_A_SEED, way, jobs) for way in WAYS for jobs in WORKERS]
    with tempfile.TemporaryDirectory() as folder:
        grid = Path(folder) / "trivial.yaml"
        grid.write_text(json.dumps(TRIVIAL), encoding="utf-8")  # JSON is YAML
        trivial = [timed(grid, cell_seeds, CELLS, way, 2) for way in WAYS]
    answers = {how: in_a_process(how, cell_seeds) for how in ("from a process", "from a cluster")}
    return {"paper": paper, "trivial": trivial, "driver": answers}


def timed(grid: Path, seeds: int, runs_of_a_seed: int, way: str, jobs: int) -> dict[str, Any]:
    """Run a study by the command line; return how long it took and what its driver needed."""
    with tempfile.TemporaryDirectory() as folder:
        start, peak = time.perf_counter(), 0.0
        process = begin(grid, folder, seeds, jobs, "--no-report", *WAYS[way])
        while process.poll() is None:
            peak = max(peak, peak_memory(process.pid))
            time.sleep(0.1)
        if process.returncode:
            raise RuntimeError(f"the study ended with exit code {process.returncode}")
    wall, runs = time.perf_counter() - start, seeds * runs_of_a_seed
    own = {"way": way, "workers": jobs, "runs": runs, "wall": wall, "driver_mib": peak}
    return own | {"load": os.getloadavg()[0]}


def in_a_process(how: str, cell_seeds: int) -> dict[str, float]:
    """Let a driver take in answers, in a process whose memory is its own."""
    command = [sys.executable, "-m", "benchmarks.cluster", how, str(cell_seeds)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(output)


class Echo:
    """An executor whose only worker answers at once, packed as if it were far away or not."""

    def __init__(self, packed: bool):
        from minidl.study.jobs.progress import Progress

        self.packed, self.progress, self.workers = packed, Progress(), [self]

    def submit(self, runs: list[RunSpec], tick: Any) -> Future[list[RunResult]]:
        from minidl.study.jobs.alike import facts
        from minidl.study.jobs.messages import Stack, pack, unpack
        from minidl.study.result import RunResult

        del tick
        names = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
        curve = [{"epoch": e, **dict.fromkeys(names, 10.0 * e)} for e in (1.0, 2.0, 3.0)]
        own = {"weights": os.urandom(WEIGHTS), "baseline": 50.0, "processor_seconds": 0.1}
        results = [RunResult(run.id, "done", 0.1, list(curve), **own) for run in runs]
        if self.packed:
            Stack("key", runs, (), None, True).to_bytes()
            results = unpack(pack(facts(), results), runs)
        future: Future[list[RunResult]] = Future()
        future.set_result(results)
        return future

    def close(self) -> None:
        pass


def take_in(how: str, cell_seeds: int) -> dict[str, float]:
    """Run the study of trivial networks with answers that are there at once."""
    from minidl.study.grid.expand import expand
    from minidl.study.grid.load import parse_study
    from minidl.study.run import run_study

    study = parse_study(json.dumps(TRIVIAL | {"seeds": cell_seeds}), "trivial")
    runs = expand(study)
    with tempfile.TemporaryDirectory() as folder:
        before = peak_memory("self")
        wall, processor = time.perf_counter(), time.process_time()
        run_study(study, runs, Path(folder), executor=Echo(how == "from a cluster"))
        seconds, processor = time.perf_counter() - wall, time.process_time() - processor
    grown = peak_memory("self") - before
    return {"runs": len(runs), "wall": seconds, "processor": processor, "grown_mib": grown}


if __name__ == "__main__":
    print(json.dumps(take_in(sys.argv[1], int(sys.argv[2]))))
