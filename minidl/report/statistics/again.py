"""How likely fresh seeds would give a verdict again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidl.report.statistics.significance import p_t

STUDIES = 2_000


def chance_again(gains: Sequence[np.ndarray], level: float, *, against: bool = False) -> float:
    """Return the share of resampled studies in which every part is significant again.

    ``gains`` are the differences ``(n,)`` of each part, with + for the claimed side. Whole seeds
    are drawn with replacement (Efron 1979), from a fixed seed, the same for all parts. With
    ``against``, one part on the other side is enough, at its share of the level. The t test decides
    alone; the sign-flip test seldom disagrees.
    """
    rng = np.random.default_rng(0)
    n = min(len(own) for own in gains)
    drawn = rng.integers(0, n, (STUDIES, n))
    studies = [np.asarray(own)[drawn] for own in gains]
    if against:
        lost = [2 * p_t(own, "less") * len(gains) <= level for own in studies]
        return float(np.any(lost, axis=0).mean())
    return float(np.all([2 * p_t(own, "greater") <= level for own in studies], axis=0).mean())
