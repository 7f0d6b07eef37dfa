"""How far a stack is, told by the worker that trains it to whoever watches."""

from __future__ import annotations

import math
from collections.abc import MutableSequence, Sequence

from minidl.study.stacks.plan import MAX_STACK

SLOTS = 1 + MAX_STACK


class Progress:
    """The epochs that a stack has done, and the latest score of each of its runs.

    A score is the number that is worth watching, NaN while there is none. All stands in
    ``slots``, ``SLOTS`` numbers that two processes may share: plain memory without locks, so a
    worker that is killed in the middle leaves nothing locked.
    """

    def __init__(self, slots: MutableSequence[float] | None = None) -> None:
        self._slots = [0.0] * SLOTS if slots is None else slots

    def reset(self, runs: int) -> None:
        """Begin a stack of so many runs: no epoch done, no score yet."""
        self.epoch = 0
        self.set_scores([math.nan] * runs)

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return int(self._slots[0])

    @epoch.setter
    def epoch(self, done: int) -> None:
        self._slots[0] = done

    def scores(self, runs: int) -> list[float]:
        """Return the latest score of each of so many runs."""
        return list(self._slots[1 : 1 + runs])

    def set_scores(self, scores: Sequence[float]) -> None:
        """Note the latest score of each run of the stack."""
        self._slots[1 : 1 + len(scores)] = scores
