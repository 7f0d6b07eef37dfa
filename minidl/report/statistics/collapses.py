"""Collapsed runs at two levels, by counts: which level has more of them, seed by seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

from scipy.special import bdtr  # scipy.stats takes a second to load

from minidl.report.statistics.cell_summary import collapsed
from minidl.report.statistics.pairs import Cells


@dataclass(frozen=True)
class Collapses:
    """How many of the ``runs`` at each of two levels collapsed, and in how many seeds a larger
    share did at the first and at the second.
    """

    counts: tuple[int, int]
    runs: tuple[int, int]
    more: tuple[int, int]

    @property
    def p(self) -> float:
        """The two-sided p-value of the exact sign test over the seeds that differ.

        With one cell a level this is McNemar's exact test: the seeds at which just one of the two
        collapsed fall to either side like a coin. NaN where one level is the mean of more levels
        than the other: a share of more runs has another distribution, and the coin is not fair.
        """
        if self.runs[0] != self.runs[1]:
            return nan
        first, second = self.more
        return min(1.0, 2 * float(bdtr(min(first, second), first + second, 0.5)))


def collapses(pairs: Sequence[tuple[Cells, Cells]], seeds: Sequence[int]) -> Collapses:
    """Count the collapsed runs of some seeds in pairs of cells."""
    sides = [[cell for own in side for cell in own] for side in zip(*pairs, strict=True)]
    first, second = (
        [sum(collapsed(cell.records[seed]) for cell in side) for seed in seeds] for side in sides
    )
    one, other = map(len, sides)
    shares = [(a * other, b * one) for a, b in zip(first, second, strict=True)]
    return Collapses(
        counts=(sum(first), sum(second)),
        runs=(one * len(seeds), other * len(seeds)),
        more=(sum(a > b for a, b in shares), sum(b > a for a, b in shares)),
    )
