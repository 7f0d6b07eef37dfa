"""A score over the epochs: its mean over runs, and a band that holds the mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.special import stdtrit  # scipy.stats takes a second to load


class Band(NamedTuple):
    """A mean and its interval by epoch, each ``(epochs,)``; NaN bounds where one run is left."""

    epochs: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def band(curves: Sequence[list[dict[str, Any]]], metric: str) -> Band:
    """Return a metric's mean over runs, with its 95 % t interval, at every recorded epoch.

    Values that are NaN or infinite are left out: they are those of diverged runs.
    """
    epochs = np.unique([point["epoch"] for curve in curves for point in curve])
    values = np.full((len(curves), len(epochs)), np.nan)
    for row, curve in zip(values, curves, strict=True):
        row[np.searchsorted(epochs, [point["epoch"] for point in curve])] = [
            np.nan if point.get(metric) is None else point[metric] for point in curve
        ]
    known = np.isfinite(values)
    n = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):  # no run left: NaN; one: no interval
        mean = values.sum(axis=0, where=known) / n
        squares = ((values - mean) ** 2).sum(axis=0, where=known)
        half = stdtrit(n - 1, 0.975) * np.sqrt(squares / (n - 1) / n)
    return Band(epochs, mean, mean - half, mean + half)


def ends_early(curves: Sequence[list[dict[str, Any]]]) -> bool:
    """Whether one of some runs' curves ends before another: a run has stopped early."""
    return len({curve[-1]["epoch"] for curve in curves if curve}) > 1


def has_gaps(curves: Sequence[list[dict[str, Any]]], metric: str) -> bool:
    """Whether a metric is no number at some of the points, and one at others."""
    return len({point.get(metric) is None for curve in curves for point in curve}) > 1
