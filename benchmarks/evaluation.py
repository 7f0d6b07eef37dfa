"""What part of a study's training is evaluation."""

from __future__ import annotations

import time
from typing import Any
from unittest.mock import patch

from benchmarks.whole_study import PAPER
from minidl import training
from minidl.study.grid.expand import expand
from minidl.study.grid.load import load_study
from minidl.study.stacks.plan import plan
from minidl.study.stacks.train import train_stack

EPOCHS = 20


def measure() -> dict[str, float]:
    """Train the largest stack of the paper's study for some epochs; return seconds of both."""
    runs = max(plan(expand(load_study(str(PAPER))), 1), key=len)
    for run in runs:
        run.settings["epochs"] = EPOCHS
    spent, record = 0.0, training.record

    def timed(*arguments: Any) -> None:
        nonlocal spent
        start = time.process_time()
        record(*arguments)
        spent += time.process_time() - start

    start = time.process_time()
    with patch.object(training, "record", timed):
        train_stack(runs)
    return {"evaluation": spent, "whole": time.process_time() - start, "networks": len(runs)}
