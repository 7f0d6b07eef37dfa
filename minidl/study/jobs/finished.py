"""What has come of finished runs, in a few numbers: each run itself is in the store by then."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import isfinite

from minidl.study import length
from minidl.study.result import RunResult, headline
from minidl.study.run_spec import RunSpec, describe


@dataclass
class Mean:
    """The mean of so many numbers, kept as their sum."""

    total: float = 0.0
    count: int = 0

    def add(self, number: float) -> None:
        """Add a number, unless it is NaN or infinite, as scores of diverged runs are."""
        if isfinite(number):
            self.total += number
            self.count += 1


@dataclass
class Finished:
    """How many runs have ended how, the epochs that they had, and the mean score of each cell.

    Of a single run nothing is kept, so that it takes the same memory after a million of them.
    """

    statuses: Counter[str] = field(default_factory=Counter)
    epochs: int = 0
    scores: dict[str, Mean] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.statuses.total()

    def add(self, run: RunSpec, result: RunResult) -> None:
        """Count a run in."""
        self.statuses[result.status] += 1
        self.epochs += length.epochs(run.settings)
        if final := result.final:
            self.scores.setdefault(describe(run), Mean()).add(final[headline(final)])
