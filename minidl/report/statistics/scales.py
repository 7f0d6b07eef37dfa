"""On which scale the runs of a cell scatter alike to both sides, as an interval takes for granted.

Accuracies are bounded and skewed: a symmetric interval around a mean of 98 % passes 100 %, and is
too narrow below. The logarithm of the number of wrong points is nearly symmetric.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from minidl.report.cell_results import CellResults

TOP = 100.0  # percent


@dataclass(frozen=True)
class Plain:
    """Numbers as they are."""

    def to(self, values: ArrayLike) -> np.ndarray:
        """Return the values on this scale."""
        return np.asarray(values, dtype=float)

    def back(self, z: ArrayLike, extra: float = 0.0) -> np.ndarray:
        """Return two ends in the values' own unit, lower first, each moved out by ``extra``."""
        low, high = sorted(np.asarray(z, dtype=float).tolist())
        return np.array([low - extra, high + extra])


@dataclass(frozen=True)
class WrongPoints(Plain):
    """``log(w + 1/2)`` of the number ``w = n (1 - accuracy / top)`` of wrong points among n.

    ``top`` is the accuracy without any wrong point, 100 % unless right answers were left out. What
    lies above it by half a point or more has no place: −inf, infinitely far from every accuracy.
    """

    points: float
    top: float = TOP

    def to(self, values: ArrayLike) -> np.ndarray:
        accuracy = np.asarray(values, dtype=float)
        wrong = self.points * (1 - accuracy / self.top)
        with np.errstate(divide="ignore"):  # of log(0)
            return np.log(np.maximum(wrong + 0.5, 0.0))

    def back(self, z: ArrayLike, extra: float = 0.0) -> np.ndarray:
        accuracy = self.top * (1 - (np.exp(np.asarray(z, dtype=float)) - 0.5) / self.points)
        return np.clip(super().back(accuracy, extra), 0.0, self.top)


def scale_of(score: str, cell: CellResults, counted: float = 1.0) -> Plain:
    """Return the scale of a score of a cell: that of wrong points for an accuracy.

    ``counted`` is the share of the points whose right answers are counted.
    """
    part, _, metric = score.partition("_")
    sizes: dict[str, Any] = cell.runs[0].settings["data"]
    if metric == "accuracy" and sizes.get(part):
        return WrongPoints(sizes[part], TOP * counted)
    return Plain()
