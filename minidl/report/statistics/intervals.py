"""Summaries of a sample: where its mean lies, and where one more value will lie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit  # scipy.stats takes a second to load

from minidl.report.statistics.scales import Plain

PLAIN = Plain()


@dataclass(frozen=True)
class Interval:
    """From ``low`` to ``high``; both are NaN where there are too few values for an interval."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    @property
    def half_width(self) -> float:
        """Half the distance between the ends."""
        return (self.high - self.low) / 2


@dataclass(frozen=True)
class Summary:
    """A sample in numbers. ``n`` counts its values; what cannot be computed from them is NaN.

    ``mean_interval`` is the 95 % t interval of the mean, ``next_interval`` the 95 % prediction
    interval for one more value.
    """

    n: int
    mean: float
    sd: float
    median: float
    min: float
    max: float
    mean_interval: Interval
    next_interval: Interval


def summarise(values: Iterable[float], *, half_unit: float = 0.0) -> Summary:
    """Summarise the values that are numbers; ``half_unit`` widens the prediction interval."""
    x = finite(values)
    if not x.size:
        return Summary(0, nan, nan, nan, nan, nan, Interval(nan, nan), Interval(nan, nan))
    return Summary(
        n=x.size,
        mean=float(x.mean()),
        sd=deviation(x),
        median=float(np.median(x)),
        min=float(x.min()),
        max=float(x.max()),
        mean_interval=mean_interval(x),
        next_interval=prediction_interval(x, half_unit=half_unit),
    )


def finite(values: Iterable[float]) -> np.ndarray:
    """Return the values that are numbers, in a float array."""
    x = np.array(list(values), dtype=float)
    return x[np.isfinite(x)]


def deviation(x: np.ndarray) -> float:
    """Return the standard deviation, with n − 1 in its denominator; NaN below two values."""
    return float(x.std(ddof=1)) if x.size > 1 else nan


def mean_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Return the t interval of the mean: ``mean ± t s / √n``, t with n − 1 degrees of freedom."""
    x = np.asarray(values, dtype=float)
    return around_mean(x, level, sqrt(1 / x.size) if x.size else nan)


def prediction_interval(
    values: ArrayLike, level: float = 0.95, *, half_unit: float = 0.0, scale: Plain = PLAIN
) -> Interval:
    """Return where one more value of the same kind lies: ``mean ± t s √(1 + 1/n)`` on a scale.

    It is widened at both ends by ``half_unit``, because a published number is a rounded one
    (Hahn and Meeker, *Statistical Intervals*, section 4.7).
    """
    z = scale.to(values)
    ahead = around_mean(z, level, sqrt(1 + 1 / z.size) if z.size else nan)
    if z.size < 2:
        return ahead
    low, high = scale.back([ahead.low, ahead.high], half_unit).tolist()
    return Interval(low, high)


def around_mean(x: np.ndarray, level: float, factor: float) -> Interval:
    """Return ``mean ± t s factor``, NaN below two values; of equal values the mean at any level."""
    if x.size < 2:
        return Interval(nan, nan)
    sd = deviation(x)
    t = stdtrit(x.size - 1, (1 + level) / 2) if sd else 0.0  # infinite at a level that rounds to 1
    half = t * sd * factor
    return Interval(float(x.mean() - half), float(x.mean() + half))
