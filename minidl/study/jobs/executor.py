"""What trains stacks: an executor has workers, a worker trains one stack at a time.

``submit(runs) -> Future`` is that of concurrent.futures. While a worker trains it tells its
``progress``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol

from minidl.study.jobs.progress import Progress
from minidl.study.result import RunResult
from minidl.study.run_spec import RunSpec

Tick = Callable[[], None]


class TrainingError(Exception):
    """Training raised something; the text says what."""


class WorkerDiedError(Exception):
    """A worker ended in the middle of a stack; the text says how."""


class WorkerNeverStartedError(Exception):
    """A worker ended before it could train anything, which is no fault of the runs."""


class Worker(Protocol):
    """Trains one stack at a time."""

    progress: Progress

    def submit(self, runs: Sequence[RunSpec], tick: Tick) -> Future[list[RunResult]]:
        """Begin to train a stack; the future may raise one of the errors above, or an InputError,
        which ends the study.

        A worker that trains in this very thread calls ``tick`` after every epoch.
        """
        ...


class Executor(Protocol):
    """Has so many workers as there may be stacks in training."""

    @property
    def workers(self) -> Sequence[Worker]:
        """Those that there are now, at least one; raises InputError when there can be none."""
        ...

    def close(self) -> None:
        """End them at once, whatever they are at."""
        ...
