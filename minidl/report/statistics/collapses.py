"""Collapsed runs at two levels, by counts: which level has more of them, seed by seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import bdtr  # scipy.stats takes a second to load

from minidl.report.cell_results import CellResults
from minidl.report.statistics.cell_summary import collapsed


@dataclass(frozen=True)
class Collapses:
    """How many of the ``runs`` at each of two levels collapsed, and in how many seeds more did at
    the first and at the second.
    """

    counts: tuple[int, int]
    runs: int
    more: tuple[int, int]

    @property
    def p(self) -> float:
        """The two-sided p-value of the exact sign test over the seeds that differ.

        With one cell a level this is McNemar's exact test: the seeds at which just one of the two
        collapsed fall to either side like a coin.
        """
        first, second = self.more
        return min(1.0, 2 * float(bdtr(min(first, second), first + second, 0.5)))


def collapses(pairs: Sequence[tuple[CellResults, CellResults]], seeds: Sequence[int]) -> Collapses:
    """Count the collapsed runs of some seeds in pairs of cells."""
    by_seed = [
        [sum(collapsed(pair[side].records[seed]) for pair in pairs) for seed in seeds]
        for side in (0, 1)
    ]
    both = list(zip(*by_seed, strict=True))
    more = sum(a > b for a, b in both), sum(b > a for a, b in both)
    return Collapses((sum(by_seed[0]), sum(by_seed[1])), len(pairs) * len(seeds), more)
