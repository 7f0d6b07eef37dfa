"""The effect of a factor, seed by seed: the runs of one seed differ in nothing but their settings.

All configurations of a seed share data, initial weights and batch order. So the difference between
two levels of a factor is taken within each seed, averaged over the cells of the other factors, and
there are as many independent numbers as there are seeds, never as many as there are runs.

A side of the difference may be several levels: then it is the mean of their runs, seed by seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from minidl.report.cell_results import CellResults
from minidl.report.levels import Side, called, find_sides
from minidl.report.measures import (
    MEASURES,
    Measure,
    Measured,
    Options,
    check_measure,
    measure_runs,
)
from minidl.report.results import Results
from minidl.report.statistics.cell_weights import Weights, cell_weights
from minidl.report.statistics.collapses import Collapses, collapses
from minidl.report.statistics.intervals import Interval, mean_interval
from minidl.report.statistics.one_table import Shared, shared_points
from minidl.report.statistics.pairs import cells_at, others, pair_cells

DIGITS = 10  # a difference is rounded to these, so that 97.3 − 96.8 equals 96.6 − 96.1


@dataclass(frozen=True)
class CellEffect:
    """The differences in one cell of the other factors, in the order of the effect's seeds."""

    labels: dict[str, str]
    differences: np.ndarray

    @property
    def mean(self) -> float:
        """The mean over seeds; NaN without any."""
        return float(self.differences.mean()) if self.differences.size else nan

    def interval(self, level: float = 0.95) -> Interval:
        """Return the t interval of the mean."""
        return mean_interval(self.differences, level)


@dataclass(frozen=True)
class Effect:
    """First level − second level of a factor: one number for each complete seed.

    It is the mean over the ``cells``, each with its own of the ``weights``, which sum to 1.
    ``correlation`` is that of the two levels over the seeds: what pairing them gained; NaN where
    there is one level only.

    A seed is complete when every compared cell has its run, and the run a number. ``left_out`` are
    the other seeds; ``unpaired`` counts the cells that lack a partner at one of the levels.
    ``horizon`` and ``target`` are set for measures of time; ``unreached`` counts, for each level,
    the runs of the complete seeds that did not reach the target before it. ``note`` is what must be
    known of the measure. ``shared`` says which points all seeds share, if any, and ``collapses``
    counts the runs at either level that learned nothing. ``sizes`` is of how many levels of the
    study each of the two is the mean.
    """

    factor: str
    levels: tuple[str, str]
    measure: Measure
    seeds: list[int]
    differences: np.ndarray
    cells: list[CellEffect]
    weights: np.ndarray
    correlation: float
    left_out: list[int]
    unpaired: int = 0
    horizon: float | None = None
    target: str = ""
    note: str = ""
    unreached: tuple[int, int] = (0, 0)
    shared: Shared | None = None
    collapses: Collapses | None = None
    sizes: tuple[int, int] = (1, 1)

    @property
    def n(self) -> int:
        """How many seeds there are: the size of the sample."""
        return len(self.seeds)

    @property
    def runs(self) -> tuple[int, int]:
        """How many runs of complete seeds there are at either level."""
        first, second = self.sizes
        return first * self.n * len(self.cells), second * self.n * len(self.cells)

    @property
    def never_reached(self) -> bool:
        """Whether no run at either level reached the target: then all times are the horizon."""
        return self.horizon is not None and self.n > 0 and self.unreached == self.runs


def effect(
    results: Results,
    factor: str,
    levels: Sequence[Side],
    measure: str = "test_accuracy",
    options: Options | None = None,
    weights: Weights | None = None,
) -> Effect:
    """Return the paired effect of a factor on a measure, between two levels or means of several.

    Raises InputError when the measure is unknown, the study does not vary the factor, has no such
    level, or no cell at both levels.
    """
    check_measure(measure)
    sides = find_sides(results.cells, factor, levels)
    pairs, unpaired = pair_cells(results.cells, factor, sides)
    both = [cell for pair in pairs for side in pair for cell in side]
    measured = measure_runs(measure, both, results.folder, options)
    seeds, left_out = complete(measured, both)
    size, other = map(len, sides)
    runs = rows(measured.values, seeds).reshape(len(pairs), size + other, len(seeds))
    at_first, at_second = runs[:, :size], runs[:, size:]
    first, second = at_first.mean(axis=1), at_second.mean(axis=1)
    labels = [others(side[0], factor) for side, _ in pairs]
    share = cell_weights(labels, weights or {})
    horizon = measured.horizon
    return Effect(
        factor=factor,
        levels=(called(tuple(sides[0])), called(tuple(sides[1]))),
        measure=MEASURES[measure],
        seeds=seeds,
        differences=np.round(share @ (first - second), DIGITS),
        cells=[
            CellEffect(where, np.round(own, DIGITS))
            for where, own in zip(labels, first - second, strict=True)
        ],
        weights=share,
        correlation=correlation(share @ first, share @ second),
        left_out=left_out,
        unpaired=unpaired,
        horizon=horizon,
        target=measured.target,
        note=measured.note,
        unreached=(int((at_first == horizon).sum()), int((at_second == horizon).sum())),
        shared=shared_points(both),
        collapses=collapses(pairs, seeds),
        sizes=(size, other),
    )


def level_effect(
    results: Results,
    factor: str,
    level: Side,
    value: float,
    measure: str = "test_accuracy",
    options: Options | None = None,
    weights: Weights | None = None,
) -> Effect:
    """Return a measure at one level of a factor, or the mean of several, less a number that it is
    held against.

    Raises InputError as ``effect`` does.
    """
    check_measure(measure)
    (side,) = find_sides(results.cells, factor, [level])
    groups = list(cells_at(results.cells, factor, list(side.values())).values())
    cells = [cell for group in groups for cell in group]
    measured = measure_runs(measure, cells, results.folder, options)
    seeds, left_out = complete(measured, cells)
    runs = rows(measured.values, seeds).reshape(len(groups), len(side), len(seeds))
    own = runs.mean(axis=1) - value
    labels = [others(group[0], factor) for group in groups]
    share = cell_weights(labels, weights or {})
    return Effect(
        factor=factor,
        levels=(called(tuple(side)), f"{value:g}"),
        measure=MEASURES[measure],
        seeds=seeds,
        differences=np.round(share @ own, DIGITS),
        cells=[
            CellEffect(where, np.round(row, DIGITS)) for where, row in zip(labels, own, strict=True)
        ],
        weights=share,
        correlation=nan,
        left_out=left_out,
        note=measured.note,
        shared=shared_points(cells),
    )


def complete(measured: Measured, cells: Sequence[CellResults]) -> tuple[list[int], list[int]]:
    """Return the seeds for which every cell has a number, and the others that it should have."""
    wanted = sorted({run.seed for cell in cells for run in cell.runs})
    found = [
        seed for seed in wanted if all(np.isfinite(cell.get(seed, nan)) for cell in measured.values)
    ]
    return found, [seed for seed in wanted if seed not in found]


def rows(values: Sequence[dict[int, float]], seeds: Sequence[int]) -> np.ndarray:
    """Return ``(cells, seeds)``."""
    return np.array([[cell[seed] for seed in seeds] for cell in values], dtype=float)


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return Pearson's correlation over the seeds; NaN where one of the two does not vary."""
    if first.size < 3 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return nan
    return float(np.corrcoef(first, second)[0, 1])
