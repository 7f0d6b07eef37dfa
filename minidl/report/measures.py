"""What can be compared between runs: accuracies, losses, the gap, and how soon a target is met."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minidl.report.results import CellResults
from minidl.study.grid.settings import RunSpec
from minidl.study.store.store import Store

TARGET = 95.0  # percent of training accuracy
HOLD = 3  # evaluations in a row


@dataclass(frozen=True)
class Measure:
    """A number that every run has.

    ``better`` says which way is good (``higher`` or ``lower``); ``margin`` is the smallest
    difference that matters in practice unless a question brings its own; ``digits`` are the
    decimals worth printing.
    """

    name: str
    title: str
    unit: str
    better: str
    margin: float
    digits: int


MEASURES = {
    measure.name: measure
    for measure in (
        Measure("test_accuracy", "test accuracy", "points", "higher", 0.5, 2),
        Measure("train_accuracy", "training accuracy", "points", "higher", 0.5, 2),
        Measure("gap", "the gap between training and test accuracy", "points", "lower", 0.5, 2),
        Measure("test_loss", "test loss", "", "lower", 0.01, 4),
        Measure("train_loss", "training loss", "", "lower", 0.01, 4),
        Measure("epochs_to_target", "epochs to the target", "epochs", "lower", 10.0, 1),
        Measure("updates_to_target", "updates to the target", "updates", "lower", 2000.0, 0),
    )
}


@dataclass(frozen=True)
class Measured:
    """One number per run: for each cell a dict from seed to value, NaN where a run had NaN.

    ``horizon`` is set for the measures of time: a value equal to it means not reached by then.
    """

    values: list[dict[int, float]]
    horizon: float | None = None


def measure_runs(
    name: str, cells: Sequence[CellResults], folder: Path, target: float, hold: int
) -> Measured:
    """Return a measure of every finished run of some cells."""
    if name == "gap":
        return Measured([gap(cell) for cell in cells])
    if name in ("epochs_to_target", "updates_to_target"):
        with Store(folder) as store:
            curves = store.curves()
        return time_to_target(cells, curves, target, hold, updates=name == "updates_to_target")
    return Measured([cell.metric(name) for cell in cells])


def gap(cell: CellResults) -> dict[int, float]:
    """Return training accuracy − test accuracy by seed, in points."""
    test = cell.metric("test_accuracy")
    return {seed: train - test[seed] for seed, train in cell.metric("train_accuracy").items()}


def time_to_target(
    cells: Sequence[CellResults],
    curves: dict[str, list[dict[str, Any]]],
    target: float,
    hold: int,
    *,
    updates: bool,
) -> Measured:
    """Return how long each run trained until its training accuracy reached a target for good.

    Time is counted in epochs, or in updates of the weights. The horizon is the shortest training
    among the cells; no curve is read beyond it, and a run that has not reached the target by then
    counts with the horizon itself (the restricted mean; Royston and Parmar 2013).
    """
    steps = [updates_per_epoch(cell.runs[0]) if updates else 1 for cell in cells]
    lengths = [cell.runs[0].settings["epochs"] for cell in cells]
    horizon = min((k * epochs for k, epochs in zip(steps, lengths, strict=True)), default=0)
    values = []
    for cell, k in zip(cells, steps, strict=True):
        seen = {
            seed: [row for row in curves.get(record.id, []) if k * row["epoch"] <= horizon]
            for seed, record in cell.records.items()
        }
        epochs = {seed: first_held(rows, target, hold) for seed, rows in sorted(seen.items())}
        values.append({seed: horizon if e is None else k * e for seed, e in epochs.items()})
    return Measured(values, horizon)


def first_held(curve: Sequence[dict[str, Any]], target: float, hold: int) -> int | None:
    """Return the first epoch at which the target is met and stays met for ``hold`` evaluations.

    None when there is no such epoch, also when the curve ends before the target was held.
    """
    met = [row["train_accuracy"] is not None and row["train_accuracy"] >= target for row in curve]
    for i in range(len(met) - hold + 1):
        if all(met[i : i + hold]):
            return curve[i]["epoch"]
    return None


def updates_per_epoch(run: RunSpec) -> int:
    """Return how many training steps an epoch of a run has."""
    return math.ceil(run.settings["data"]["train"] / run.settings["batch_size"])
