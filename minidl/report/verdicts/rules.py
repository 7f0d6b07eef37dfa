"""The rules by which a claim gets its verdict. docs/statistics.md tells them with their sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from minidl.report.statistics.looks import ONE_LOOK, Looks
from minidl.report.statistics.power import deviation_range, seeds_for_equivalence, seeds_needed
from minidl.report.statistics.significance import EQUIVALENCE, holm_levels, p_equivalence, p_value

SUPPORTED = "supported"
CONTRADICTED = "contradicted"
PARTLY = "partly supported"
NO_DIFFERENCE = "no difference that matters"
UNDECIDED = "undecided"
NO_VERDICT = "no verdict"
DIFFERENT = "a difference"  # where nothing is claimed
DECIDED = (SUPPORTED, CONTRADICTED, DIFFERENT)  # by a difference
OPPOSITE = {SUPPORTED: CONTRADICTED, CONTRADICTED: SUPPORTED, PARTLY: UNDECIDED}
ALPHA = 0.05  # where no reference says otherwise


class Evidence(NamedTuple):
    """What the seeds say about one question: floats, or arrays for many samples.

    ``side`` is +1 on the claimed side, −1 on the other, 0 in between. ``p`` is the two-sided
    p-value of no effect, ``p_equivalence`` that of an effect of the margin or more. Both are NaN
    with fewer than two seeds.
    """

    p: np.ndarray
    side: np.ndarray
    p_equivalence: np.ndarray


def weigh(gains: ArrayLike, margin: float, kind: str) -> Evidence:
    """Return the evidence in differences ``(..., n)`` whose sign makes + the claimed side.

    ``not_worse`` asks whether the mean is above −margin, which moves the zero, and ``same`` whether
    it lies within ±margin or beyond; both leave nothing to be equivalent to. Any other kind asks
    whether it is above 0.
    """
    x = np.asarray(gains, dtype=float)
    if kind == "not_worse":
        x = x + margin
        return Evidence(p_value(x), side_of(x), np.ones(x.shape[:-1]))
    if kind == "same":
        inside = np.abs(x.sum(axis=-1)) < margin * x.shape[-1]
        beyond = p_value(x - margin * side_of(x)[..., None])
        p = np.where(inside, p_equivalence(x, margin), beyond)
        return Evidence(p, np.where(inside, 1.0, -1.0), np.ones(x.shape[:-1]))
    return Evidence(p_value(x), side_of(x), p_equivalence(x, margin))


def side_of(x: np.ndarray) -> np.ndarray:
    """Return the sign of the mean along the last axis, 0 for no values."""
    return np.sign(x.sum(axis=-1))


def p_support(parts: Sequence[Evidence]) -> float:
    """Return the p-value for a claim: it needs every part, so the largest counts.

    This is the intersection-union test (Berger 1982); a part on the wrong side counts as 1.
    """
    return max(float(part.p) if part.side > 0 else 1.0 for part in parts)


def p_contradiction(parts: Sequence[Evidence], of: int) -> float:
    """Return the p-value against a claim: one part on the other side is enough to refute it.

    So the smallest counts, times the number ``of`` parts that it was picked from (Bonferroni).
    """
    return min(1.0, of * min(float(part.p) if part.side < 0 else 1.0 for part in parts))


def p_claim(parts: Sequence[Evidence]) -> float:
    """Return the p-value of a claim, for or against; 1 where a part has no evidence."""
    if any(np.isnan(part.p) for part in parts):
        return 1.0
    return min(p_support(parts), p_contradiction(parts, len(parts)))


def against(parts: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence for the other side of each part.

    A claim that any part is enough for fails where every part does, so it is judged by its
    ``OPPOSITE``: that all go the other way.
    """
    return [part._replace(side=-part.side) for part in parts]


def levels(
    claims: Sequence[Sequence[Evidence]], alpha: float, looks: Looks = ONE_LOOK
) -> list[float]:
    """Return the share of alpha that each claim of a family has by Holm's procedure, at a look."""
    return holm_levels([p_claim(parts) for parts in claims], alpha, looks.level).tolist()


def decide(
    parts: Sequence[Evidence],
    level: float,
    of: int | None = None,
    *,
    equivalence: float = EQUIVALENCE,
    needs: str = "all",
) -> str:
    """Return the verdict on some parts of a claim that has ``of`` parts; on all, unless told.

    - supported: every part is significant on the claimed side;
    - contradicted: some part is significant on the other side;
    - partly supported: neither, some parts are supported, and all others lie within ±margin;
    - no difference that matters: every part lies within ±margin;
    - undecided: otherwise; and no verdict where a part has fewer than two seeds.

    A claim that ``needs`` any part is supported when some part is significant on the claimed side,
    contradicted when every part is on the other.
    """
    if needs == "any":
        outcome = decide(against(parts), level, of, equivalence=equivalence)
        return OPPOSITE.get(outcome, outcome)
    if any(np.isnan(part.p) for part in parts):
        return NO_VERDICT
    if p_support(parts) <= level:
        return SUPPORTED
    if p_contradiction(parts, of or len(parts)) <= level:
        return CONTRADICTED
    open_parts = [part for part in parts if not p_support([part]) <= level]
    if all(is_equivalent(part, equivalence) for part in open_parts):
        return PARTLY if len(open_parts) < len(parts) else NO_DIFFERENCE
    return UNDECIDED


def is_equivalent(part: Evidence, level: float = EQUIVALENCE) -> bool:
    """Whether a part lies within ±margin, as two one-sided tests say at a level."""
    return bool(part.p_equivalence <= level)


def qualified(outcome: str, *, negligible: bool, depends: bool, beyond: bool = False) -> str:
    """Return an outcome with what must be said beside it."""
    told = outcome + ", but negligible" * negligible + ", depends" * depends
    return told + ", beyond the plan" * (beyond and outcome not in (UNDECIDED, NO_VERDICT))


def seeds_to_decide(
    mean: float, deviation: float, n: int, margin: float, kind: str, level: float
) -> tuple[float, float]:
    """Return how many seeds would decide, with a power of 80 %, what n seeds have left undecided.

    The deviation is known from n seeds only, so it is a range: for the ends of the interval that
    holds the true one in 60 % of cases, 20 % lying above. inf beyond a million. A smaller deviation
    does not always need fewer: where n seeds would have been enough for it, the truth seems to lie
    at the very margin, and the lower number comes first all the same.
    """
    low, high = sorted(
        seeds_for_deviation(mean, end, n, margin, kind, level)
        for end in deviation_range(deviation, n)
    )
    return low, high


def seeds_for_deviation(
    mean: float, deviation: float, n: int, margin: float, kind: str, level: float
) -> float:
    """Return how many seeds would decide if the differences have a deviation.

    Enough to find an effect of the margin, and to show that there is none that matters if there is
    none at all. If n seeds were enough for that, the truth seems to lie in between, and the number
    is for an effect as large as the observed one.
    """
    if kind == "same":
        planned = seeds_for_equivalence(0.0, deviation, margin, level)
        observed = seeds_for_equivalence(mean, deviation, margin, level)
        return planned if planned > n else max(observed, n + 1)
    at_zero = mean + margin if kind == "not_worse" else mean
    planned = seeds_needed(margin, deviation, level)
    observed = seeds_needed(at_zero, deviation, level)
    if kind != "not_worse":
        planned = max(planned, seeds_for_equivalence(0.0, deviation, margin))
        observed = min(observed, seeds_for_equivalence(mean, deviation, margin))
    return planned if planned > n else max(observed, n + 1)


def opposite_cells(cells: np.ndarray, looks: Looks = ONE_LOOK) -> tuple[list[int], list[int]]:
    """Return which cells ``(cells, n)`` have a significant positive and negative mean.

    Holm's procedure over the cells of one question, at 5 %.
    """
    if cells.shape[-1] < 2:
        return [], []
    p = p_value(cells)
    levels = holm_levels(p, ALPHA, looks.level)
    found = p <= np.array([looks.level(level) for level in levels.tolist()])
    means = cells.mean(axis=-1)
    return np.flatnonzero(found & (means > 0)).tolist(), np.flatnonzero(
        found & (means < 0)
    ).tolist()
