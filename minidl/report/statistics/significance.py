"""Tests of one sample of differences, and the correction for several of them.

Differences stand along the last axis; the axes before it are samples of their own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr  # scipy.stats takes a second to load

RESAMPLES = 9_999  # up to 13 differences all sign patterns are tried, beyond that so many
BATCH = 2_000_000  # numbers held at a time
EQUIVALENCE = 0.05  # error rate of the two one-sided tests: a 90 % interval inside the margin


def p_value(differences: ArrayLike, alternative: str = "two-sided") -> np.ndarray:
    """Return the p-value of "the mean is 0": the larger one of the t and of the sign-flip test.

    The t test leans on the normal distribution, the sign-flip test on symmetry alone; a result
    counts when both agree. ``alternative`` is ``two-sided``, ``greater`` or ``less``. NaN below two
    differences.
    """
    x = np.asarray(differences, dtype=float)
    if x.shape[-1] < 2:
        return np.full(x.shape[:-1], np.nan)
    return np.maximum(p_t(x, alternative), p_sign_flip(x, alternative))


def p_t(differences: ArrayLike, alternative: str = "two-sided") -> np.ndarray:
    """Return the p-value of the one-sample t test, which on differences is the paired t test.

    Differences that are all equal have no deviation: their p-value is 0, or 1 when their mean is
    not on the side of the alternative. The sign-flip test then decides alone.
    """
    x = np.asarray(differences, dtype=float)
    n = x.shape[-1]
    constant = np.ptp(x, axis=-1) == 0
    varied = np.where(constant[..., None], np.arange(n), x)
    t = varied.mean(axis=-1) / (varied.std(axis=-1, ddof=1) / np.sqrt(n))
    p = {
        "two-sided": 2 * stdtr(n - 1, -np.abs(t)),
        "greater": stdtr(n - 1, -t),
        "less": stdtr(n - 1, t),
    }
    on_side = {"two-sided": x != 0, "greater": x > 0, "less": x < 0}[alternative][..., 0]
    return np.where(constant, np.where(on_side, 0.0, 1.0), p[alternative])


def p_sign_flip(differences: ArrayLike, alternative: str = "two-sided") -> np.ndarray:
    """Return the p-value of the sign-flip permutation test of the mean.

    When the two levels are alike, a seed's difference could as well have had the other sign. The
    p-value is the share of sign patterns whose mean is at least as far out: of all 2^n where they
    are at most ``RESAMPLES``, else of so many random ones, from a fixed seed, and the observed one.
    """
    x = np.asarray(differences, dtype=float)
    if 2 ** x.shape[-1] <= RESAMPLES:
        return p_all_signs(x, alternative)
    from scipy import stats  # takes a second to load

    result = stats.permutation_test(
        (x,),
        np.mean,
        permutation_type="samples",
        vectorized=True,
        axis=-1,
        alternative=alternative,
        n_resamples=RESAMPLES,
        batch=max(1, BATCH // x.size),
        rng=np.random.default_rng(0),
    )
    return np.asarray(result.pvalue)


def p_all_signs(x: np.ndarray, alternative: str) -> np.ndarray:
    """Return the exact p-value of the sign-flip test, over all 2^n sign patterns of n differences.

    Means that differ by rounding alone are equal.
    """
    n = x.shape[-1]
    signs = 1 - 2 * (np.arange(2**n)[:, None] >> np.arange(n) & 1)
    means, observed = x @ signs.T / n, x.mean(axis=-1, keepdims=True)
    near = 1e-12 * np.abs(x).max(axis=-1, keepdims=True)
    less = (means <= observed + near).mean(axis=-1)
    greater = (means >= observed - near).mean(axis=-1)
    two_sided = np.minimum(1.0, 2 * np.minimum(less, greater))
    return {"two-sided": two_sided, "greater": greater, "less": less}[alternative]


def p_equivalence(differences: ArrayLike, margin: float) -> np.ndarray:
    """Return the p-value of "the mean is a ``margin`` or more away from 0".

    Two one-sided t tests, at −margin and at +margin; the larger p-value counts (Schuirmann 1987).
    It is at most 5 % exactly when the 90 % t interval lies inside ±margin. As with sign flips, n
    differences never give less than 1 / 2^n: two equal ones are not a proof.
    """
    x = np.asarray(differences, dtype=float)
    n = x.shape[-1]
    if n < 2:
        return np.full(x.shape[:-1], np.nan)
    return np.maximum(np.maximum(p_t(x + margin, "greater"), p_t(x - margin, "less")), 0.5**n)


def holm_levels(p_values: ArrayLike, alpha: float) -> np.ndarray:
    """Return the level at which Holm's procedure tests each p-value of a family.

    The smallest is tested at alpha / m, the next at alpha / (m − 1), and so on until one fails; the
    rest are tested, and fail, at that level. A hypothesis is rejected where p ≤ level, and the
    chance of even one false rejection is at most alpha (Holm 1979).
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    steps = alpha / np.arange(p.size, 0, -1)
    failed = np.flatnonzero(~(p[order] <= steps))
    if failed.size:
        steps[failed[0] :] = steps[failed[0]]
    levels = np.empty(p.size)
    levels[order] = steps
    return levels
