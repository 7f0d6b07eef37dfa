"""A store of runs that nobody trained: the numbers are the test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.result import RunResult
from minidl.study.run_spec import RunSpec
from minidl.study.store.store import Store

PAPER = """
name: constructed
reference: paper
epochs: 300
seeds: {seeds}
grid:
  activation: [tanh, relu, leaky_relu]
  loss: [mse, bce]
  optimizer: [sgd, adam, none]
overrides:
  - when: {{optimizer: adam}}
    set: {{epochs: 150}}
"""


def make_store(
    folder: Path, numbers: Callable[[dict[str, str], int], dict[str, Any] | None], study: str
) -> Path:
    """Fill a folder with a study's runs and return it.

    ``numbers(labels, seed)`` gives a run's train_accuracy and test_accuracy, and, unless told,
    status "done", losses of 0.1, and a curve of one point. A point is an epoch and its training
    accuracy, or its scores. None leaves the run out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    spec = parse_study(study, "constructed")
    runs = expand(spec)
    told = [numbers(run.labels, run.seed) for run in runs]
    kept = [(run, own) for run, own in zip(runs, told, strict=True) if own is not None]
    with Store(folder, create=True) as store:
        store.set_study(spec)
        store.add([run for run, _ in kept], [result(*pair) for pair in kept], {})
    return folder


def result(run: RunSpec, told: dict[str, Any]) -> RunResult:
    """Return what a run would have produced."""
    own = {"status": "done", "train_loss": 0.1, "test_loss": 0.1, **told}
    final = {key: value for key, value in own.items() if key not in ("status", "curve")}
    curve = [
        {**final, "epoch": epoch, **(at if isinstance(at, dict) else {"train_accuracy": at})}
        for epoch, at in own.get("curve", [])
    ]
    last = {"epoch": run.settings["epochs"], **final}
    return RunResult(
        run.id,
        own["status"],
        0.0,
        [*(row for row in curve if row["epoch"] < last["epoch"]), last],
        diverged_at=1 if own["status"] == "diverged" else None,
    )
