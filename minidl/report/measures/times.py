"""How long it takes: to a target, in epochs or updates, and in seconds altogether."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from minidl.registry import KINDS
from minidl.report.cell_results import CellResults
from minidl.report.measures.measure import Measure, Measured, Options, Points, curves_of
from minidl.report.measures.scores import PARTS
from minidl.study import length
from minidl.study.errors import InputError
from minidl.study.store.stored_runs import Record


def time_to_target(
    part: str,
    unit: str,
    counted: Callable[[dict[str, Any]], int],
    cells: Sequence[CellResults],
    folder: Path,
    options: Options,
) -> Measured:
    """Return how long each run trained until its score reached a target for good.

    An epoch of cell k counts ``counted`` of it. The horizon is the shortest training among the
    cells; no curve is read beyond it, and a run that has not reached the target by then counts with
    the horizon itself (the restricted mean; Royston and Parmar 2013), NaN if it lacks the score.

    Raises InputError when neither the options nor the metric say what the target is, and when no
    run has the score.
    """
    score = options.monitor or first_metric(part, cells)
    target, better = target_of(score, options)
    check_recorded(score, cells)
    curves = curves_of(folder, score)
    steps = [counted(cell.runs[0].settings) for cell in cells]
    lengths = [length.epochs(cell.runs[0].settings) for cell in cells]
    horizon = min((k * epochs for k, epochs in zip(steps, lengths, strict=True)), default=0)

    def time(record: Record, k: int) -> float:
        if score not in record.final:
            return math.nan
        seen = [point for point in curves.get(record.id, []) if k * point[0] <= horizon]
        epoch = first_held(seen, target, options.hold, better)
        return horizon if epoch is None else k * epoch

    values = [
        {seed: time(record, k) for seed, record in sorted(cell.records.items())}
        for cell, k in zip(cells, steps, strict=True)
    ]
    text = target_text(score, target, better)
    note = f"until {text} is held for {options.hold} evaluations, {horizon:,} {unit} where never"
    return Measured(values, horizon, text, note)


def first_metric(part: str, cells: Sequence[CellResults]) -> str:
    """Return the first metric that the cells' runs have of a part of the data."""
    names = (name for cell in cells for r in cell.records.values() for name in r.final)
    wanted = (n for n in names if n.startswith(f"{part}_") and not n.endswith("_loss"))
    return next(wanted, f"{part}_accuracy")


def check_recorded(score: str, cells: Sequence[CellResults]) -> None:
    """Raise InputError when the cells have runs and none of them has a score."""
    known = dict.fromkeys(n for cell in cells for r in cell.records.values() for n in r.final)
    if known and score not in known:
        raise InputError(f"no run has the score {score}; known: {', '.join(known)}")


def target_of(score: str, options: Options) -> tuple[float, str]:
    """Return the value that a score has to reach, and which way is better."""
    metric = KINDS["metric"].get(score.partition("_")[2])
    own = getattr(metric, "target", None)
    target = own if options.target is None else options.target
    if target is None:
        raise InputError(f"{score} has no target of its own; say which value is to be reached")
    return target, getattr(metric, "better", "lower")


def target_text(score: str, target: float, better: str) -> str:
    """Return a target in words: ``a training accuracy of 95 %``."""
    part, _, name = score.partition("_")
    metric = KINDS["metric"].get(name)
    title, unit = (metric.title, metric.unit) if metric else (name, "")
    bound = "" if better == "higher" else "at most "
    return f"a {PARTS.get(part, part)} {title} of {bound}{target:g} {unit}".rstrip()


def first_held(points: Points, target: float, hold: int, better: str = "higher") -> int | None:
    """Return the first epoch at which the target is met and stays met for ``hold`` evaluations.

    None when there is no such epoch, also when the curve ends before the target was held.
    """
    sign = 1 if better == "higher" else -1
    met = [value is not None and sign * value >= sign * target for _, value in points]
    for i in range(len(met) - hold + 1):
        if all(met[i : i + hold]):
            return points[i][0]
    return None


def one_epoch(_: dict[str, Any]) -> int:
    """Return how many epochs an epoch has."""
    return 1


def seconds(name: str, cells: Sequence[CellResults], *_: object) -> Measured:
    """Return what a clock said of each run: its share of the stack that it was trained in."""
    note = "each run's share of the stack that it was trained in"
    return Measured(
        [
            {seed: clock(getattr(r, name)) for seed, r in sorted(cell.records.items())}
            for cell in cells
        ],
        note=note,
    )


def clock(value: float | None) -> float:
    """Return a time, NaN where an older minidl did not take it."""
    return math.nan if value is None else value


TIMES = [
    Measure(
        f"{unit}_to_{infix}target",
        f"{unit} to the {infix.replace('_', ' ')}target",
        *(unit, "lower", margin, digits, digits),
        partial(time_to_target, part, unit, counted),
    )
    for part, infix in (("train", ""), ("test", "test_"))
    for unit, counted, margin, digits in (
        ("epochs", one_epoch, 10, 1),
        ("updates", length.updates_per_epoch, 2000, 0),
    )
]
SECONDS = [
    Measure(name, title, "s", "lower", 0.1, 2, 2, partial(seconds, name))
    for name, title in (("seconds", "seconds"), ("processor_seconds", "processor seconds"))
]
