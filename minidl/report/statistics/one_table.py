"""Runs that share their points: every seed splits one table anew, or has one pinned draw.

Their differences are not independent draws of data, so a verdict is about this table or this draw.
For other tables of the same kind the variance of the mean of n re-splits is

    (1 / n + n_test / n_train) s²

instead of s² / n, because the training sets overlap (Nadeau and Bengio 2003).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, nan, sqrt

import numpy as np
from scipy.special import stdtr  # scipy.stats takes a second to load

from minidl.report.cell_results import CellResults
from minidl.report.statistics.intervals import Interval, around_mean, deviation

# The data sources of which there are only so many points.
TABLES = ("breast_cancer", "csv", "diabetes", "digits", "iris", "modular", "wine")


@dataclass(frozen=True)
class Shared:
    """Which points all seeds share: those of a ``table``, or of the draw that ``pinned`` names.

    ``ratio`` is that of test to training points where each seed splits a table anew; NaN where all
    have the same.
    """

    table: str = ""
    pinned: int | None = None
    ratio: float = nan


def shared_points(cells: Sequence[CellResults]) -> Shared | None:
    """Return what the seeds of some cells share, None where any cell has data of its own by seed.

    Of several tables the one with the largest share of test points counts.
    """
    found = [shared_by(cell) for cell in cells]
    if not found or None in found:
        return None
    return max((own for own in found if own), key=lambda own: own.ratio if own.ratio > 0 else inf)


def shared_by(cell: CellResults) -> Shared | None:
    """Return what the seeds of one cell share."""
    data = cell.runs[0].settings["data"]
    table = data["name"] if data["name"] in TABLES else ""
    if (pinned := data.get("seed")) is not None:
        return Shared(table, pinned)
    if not table:
        return None
    whole = not data["test"] or data.get("test_path") is not None
    return Shared(table, None, nan if whole else data["test"] / data["train"])


def resplit_interval(differences: np.ndarray, ratio: float, level: float = 0.95) -> Interval:
    """Return the t interval of the mean difference for other tables of the same kind."""
    return around_mean(differences, level, sqrt(1 / differences.size + ratio))


def resplit_p(differences: np.ndarray, ratio: float) -> float:
    """Return the two-sided p-value of "the mean is 0 for tables of this kind"."""
    n, s = differences.size, deviation(differences)
    if not s > 0:
        return nan
    t = abs(differences.mean()) / (s * sqrt(1 / n + ratio))
    return float(2 * stdtr(n - 1, -t))
