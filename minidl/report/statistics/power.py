"""How many seeds it takes: the power of the tests, and the sample size that reaches it."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, inf, log2, sqrt

import numpy as np
from scipy.special import chdtri, nctdtr, stdtrit

from minidl.report.statistics.significance import EQUIVALENCE

POWER = 0.8
MAX_SEEDS = 1_000_000


def power_of_difference(n: int, effect: float, deviation: float, level: float) -> float:
    """Return the chance that a t test of n differences finds a true mean of ``effect``."""
    t = stdtrit(n - 1, 1 - level / 2)
    shift = abs(effect) * sqrt(n) / deviation
    wrong_side = nctdtr(n - 1, shift, -t)  # NaN where scipy cannot tell it from 0
    return float(1 - nctdtr(n - 1, shift, t) + np.nan_to_num(wrong_side))


def power_of_equivalence(
    n: int, effect: float, deviation: float, margin: float, level: float = EQUIVALENCE
) -> float:
    """Return the chance that two one-sided t tests find a true mean of ``effect`` inside ±margin.

    The usual approximation by noncentral t, which takes the tests as never failing together.
    """
    t = stdtrit(n - 1, 1 - level)
    above, below = ((margin + sign * effect) * sqrt(n) / deviation for sign in (1, -1))
    miss = nctdtr(n - 1, above, t) + nctdtr(n - 1, below, t)
    return max(0.0, float(1 - miss))


def deviation_range(deviation: float, n: int) -> tuple[float, float]:
    """Return the ends of the 60 % interval of the true deviation behind that of n values.

    ``s sqrt((n - 1) / q)``, with the upper and the lower 20 % point q of chi-square.
    """
    low, high = (deviation * sqrt((n - 1) / chdtri(n - 1, tail)) for tail in (0.2, 0.8))
    return float(low), float(high)


def fewest_seeds(level: float) -> int:
    """Return how many seeds the sign-flip test needs to be able to reach a two-sided level.

    All n signs alike has a p-value of 2 / 2^n, and nothing has a smaller one.
    """
    return max(2, ceil(log2(2 / level)))


def seeds_for(power: Callable[[int], float], least: int) -> float:
    """Return the smallest n of at least ``least`` that has a power of 80 %, inf beyond a million.

    Power grows with n, so n is doubled until it is enough, and then found by bisection.
    """
    low, high = least - 1, least
    while power(high) < POWER:
        low, high = high, 2 * high
        if high > MAX_SEEDS:
            return inf
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle) >= POWER else (middle, high)
    return high


def seeds_needed(effect: float, deviation: float, level: float) -> float:
    """Return how many seeds find a true mean of ``effect`` with a power of 80 %.

    The t test's number and one more: simulation shows that to be what the agreement of the
    sign-flip test costs, whatever the level and the effect.
    """
    least = fewest_seeds(level)
    if deviation == 0 or effect == 0:
        return inf if effect == 0 else least
    return seeds_for(lambda n: power_of_difference(n, effect, deviation, level), least) + 1


def seeds_for_equivalence(
    effect: float, deviation: float, margin: float, level: float = EQUIVALENCE
) -> float:
    """Return how many seeds show a mean of ``effect`` to be within ±margin, in 80 % of cases."""
    least = fewest_seeds(2 * level)  # one-sided: all signs alike has 1 / 2^n
    if deviation == 0 or abs(effect) >= margin:
        return inf if abs(effect) >= margin else least
    return seeds_for(lambda n: power_of_equivalence(n, effect, deviation, margin, level), least)
