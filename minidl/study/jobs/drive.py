"""Keeping workers busy: stacks wait, train, fail, are halved and tried again till none is left."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field

from minidl.study import length
from minidl.study.errors import InputError
from minidl.study.files.printable import one_line
from minidl.study.jobs.executor import (
    Executor,
    Tick,
    Worker,
    WorkerDiedError,
    WorkerNeverStartedError,
)
from minidl.study.jobs.finished import Finished
from minidl.study.jobs.pace import Pace
from minidl.study.result import RunResult
from minidl.study.run_spec import RunSpec

MAX_DEATHS = 3
MAX_FAILED_STARTS = 3
TICK_SECONDS = 0.2
LONGEST_ERROR = 10_000  # characters of what is stored of a failed run

Keep = Callable[[Sequence[RunSpec], Sequence[RunResult]], None]


@dataclass
class Task:
    """A stack that waits or trains, and how many workers have died of just these runs."""

    runs: list[RunSpec]
    deaths: int = 0
    worker: Worker | None = None
    future: Future[list[RunResult]] | None = None
    began: float = 0.0  # of the clock that only goes forward

    @property
    def epochs(self) -> int:
        """The epochs of each of its runs."""
        return length.epochs(self.runs[0].settings)

    @property
    def epoch(self) -> int:
        """How many of them are done."""
        return self.worker.progress.epoch if self.worker is not None else 0

    @property
    def seconds(self) -> float:
        """How long it has been trained."""
        return time.monotonic() - self.began

    def scores(self) -> Iterator[tuple[RunSpec, float]]:
        """Yield the latest score of each run that has one."""
        if self.worker is not None:
            latest = self.worker.progress.scores(len(self.runs))
            yield from ((run, s) for run, s in zip(self.runs, latest, strict=True) if s == s)


@dataclass
class State:
    """How far a study has come: what a display shows. Epochs are counted over all networks."""

    total: int
    stored: int = 0
    waiting: deque[Task] = field(default_factory=deque)
    running: list[Task] = field(default_factory=list)
    finished: Finished = field(default_factory=Finished)
    pace: Pace = field(default_factory=Pace)
    failed_starts: int = 0  # of workers, in a row
    unstorable: int = 0  # of those stored: failures that no other try would end otherwise

    @property
    def epochs_done(self) -> int:
        """The epochs that are done, those of stacks in training included."""
        flying = sum(task.epoch * len(task.runs) for task in self.running)
        return flying + self.finished.epochs

    @property
    def epochs(self) -> int:
        """The epochs that this run of the study takes in all."""
        open_tasks = [*self.waiting, *self.running]
        ahead = sum(task.epochs * len(task.runs) for task in open_tasks)
        return ahead + self.finished.epochs

    @property
    def half_trained(self) -> list[Task]:
        """The stacks that an interrupt drops, less those that have not done an epoch."""
        return [task for task in self.running if task.epoch]


Watch = Callable[[State], None]


def drive(state: State, executor: Executor, keep: Keep, watch: Watch) -> None:
    """Train everything that waits; hand each stack's results to ``keep`` as it ends.

    ``watch`` is called a few times a second. A stack whose worker dies, or that raises, is halved
    and tried again, so that only the run to blame fails. The executor is the caller's to close.

    Raises InputError when workers cannot start, cannot load a component, or are gone.
    """

    def look() -> None:
        state.pace.update(state.epochs_done, state.epochs)
        watch(state)

    while state.waiting or state.running:
        for worker in idle(state, executor)[: len(state.waiting)]:
            begin(state, state.waiting.popleft(), worker, look)
        look()
        futures = [task.future for task in state.running if task.future is not None]
        wait(futures, timeout=TICK_SECONDS, return_when=FIRST_COMPLETED)
        for task in list(state.running):
            if task.worker is not None and task.future is not None and task.future.done():
                state.running.remove(task)
                settle(state, task, task.future, keep)
    look()


def idle(state: State, executor: Executor) -> list[Worker]:
    """Return the workers without a task, of those that there are now."""
    busy = {id(task.worker) for task in state.running}
    return [worker for worker in executor.workers if id(worker) not in busy]


def begin(state: State, task: Task, worker: Worker, tick: Tick) -> None:
    """Give a task to an idle worker."""
    worker.progress.reset(len(task.runs))
    task.worker, task.began = worker, time.monotonic()
    state.running.append(task)
    task.future = worker.submit(task.runs, tick)


def settle(state: State, task: Task, future: Future[list[RunResult]], keep: Keep) -> None:
    """Keep what a task brought, or decide what becomes of its runs."""
    error = future.exception()
    if isinstance(error, WorkerNeverStartedError):
        start_again(state, task, error)
        return
    state.failed_starts = 0
    if isinstance(error, InputError):  # a component that a worker cannot load: so with every stack
        raise error
    if error is None:
        finish(state, task.runs, future.result(), keep)
    elif len(task.runs) > 1:
        middle = len(task.runs) // 2
        state.waiting.extendleft(map(Task, (task.runs[middle:], task.runs[:middle])))
    elif isinstance(error, WorkerDiedError) and task.deaths + 1 < MAX_DEATHS:
        state.waiting.appendleft(Task(task.runs, task.deaths + 1))
    else:
        failed = RunResult(task.runs[0].id, "failed", 0.0, error=storable(error))
        finish(state, task.runs, [failed], keep)


def storable(error: BaseException) -> str:
    """Return the text of an error, which may be anybody's, as a store takes it: printable, cut."""
    return one_line(str(error)[:LONGEST_ERROR])[:LONGEST_ERROR]


def start_again(state: State, task: Task, error: WorkerNeverStartedError) -> None:
    """Let a task wait that no worker has begun; raises InputError after some starts in a row."""
    state.failed_starts += 1
    if state.failed_starts == MAX_FAILED_STARTS:
        raise InputError(
            f"--jobs: no worker can start: {error} before it trained anything, "
            f"{MAX_FAILED_STARTS} times in a row; --jobs 1 trains without workers"
        )
    state.waiting.appendleft(Task(task.runs, task.deaths))


def finish(state: State, runs: Sequence[RunSpec], results: Sequence[RunResult], keep: Keep) -> None:
    """Keep the results of some runs, then count them as finished and forget them."""
    keep(runs, results)
    for run, result in zip(runs, results, strict=True):
        state.finished.add(run, result)
