"""How time and memory grow with networks, epochs, points and width. Each case is a process."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from benchmarks.machine import peak_memory

BASE = {"networks": 180, "epochs": 4, "points": 1000, "width": 25}
CASES: dict[str, tuple[int, ...]] = {
    "networks": (1, 10, 100, 360, 1000, 3000, 10_000),
    "epochs": (1, 2, 4, 8, 16),
    "points": (100, 300, 1000, 3000, 10_000),
    "width": (5, 10, 25, 50, 100, 200),
}


def measure() -> dict[str, Any]:
    """Return ``{what: {value: {seconds, ...}}}`` for studies of one condition in one process."""
    return {
        what: {str(value): one_case(BASE | {what: value}) for value in values}
        for what, values in CASES.items()
    }


def one_case(case: dict[str, int]) -> dict[str, float]:
    """Train a case in a process of its own, whose peak memory is its own."""
    command = [sys.executable, "-m", "benchmarks.growth", json.dumps(case)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(output)


def train(case: dict[str, int]) -> dict[str, float]:
    """Train as a study does, stack after stack; return processor seconds and peak memory."""
    import time

    from minidl.study.grid.expand import expand
    from minidl.study.grid.load import parse_study
    from minidl.study.stacks.plan import plan
    from minidl.study.stacks.train import train_stack

    width, epochs, points = case["width"], case["epochs"], case["points"]
    settings = {
        "name": "growth",
        "grid": {},
        "seeds": case["networks"],
        "epochs": epochs,
        "evaluate_every": epochs,
        "data": {"name": "disk", "train": points, "test": points},
        "model": {"hidden": [width] * 3},
    }
    study = parse_study(json.dumps(settings), "growth")  # JSON is YAML
    stacks = plan(expand(study), 1)
    before = peak_memory("self")
    start = time.process_time()
    for runs in stacks:
        train_stack(runs)
    seconds, peak = time.process_time() - start, peak_memory("self")
    return {"seconds": seconds, "peak_mib": peak, "grown_mib": peak - before}


if __name__ == "__main__":
    print(json.dumps(train(json.loads(sys.argv[1]))))
