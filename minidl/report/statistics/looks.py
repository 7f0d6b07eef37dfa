"""Looking again: how a planned number of seeds shares its error rate among several looks.

Whoever tests at 5 % whenever new seeds are there is wrong more often than in 5 % of studies. So the
error is *spent* (Lan and DeMets 1983): after a share ``t`` of the planned seeds, no more than

    spent(t) = 2 - 2 Phi(z / sqrt(t)),   z = Phi^-1(1 - alpha / 2)

has been spent. This is O'Brien and Fleming's shape: almost nothing early, nearly all at the end.
The level of a look is what the seeds of all looks together, a Brownian motion, leave for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import pi, sqrt

import numpy as np
from scipy.special import ndtr, ndtri

from minidl.report.statistics.significance import EQUIVALENCE

GRID = 801  # points on which the density of what has not been decided is held


@dataclass(frozen=True)
class Looks:
    """How many seeds a look has, after which earlier ones, of how many that were planned."""

    now: int
    planned: int
    earlier: tuple[int, ...] = ()

    @property
    def all(self) -> list[int]:
        """The numbers of seeds of all looks up to this one, each once."""
        return [*sorted({n for n in self.earlier if 0 < n < self.now}), self.now]

    @property
    def beyond(self) -> bool:
        """Whether there are more seeds than planned: then no error rate holds any more."""
        return self.now > self.planned

    def level(self, alpha: float) -> float:
        """Return the level of this look's two-sided test, if all looks share ``alpha``.

        ``alpha`` itself where this is the only look and has all planned seeds, or more.
        """
        shares = tuple(n / self.planned for n in self.all if n < self.planned)
        if not shares:
            return alpha
        return look_level(alpha, shares if self.now < self.planned else (*shares, 1.0))

    @property
    def equivalence(self) -> float:
        """The level of each of this look's two one-sided tests of equivalence."""
        return self.level(2 * EQUIVALENCE) / 2


ONE_LOOK = Looks(1, 1)


def spent(alpha: float, share: float) -> float:
    """Return how much of ``alpha`` may be spent after a share of the planned seeds."""
    return float(2 * ndtr(ndtri(alpha / 2) / sqrt(share)))


@cache
def look_level(alpha: float, shares: tuple[float, ...]) -> float:
    """Return the level of the last of some looks, each after a share of the planned seeds.

    The score after share t is a Brownian motion at time t, and a look stops it outside its bounds.
    The density of what went on is held on a grid from look to look (Armitage, McPherson and Rowe
    1969), and a look's bounds are where they let through what it may spend.
    """
    if len(shares) == 1:
        return spent(alpha, shares[0])
    points, weights, before, bound = np.zeros(1), np.ones(1), 0.0, 0.0
    for share in shares:
        step = sqrt(share - before)
        wanted = spent(alpha, share) - (spent(alpha, before) if before else 0.0)
        bound = find_bound(points, weights, step, wanted)
        new = np.linspace(-bound, bound, GRID)
        spread = np.exp(-0.5 * ((new[:, None] - points) / step) ** 2) / (step * sqrt(2 * pi))
        density = spread @ weights
        density[[0, -1]] /= 2  # the trapezoidal rule
        points, weights, before = new, density * (new[1] - new[0]), share
    return float(2 * ndtr(-bound / sqrt(before)))


def find_bound(points: np.ndarray, weights: np.ndarray, step: float, wanted: float) -> float:
    """Return the bound that a share ``wanted`` of all studies passes in a step, up or down."""
    from scipy.optimize import root_scalar  # loading it takes longer than most readings

    def passes(bound: float) -> float:
        out = ndtr((points - bound) / step) + ndtr((-points - bound) / step)
        return float(out @ weights) - wanted

    return float(root_scalar(passes, bracket=(0.0, 40.0)).root)
