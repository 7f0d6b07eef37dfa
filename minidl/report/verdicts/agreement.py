"""A published number against the runs of its cell: could it have been one of them?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from scipy.special import stdtr

from minidl.report.reference.matching import match
from minidl.report.reference.reference import Reference
from minidl.report.results import CellResults, Results
from minidl.report.statistics.cell_summary import ACCURACIES
from minidl.report.statistics.intervals import (
    Interval,
    Summary,
    finite,
    prediction_interval,
    summarise,
)

CONSISTENT = "consistent"
IN_TENSION = "in tension"
CONTRADICTED = "contradicted"
SAYS_LITTLE = "says little"
FEWEST = 10  # seeds
WIDEST = 3.0  # points of half-width
ALPHA = 0.05


@dataclass(frozen=True)
class Agreement:
    """A published number beside our runs: their ``values``, and a summary of them.

    ``far`` is the prediction interval at 1 − 0.05 / (numbers compared). ``p`` is the chance that
    one more run of ours would lie as far from our mean, rounding apart; ``beyond`` counts those of
    ours that lie at the published number or farther out on its side.
    """

    labels: dict[str, str]
    measure: str
    published: float
    values: tuple[float, ...]
    summary: Summary
    far: Interval
    p: float
    beyond: int
    verdict: str


def agree(
    labels: dict[str, str],
    measure: str,
    published: float,
    values: Iterable[float],
    *,
    half_unit: float,
    compared: int,
) -> Agreement:
    """Hold a published number against our values; it is one of ``compared`` such numbers.

    ``half_unit`` is how far rounding can have moved it.
    """
    x = finite(values)
    summary = summarise(x, half_unit=half_unit)
    far = prediction_interval(x, 1 - ALPHA / compared, half_unit=half_unit)
    verdict = judge_number(published, summary, far)
    p, beyond = how_far_out(published, x)
    return Agreement(
        labels, measure, published, tuple(x.tolist()), summary, far, p, beyond, verdict
    )


def judge_number(published: float, summary: Summary, far: Interval) -> str:
    """Return the verdict on a published number.

    Consistent inside the 95 % prediction interval, in tension outside it, contradicted outside the
    wider one; with fewer than 10 seeds or more than ± 3 points the runs say little.
    """
    if summary.n < FEWEST or summary.next_interval.half_width > WIDEST:
        return SAYS_LITTLE
    if published in summary.next_interval:
        return CONSISTENT
    return IN_TENSION if published in far else CONTRADICTED


def how_far_out(published: float, x: np.ndarray) -> tuple[float, int]:
    """Return the two-sided p-value of a published number as one more value, and who is beyond."""
    if x.size == 0:
        return nan, 0
    distance = published - x.mean()
    beyond = int(np.sum(x >= published if distance >= 0 else x <= published))
    if x.size < 2 or np.ptp(x) == 0:
        return nan, beyond
    t = abs(distance) / (x.std(ddof=1) * sqrt(1 + 1 / x.size))
    return float(2 * stdtr(x.size - 1, -t)), beyond


def cell_agreements(results: Results, reference: Reference) -> list[Agreement]:
    """Hold every published number against the runs of its cell, in the order of the study."""
    return [
        agree(
            cell.labels,
            name,
            numbers[name],
            cell.metric(name).values(),
            half_unit=reference.rounding / 2,
            compared=len(reference.cells),
        )
        for cell, numbers in published_cells(results, reference)
        for name in ACCURACIES
        if name in numbers
    ]


def published_cells(
    results: Results, reference: Reference
) -> list[tuple[CellResults, dict[str, float]]]:
    """Return the study's cells that have published numbers, with them."""
    paper = match(reference, [cell.runs[0] for cell in results.cells])
    found = [(cell, paper.of(cell.runs[0])) for cell in results.cells]
    return [(cell, numbers) for cell, numbers in found if numbers is not None]


@dataclass(frozen=True)
class Together:
    """All published cells as one observation, because one draw of data is behind all of them.

    ``labels`` are the settings in which the study goes beyond the published cells. Each agreement
    is about the mean over ``cells`` cells, of ``published_cells`` there are, seed by seed.
    """

    labels: dict[str, str]
    cells: int
    published_cells: int
    left_out: list[int]
    agreements: list[Agreement]


def together(results: Results, reference: Reference) -> list[Together]:
    """Hold the means of the published numbers against ours, in each group of matching cells.

    A study that varies more than the published cells do has a group for each combination of the
    rest.
    """
    groups: dict[tuple[tuple[str, str], ...], list[tuple[CellResults, dict[str, float]]]] = {}
    for cell, numbers in published_cells(results, reference):
        if set(ACCURACIES) <= set(numbers):
            rest = ((k, v) for k, v in cell.labels.items() if k not in reference.axes)
            groups.setdefault(tuple(rest), []).append((cell, numbers))
    return [
        agree_together(dict(labels), pairs, reference)
        for labels, pairs in groups.items()
        if len(pairs) > 1
    ]


def agree_together(
    labels: dict[str, str],
    pairs: Sequence[tuple[CellResults, dict[str, float]]],
    reference: Reference,
) -> Together:
    """Compare the means over some cells of training accuracy, test accuracy and their gap."""
    wanted = sorted({run.seed for cell, _ in pairs for run in cell.runs})
    cells = [cell for cell, _ in pairs]
    means = {name: mean_by_seed(cells, name, wanted) for name in ACCURACIES}
    complete = np.isfinite(sum(means.values()))
    ours = {name: values[complete] for name, values in means.items()}
    theirs = {name: float(np.mean([numbers[name] for _, numbers in pairs])) for name in ACCURACIES}
    train, test = ACCURACIES
    half = reference.rounding / 2
    # A mean of rounded numbers is off by half a unit at most, a difference of two by a whole one.
    compared = [
        (train, theirs[train], ours[train], half),
        (test, theirs[test], ours[test], half),
        ("gap", theirs[train] - theirs[test], ours[train] - ours[test], 2 * half),
    ]
    return Together(
        labels,
        len(pairs),
        len(reference.cells),
        [seed for seed, found in zip(wanted, complete, strict=True) if not found],
        [
            agree(labels, name, published, values, half_unit=unit, compared=len(compared))
            for name, published, values, unit in compared
        ],
    )


def mean_by_seed(cells: Sequence[CellResults], name: str, seeds: Sequence[int]) -> np.ndarray:
    """Return, for each seed, the mean of a metric over cells; NaN where a cell has no number."""
    columns = [cell.metric(name) for cell in cells]
    return np.mean([[column.get(seed, nan) for seed in seeds] for column in columns], axis=0)
