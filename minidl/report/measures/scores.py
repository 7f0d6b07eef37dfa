"""Scores as measures: the last value, the mean of the last few, the best, the spread, the gap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import isfinite, nan
from pathlib import Path
from statistics import fmean, median

from minidl.metrics import metric_called
from minidl.registry import KINDS
from minidl.report.cell_results import CellResults
from minidl.report.measures.measure import Measure, Measured, Options, Points, curves_of

PARTS = {"test": "test", "train": "training", "validation": "validation"}
SCORES = [f"{part}_{name}" for part in PARTS for name in (*KINDS["metric"], "loss")]


def final(name: str, cells: Sequence[CellResults], *_: object) -> Measured:
    """Return the last value of a score of every finished run."""
    return Measured([cell.metric(name) for cell in cells])


def late(name: str, cells: Sequence[CellResults], folder: Path, options: Options) -> Measured:
    """Return the mean of a score over each run's last evaluations, of all where it has fewer.

    Where a network stands after the very last batches is chance; the mean has less of it.
    """
    note = f"the mean of each run's last {options.last} evaluations"
    return from_curves(name, cells, folder, partial(mean_of_last, options.last), note)


def last_of(measure: str) -> str | None:
    """Return the score whose late values a measure is the mean of, None for any other measure."""
    score = measure.removeprefix("late_")
    return None if score == measure else score


def mean_of_last(count: int, points: Points) -> float:
    """Return the mean of the last values; NaN when one of them is no number."""
    values = [value for _, value in points[-count:]]
    known = [value for value in values if value is not None]
    return fmean(known) if known and len(known) == len(values) else nan


def best(
    name: str, better: str, cells: Sequence[CellResults], folder: Path, _: Options
) -> Measured:
    """Return the best value of a score over each run's evaluations.

    It is optimistic: who stops there has looked at the answers.
    """
    choose = max if better == "higher" else min

    def best_of(points: Points) -> float:
        return choose((value for _, value in points if value is not None), default=nan)

    note = "the best of each run's evaluations, picked with hindsight: more than a fresh look gives"
    return from_curves(name, cells, folder, best_of, note)


def from_curves(
    name: str,
    cells: Sequence[CellResults],
    folder: Path,
    sum_up: Callable[[Points], float],
    note: str,
) -> Measured:
    """Return one number of the curve that a score has in every finished run."""
    curves = curves_of(folder, name)
    return Measured(
        [
            {seed: sum_up(curves.get(r.id, [])) for seed, r in sorted(cell.records.items())}
            for cell in cells
        ],
        note=note,
    )


def spread(name: str, cells: Sequence[CellResults], *_: object) -> Measured:
    """Return how far every run's last score lies from the median of its cell: ``|x - median|``.

    Their median is the median absolute deviation, which one diverged run does not move; their means
    are what Brown and Forsythe (1974) compare.
    """
    note = "each run's distance from the median of its cell"
    return Measured([distances(cell.metric(name)) for cell in cells], note=note)


def distances(values: dict[int, float]) -> dict[int, float]:
    """Return each value's distance from the median of those that are numbers."""
    known = [value for value in values.values() if isfinite(value)]
    middle = median(known) if known else nan
    return {seed: abs(value - middle) for seed, value in values.items()}


def gap(cells: Sequence[CellResults], *_: object) -> Measured:
    """Return training accuracy − test accuracy, in points."""
    both = [(cell.metric("train_accuracy"), cell.metric("test_accuracy")) for cell in cells]
    return Measured([{seed: x - test[seed] for seed, x in train.items()} for train, test in both])


def score_measures() -> list[Measure]:
    """Return the measures that are made of scores: four of every metric and the loss, by part."""
    found = [
        each
        for part in PARTS
        for name, metric in KINDS["metric"].items()
        for each in measures_of(f"{part}_{name}", metric.better)
    ]
    losses = [
        each
        for part, word in PARTS.items()
        for each in of_score(f"{part}_loss", f"{word} loss", ("", "lower", 0.01), (4, 4))
    ]
    return sorted([*found, *losses], key=lambda measure: measure.name.count("_"))


def measures_of(score: str, better: str) -> list[Measure]:
    """Return the measures of one score of a metric: ``test_accuracy``."""
    part, _, name = score.partition("_")
    metric = metric_called(name)
    return of_score(
        score,
        f"{PARTS.get(part, part)} {metric.title}",
        (metric.difference or metric.unit, better, metric.margin),
        (metric.digits + 1, metric.digits),
    )


def of_score(
    name: str, title: str, facts: tuple[str, str, float], places: tuple[int, int]
) -> list[Measure]:
    """Return the measures of one score; ``facts`` are unit, better side and margin."""
    unit, better, margin = facts
    hindsight = f"best {title} over the epochs (optimistic)"
    fine = (places[0], places[0])
    return [
        Measure(name, title, *facts, *places, partial(final, name)),
        Measure(f"late_{name}", f"late {title}", *facts, *fine, partial(late, name)),
        Measure(f"best_{name}", hindsight, *facts, *places, partial(best, name, better)),
        Measure(
            f"spread_{name}",
            f"spread of {title}",
            *(unit, "lower", margin),
            *fine,
            partial(spread, name),
            robust=True,
        ),
    ]


GAP = Measure(
    "gap", "the gap between training and test accuracy", "points", "lower", 0.5, 2, 1, gap
)
