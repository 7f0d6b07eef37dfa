"""What can be compared between runs: scores, the gap, and how soon a target is met."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import minidl.metrics  # noqa: F401  # registers them, without torch
from minidl.registry import KINDS
from minidl.report.results import CellResults
from minidl.study import length
from minidl.study.store.store import Store

TARGET = 95.0  # percent of training accuracy
HOLD = 3  # evaluations in a row


@dataclass(frozen=True)
class Measured:
    """One number per run: for each cell a dict from seed to value, NaN where a run had NaN.

    ``horizon`` is set for the measures of time: a value equal to it means not reached by then.
    """

    values: list[dict[int, float]]
    horizon: float | None = None


Of = Callable[[Sequence[CellResults], Path, float, int], Measured]


@dataclass(frozen=True)
class Measure:
    """A number that every run has.

    ``better`` says which way is good (``higher`` or ``lower``); ``margin`` is the smallest
    difference that matters in practice unless a question brings its own; ``digits`` are the
    decimals worth printing of a difference. ``of(cells, folder, target, hold)`` measures runs.
    """

    name: str
    title: str
    unit: str
    better: str
    margin: float
    digits: int
    of: Of


def score(name: str, cells: Sequence[CellResults], *_: Any) -> Measured:
    """Return the last value of a score of every finished run."""
    return Measured([cell.metric(name) for cell in cells])


def gap(cells: Sequence[CellResults], *_: Any) -> Measured:
    """Return training accuracy − test accuracy, in points."""
    both = [(cell.metric("train_accuracy"), cell.metric("test_accuracy")) for cell in cells]
    return Measured([{seed: x - test[seed] for seed, x in train.items()} for train, test in both])


def epochs_to_target(
    cells: Sequence[CellResults], folder: Path, target: float, hold: int
) -> Measured:
    """Return after how many epochs each run held the target for good."""
    return time_to_target(cells, folder, target, hold, [1] * len(cells))


def updates_to_target(
    cells: Sequence[CellResults], folder: Path, target: float, hold: int
) -> Measured:
    """Return after how many updates of the weights each run held the target for good."""
    steps = [length.updates_per_epoch(cell.runs[0].settings) for cell in cells]
    return time_to_target(cells, folder, target, hold, steps)


def time_to_target(
    cells: Sequence[CellResults], folder: Path, target: float, hold: int, steps: Sequence[int]
) -> Measured:
    """Return how long each run trained until its training accuracy reached a target for good.

    An epoch of cell k counts ``steps[k]``. The horizon is the shortest training among the cells;
    no curve is read beyond it, and a run that has not reached the target by then counts with the
    horizon itself (the restricted mean; Royston and Parmar 2013).
    """
    with Store(folder) as store:
        curves = store.curves()
    lengths = [length.epochs(cell.runs[0].settings) for cell in cells]
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
    seen = [row.get("train_accuracy") for row in curve]
    met = [accuracy is not None and accuracy >= target for accuracy in seen]
    for i in range(len(met) - hold + 1):
        if all(met[i : i + hold]):
            return curve[i]["epoch"]
    return None


def scores(part: str, word: str) -> list[Measure]:
    """Return the measures that are scores on one part of the data: each metric's, and the loss."""
    metrics = [
        Measure(
            f"{part}_{name}",
            f"{word} {metric.title}",
            metric.difference or metric.unit,
            metric.better,
            metric.margin,
            metric.digits + 1,
            partial(score, f"{part}_{name}"),
        )
        for name, metric in KINDS["metric"].items()
    ]
    name = f"{part}_loss"
    loss = Measure(name, f"{word} loss", "", "lower", 0.01, 4, partial(score, name))
    return [*metrics, loss]


TIMES = (
    Measure("epochs_to_target", "epochs to the target", "epochs", "lower", 10, 1, epochs_to_target),
    Measure(
        "updates_to_target", "updates to the target", "updates", "lower", 2000, 0, updates_to_target
    ),
)
GAP = Measure("gap", "the gap between training and test accuracy", "points", "lower", 0.5, 2, gap)
MEASURES = {
    measure.name: measure
    for measure in (*scores("test", "test"), *scores("train", "training"), GAP, *TIMES)
}


def measure_runs(
    name: str, cells: Sequence[CellResults], folder: Path, target: float, hold: int
) -> Measured:
    """Return a measure of every finished run of some cells."""
    return MEASURES[name].of(cells, folder, target, hold)
