"""Tests of one sample of differences, and the correction for several of them.

Differences stand along the last axis; the axes before it are samples of their own.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr  # scipy.stats takes a second to load

FEW = 9_999  # sign patterns that are simply all tried: those of 13 differences
RESAMPLES = 99_999  # random ones, so that noise spares the two digits that are shown
CHUNK = 10_000  # of them that are held at a time
LONGEST = 1_000_000  # steps from the lowest to the highest sum that are counted one by one
NEAR = 1e-4  # of a step: differences are rounded, and other numbers do not all come so close
MOST_PARTS = 400  # of the smallest difference, that all are whole multiples of
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

    If the differences are symmetric around 0, each could as well have had the other sign. The
    p-value is the share of sign patterns whose mean is at least as far out: of all 2^n where they
    can be counted, because n is small or the differences are multiples of one number, else of
    ``RESAMPLES`` random ones, from a fixed seed, and the observed one.
    """
    x = np.asarray(differences, dtype=float)
    n = x.shape[-1]
    if 2**n <= FEW:
        signs = 1 - 2 * (np.arange(2**n)[:, None] >> np.arange(n) & 1)
        return shares(x @ signs.T, x, alternative, 0)
    samples = x.reshape(-1, n)
    found = [p_on_grid(sample, alternative) for sample in samples]
    if any(p is None for p in found):
        random = shares(random_sums(samples), samples, alternative, 1)
        found = [r if p is None else p for p, r in zip(found, random, strict=True)]
    return np.array(found, dtype=float).reshape(x.shape[:-1])


def random_sums(samples: np.ndarray) -> np.ndarray:
    """Return the sums ``(samples, RESAMPLES)`` of differences ``(samples, n)``, signs at random."""
    rng = np.random.default_rng(0)
    signs = rng.integers(0, 2, (samples.shape[-1], RESAMPLES), dtype=np.int8)
    chunks = np.split(signs, range(CHUNK, RESAMPLES, CHUNK), axis=1)
    return np.concatenate([samples @ (2.0 * chunk - 1) for chunk in chunks], axis=-1)


def shares(sums: np.ndarray, x: np.ndarray, alternative: str, more: int) -> np.ndarray:
    """Return the p-value of differences among sums of them with other signs, ``(..., patterns)``.

    ``more`` is 1 where the observed pattern is not among them. Sums that differ by rounding alone
    are equal.
    """
    observed = x.sum(axis=-1, keepdims=True)
    near = 1e-12 * x.shape[-1] * np.abs(x).max(axis=-1, keepdims=True)
    total = sums.shape[-1] + more
    less = ((sums <= observed + near).sum(axis=-1) + more) / total
    greater = ((sums >= observed - near).sum(axis=-1) + more) / total
    return chosen(less, greater, alternative)


def chosen(less: np.ndarray, greater: np.ndarray, alternative: str) -> np.ndarray:
    """Return the p-value of an alternative from those of its two sides."""
    two_sided = np.minimum(1.0, 2 * np.minimum(less, greater))
    return {"two-sided": two_sided, "greater": greater, "less": less}[alternative]


def p_on_grid(x: np.ndarray, alternative: str) -> float | None:
    """Return the exact sign-flip p-value of multiples of one number; None for others.

    Accuracies are such, and their means. The sums of k differences with all signs are counted for
    k = 1, 2, ..., n: each difference moves half of the patterns up by itself, and half down.
    """
    steps = multiples(x)
    if steps is None:
        return None
    counts = np.ones(1)
    for step in np.abs(steps):  # shares of patterns by sum, from the lowest sum up
        counts = (np.pad(counts, (0, 2 * step)) + np.pad(counts, (2 * step, 0))) / 2
    observed = int(steps.sum() + np.abs(steps).sum())
    less, greater = counts[: observed + 1].sum(), counts[observed:].sum()
    return float(chosen(less, greater, alternative))


def multiples(x: np.ndarray) -> np.ndarray | None:
    """Return differences as whole multiples of one number; None where there is none that fits."""
    sizes = np.abs(x[x != 0])
    if not sizes.size:
        return np.zeros(x.shape, dtype=int)
    for parts in range(1, MOST_PARTS):
        steps = x * (parts / sizes.min())
        if np.abs(steps).sum() > LONGEST:
            return None
        if np.abs(steps - steps.round()).max() < NEAR:
            return steps.round().astype(int)
    return None


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


def holm_levels(
    p_values: ArrayLike, alpha: float, at: Callable[[float], float] = lambda level: level
) -> np.ndarray:
    """Return the share of alpha at which Holm's procedure tests each p-value of a family.

    The smallest is tested at alpha / m, the next at alpha / (m − 1), and so on until one fails; the
    rest are tested, and fail, at that level. A hypothesis is rejected where p ≤ level, and the
    chance of even one false rejection is at most alpha (Holm 1979). With several looks, ``at`` says
    what is left of a share for this one (Ye, Li, Liu and Yao 2013): then p ≤ at(level) rejects.
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    steps = alpha / np.arange(p.size, 0, -1)
    failed = np.flatnonzero(~(p[order] <= np.array([at(step) for step in steps.tolist()])))
    if failed.size:
        steps[failed[0] :] = steps[failed[0]]
    levels = np.empty(p.size)
    levels[order] = steps
    return levels
