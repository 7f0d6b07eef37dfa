"""A published number against the runs of its cell: could it have come from them?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, nan, sqrt

import numpy as np
from scipy.special import stdtr, stdtrit

from minidl.report.cell_results import CellResults
from minidl.report.measures import MEASURES
from minidl.report.reference.matching import match
from minidl.report.reference.reference import Reference
from minidl.report.reference.reported import Reported
from minidl.report.results import Results
from minidl.report.statistics.intervals import (
    PLAIN,
    Interval,
    Summary,
    deviation,
    finite,
    prediction_interval,
    summarise,
)
from minidl.report.statistics.scales import Plain, scale_of
from minidl.study.errors import InputError

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

    ``near`` is where it would lie in 95 % of cases if it came from them, ``far`` at
    1 − 0.05 / (numbers compared). ``p`` is the chance that such a number lies as far from our mean,
    rounding apart. ``beyond`` counts those of ours that lie at the published number or farther out
    on its side, and ``rank_p`` is the p-value that this count alone gives. ``ratio`` is our
    deviation over the published one, where there is one.
    """

    labels: dict[str, str]
    measure: str
    reported: Reported
    values: tuple[float, ...]
    summary: Summary
    near: Interval
    far: Interval
    p: float
    beyond: int
    ratio: float | None
    verdict: str

    @property
    def published(self) -> float:
        """The published number, or mean."""
        return self.reported.mean

    @property
    def rank_p(self) -> float:
        """Twice the share of all numbers, the published one among them, as far out on its side."""
        return min(1.0, 2 * (self.beyond + 1) / (self.summary.n + 1)) if self.summary.n else nan


def agree(
    labels: dict[str, str],
    measure: str,
    reported: Reported,
    values: Iterable[float],
    *,
    half_unit: float,
    compared: int,
    scale: Plain = PLAIN,
) -> Agreement:
    """Hold a published number against our values; it is one of ``compared`` such numbers.

    ``half_unit`` is how far rounding can have moved it. A single run is held against the prediction
    interval on a ``scale``, the mean of several against Welch's interval.
    """
    x = finite(values)
    if reported.sd is None:
        near, far = (
            prediction_interval(x, 1 - level, half_unit=half_unit, scale=scale)
            for level in (ALPHA, ALPHA / compared)
        )
        p = p_of_one_more(reported.mean, x, scale)
    else:
        near, far = (welch_interval(reported, x, lv, half_unit) for lv in (ALPHA, ALPHA / compared))
        p = p_of_means(reported, x)
    summary = summarise(x)
    return Agreement(
        labels,
        measure,
        reported,
        tuple(x.tolist()),
        summary,
        near,
        far,
        p,
        count_beyond(reported.mean, x),
        deviation(x) / reported.sd if reported.sd else None,
        judge_number(reported.mean, summary, near, far, widest_of(measure)),
    )


def widest_of(measure: str) -> float:
    """Return how wide half an interval may be: only in points is it known what is much."""
    return WIDEST if MEASURES[measure].unit == "points" else inf


def judge_number(
    published: float, ours: Summary, near: Interval, far: Interval, widest: float
) -> str:
    """Return the verdict on a published number.

    In tension outside the near interval, contradicted outside the far one. Inside, it is
    consistent, unless fewer than 10 seeds or an interval of more than ± ``widest`` say little.
    So do fewer than 10 that are all equal, wherever it lies: their scatter is not known to be none.
    """
    few = ours.n < FEWEST
    if not near.half_width < inf or (few and ours.min == ours.max):
        return SAYS_LITTLE
    if published not in near:
        return IN_TENSION if published in far else CONTRADICTED
    return SAYS_LITTLE if few or near.half_width > widest else CONSISTENT


def count_beyond(published: float, x: np.ndarray) -> int:
    """Return how many values lie at a number or farther out, on its side of their mean."""
    if not x.size:
        return 0
    return int(np.sum(x >= published if published >= x.mean() else x <= published))


def p_of_one_more(published: float, x: np.ndarray, scale: Plain) -> float:
    """Return the two-sided p-value of a number as one more of our values."""
    z = scale.to(x)
    if z.size < 2 or np.ptp(z) == 0:
        return nan
    t = abs(float(scale.to(published)) - z.mean()) / (deviation(z) * sqrt(1 + 1 / z.size))
    return float(2 * stdtr(z.size - 1, -t))


def welch(reported: Reported, x: np.ndarray) -> tuple[float, float]:
    """Return the standard error of the difference of two means, and its degrees of freedom.

    Welch (1947): ``s1² / n1 + s2² / n2``, with the degrees of freedom of Satterthwaite.
    """
    ours = deviation(x) ** 2 / x.size if x.size > 1 else nan
    theirs = (reported.sd or 0.0) ** 2 / reported.runs
    below = ours**2 / max(1, x.size - 1) + theirs**2 / (reported.runs - 1)
    return sqrt(ours + theirs), (ours + theirs) ** 2 / below if below else inf


def welch_interval(
    reported: Reported, x: np.ndarray, level: float, half_unit: float = 0.0
) -> Interval:
    """Return where the mean of so many runs lies, with their deviation, if it is that of ours."""
    if x.size < 2:
        return Interval(nan, nan)
    error, freedom = welch(reported, x)
    half = float(stdtrit(freedom, 1 - level / 2)) * error + half_unit
    return Interval(float(x.mean()) - half, float(x.mean()) + half)


def p_of_means(reported: Reported, x: np.ndarray) -> float:
    """Return the two-sided p-value of Welch's test between the published mean and ours."""
    if x.size < 2:
        return nan
    error, freedom = welch(reported, x)
    return float(2 * stdtr(freedom, -abs(reported.mean - x.mean()) / error)) if error else nan


def cell_agreements(results: Results, reference: Reference) -> list[Agreement]:
    """Hold every published number against the runs of its cell, in the order of the study."""
    pairs = [
        (cell, name, number)
        for cell, numbers in published_cells(results, reference)
        for name, number in numbers.items()
    ]
    return [
        agree(
            cell.labels,
            name,
            number,
            counted_values(cell, name, reference).values(),
            half_unit=reference.rounding / 2 if name.endswith("_accuracy") else 0.0,
            compared=len(pairs),
            scale=scale_of(name, cell, counted_share(cell, name, reference)),
        )
        for cell, name, number in pairs
    ]


def published_cells(
    results: Results, reference: Reference
) -> list[tuple[CellResults, dict[str, Reported]]]:
    """Return the study's cells that have published numbers, with them."""
    paper = match(reference, [cell.runs[0] for cell in results.cells])
    found = [(cell, paper.reported(cell.runs[0])) for cell in results.cells]
    return [(cell, numbers) for cell, numbers in found if numbers]


def counted_values(cell: CellResults, name: str, reference: Reference) -> dict[int, float]:
    """Return a score by seed, counted as the reference counts."""
    share = counted_share(cell, name, reference)
    return {seed: share * value for seed, value in cell.metric(name).items()}


def counted_share(cell: CellResults, name: str, reference: Reference) -> float:
    """Return which share of the points has its right answers counted: all, unless the reference
    counts whole test batches only.

    Which answers fall away is chance, so a run loses this share of its right ones on average.
    Raises InputError where not one batch is whole.
    """
    batch, points = reference.whole_test_batches, cell.runs[0].settings["data"].get("test")
    if batch is None or name != "test_accuracy" or not points:
        return 1.0
    if batch > points:
        place = reference.place(("whole_test_batches",))
        raise InputError(
            f"{place}: whole_test_batches must be at most the {points:,} test points, got {batch:,}"
        )
    return points // batch * batch / points
