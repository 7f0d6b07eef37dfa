"""What a worker is: ``submit(runs) -> Future``, as in concurrent.futures, and ``progress``.

A worker fills ``progress`` while it trains: the epochs done, and the latest test accuracy of each
run. It is plain shared memory without locks, so a worker that is killed in the middle leaves
nothing locked.
"""

from __future__ import annotations

from collections.abc import Callable, MutableSequence, Sequence
from concurrent.futures import Future
from typing import Protocol

from minidl import History
from minidl.study.result import RunResult, headline
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.train import train_stack

EPOCH, ACCURACIES = 0, 1


Progress = MutableSequence[float]


class TrainingError(Exception):
    """Training raised something; the text says what."""


class WorkerDiedError(Exception):
    """A worker process ended in the middle of a stack; the text says how."""


class Worker(Protocol):
    """Trains one stack at a time."""

    progress: Progress

    def submit(self, runs: Sequence[RunSpec]) -> Future[list[RunResult]]:
        """Begin to train a stack; the future may raise TrainingError or WorkerDiedError."""
        ...

    def close(self) -> None:
        """Stop at once, whatever is in flight."""
        ...


def attempt(
    runs: Sequence[RunSpec], progress: Progress, tick: Callable[[], None] = lambda: None
) -> list[RunResult]:
    """Train a stack, noting each epoch and the accuracies that it brought."""

    def on_epoch(epoch: int, history: History) -> None:
        progress[EPOCH] = epoch
        if history.epochs and history.epochs[-1] == epoch:
            accuracies = history.curves[headline(history.curves)][-1].tolist()
            progress[ACCURACIES : ACCURACIES + len(accuracies)] = accuracies
        tick()

    try:
        return train_stack(runs, on_epoch)
    except Exception as error:  # whatever training raises fails the runs, not the study
        raise TrainingError(f"{type(error).__name__}: {error}") from error
