"""Timing: every contender in turn, several rounds, in one process and on one thread."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.contenders import Contender, Run
from benchmarks.work import Work


@dataclass
class Entry:
    """A contender with the work that it is timed on, and its times.

    ``rounds`` are microseconds of processor time for one network and one training step.
    ``first`` is what the first call cost, in seconds: compiling, where there is any.
    """

    label: str
    contender: Contender
    work: Work
    rounds: list[float] = field(default_factory=list)
    first: float = 0.0

    @property
    def best(self) -> float:
        return min(self.rounds)

    @property
    def median(self) -> float:
        return median(self.rounds)


def time_in_turn(entries: Sequence[Entry], rounds: int) -> None:
    """Time all entries, one after another, again and again: what disturbs one disturbs them all.

    Processor time, not wall clock, so that waiting for other programs is not counted.
    """
    starts = [entry.contender.prepare(entry.work) for entry in entries]
    for entry, start in zip(entries, starts, strict=True):
        entry.first = seconds(start(), entry.work.steps)
    for _ in range(rounds):
        for entry, start in zip(entries, starts, strict=True):
            steps = entry.work.networks * entry.work.steps
            entry.rounds.append(seconds(start(), entry.work.steps) / steps * 1e6)


def seconds(run: Run, steps: int) -> float:
    """Return the processor time that so many steps take."""
    start = time.process_time()
    run(steps)
    return time.process_time() - start
