"""Whether a difference is the same everywhere: contrasts between the levels of another factor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from minidl.report.statistics.intervals import Interval, mean_interval
from minidl.report.statistics.paired import DIGITS, Effect
from minidl.report.statistics.significance import holm_levels, p_value


@dataclass(frozen=True)
class Contrast:
    """The difference at one level of another factor, less that at its other levels, by seed.

    ``clear`` says whether it is significant, with Holm's correction over the contrasts of one
    question.
    """

    axis: str
    level: str
    others: tuple[str, ...]
    differences: np.ndarray
    p: float
    clear: bool

    @property
    def mean(self) -> float:
        """The mean over seeds."""
        return float(self.differences.mean())

    def interval(self, level: float = 0.95) -> Interval:
        """Return the t interval of the mean."""
        return mean_interval(self.differences, level)


def contrasts(
    effect: Effect, alpha: float, at: Callable[[float], float] = lambda level: level
) -> list[Contrast]:
    """Return every contrast of an effect, factor by factor; none with fewer than two seeds.

    A factor of two levels has one, another has one for each level. Each cell counts alike.
    """
    if effect.n < 2:
        return []
    found = [each for axis in axes_of(effect) for each in along(effect, axis)]
    p = [float(p_value(differences)) for *_, differences in found]
    levels = holm_levels(p, alpha, at).tolist()
    return [
        Contrast(axis, level, others, differences, own, own <= at(share))
        for (axis, level, others, differences), own, share in zip(found, p, levels, strict=True)
    ]


def axes_of(effect: Effect) -> list[str]:
    """Return the axes that every cell of an effect has."""
    first, *rest = (cell.labels for cell in effect.cells)
    return [axis for axis in first if all(axis in labels for labels in rest)]


def along(effect: Effect, axis: str) -> list[tuple[str, str, tuple[str, ...], np.ndarray]]:
    """Return axis, level, other levels and differences of each contrast of one factor."""
    by_level: dict[str, list[np.ndarray]] = {}
    for cell in effect.cells:
        by_level.setdefault(cell.labels[axis], []).append(cell.differences)
    levels = list(by_level)
    if len(levels) < 2:
        return []
    found = []
    for level in levels[:1] if len(levels) == 2 else levels:
        others = tuple(other for other in levels if other != level)
        elsewhere = [own for other in others for own in by_level[other]]
        contrast = np.mean(by_level[level], axis=0) - np.mean(elsewhere, axis=0)
        found.append((axis, level, others, np.round(contrast, DIGITS)))
    return found
