"""Keeping workers busy: stacks wait, train, fail, are halved and tried again till none is left."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field

from minidl.study.jobs.executor import ACCURACIES, EPOCH, Worker, WorkerDiedError
from minidl.study.jobs.in_process import InProcessWorker
from minidl.study.jobs.processes import ProcessWorker
from minidl.study.result import RunResult
from minidl.study.run_spec import RunSpec

MAX_DEATHS = 3
TICK_SECONDS = 0.2

Keep = Callable[[Sequence[RunSpec], Sequence[RunResult]], None]


@dataclass
class Task:
    """A stack that waits or trains, and how many workers have died of just these runs."""

    runs: list[RunSpec]
    deaths: int = 0
    worker: Worker | None = None
    future: Future[list[RunResult]] | None = None

    @property
    def epochs(self) -> int:
        """The epochs of each of its runs."""
        return self.runs[0].settings["epochs"]

    @property
    def epoch(self) -> int:
        """How many of them are done."""
        return int(self.worker.progress[EPOCH]) if self.worker is not None else 0

    def accuracies(self) -> Iterator[tuple[RunSpec, float]]:
        """Yield the latest test accuracy of each run that has been evaluated."""
        if self.worker is not None:
            latest = self.worker.progress[ACCURACIES : ACCURACIES + len(self.runs)]
            yield from ((run, a) for run, a in zip(self.runs, latest, strict=True) if a == a)


@dataclass
class State:
    """How far a study has come: what a display shows. Epochs are counted over all networks."""

    total: int
    stored: int = 0
    waiting: deque[Task] = field(default_factory=deque)
    running: list[Task] = field(default_factory=list)
    finished: list[tuple[RunSpec, RunResult]] = field(default_factory=list)

    @property
    def epochs_done(self) -> int:
        """The epochs that are done, those of stacks in training included."""
        flying = sum(task.epoch * len(task.runs) for task in self.running)
        return flying + sum(run.settings["epochs"] for run, _ in self.finished)

    @property
    def epochs(self) -> int:
        """The epochs that this run of the study takes in all."""
        open_tasks = [*self.waiting, *self.running]
        ahead = sum(task.epochs * len(task.runs) for task in open_tasks)
        return ahead + sum(run.settings["epochs"] for run, _ in self.finished)


Watch = Callable[[State], None]


def drive(state: State, jobs: int, keep: Keep, watch: Watch) -> None:
    """Train everything that waits; hand each stack's results to ``keep`` as it ends.

    ``watch`` is called a few times a second. A stack whose worker dies, or that raises, is halved
    and tried again, so that only the run to blame fails.
    """
    with workers(state, jobs, watch) as idle:
        while state.waiting or state.running:
            while idle and state.waiting:
                begin(state, state.waiting.popleft(), idle.pop())
            watch(state)
            futures = [task.future for task in state.running if task.future is not None]
            wait(futures, timeout=TICK_SECONDS, return_when=FIRST_COMPLETED)
            for task in list(state.running):
                if task.future is not None and task.future.done():
                    settle(state, task, task.future, idle, keep)
        watch(state)


@contextmanager
def workers(state: State, jobs: int, watch: Watch) -> Iterator[list[Worker]]:
    """Provide idle workers, no more than there are tasks, and end them all, come what may."""
    idle: list[Worker] = []
    if jobs == 1:
        idle.append(InProcessWorker(lambda: watch(state)))
    else:
        idle += [ProcessWorker() for _ in range(min(jobs, len(state.waiting)))]
    try:
        yield idle
    finally:
        for worker in idle + [task.worker for task in state.running if task.worker is not None]:
            worker.close()


def begin(state: State, task: Task, worker: Worker) -> None:
    """Give a task to an idle worker."""
    worker.progress[EPOCH] = 0
    for i in range(len(task.runs)):
        worker.progress[ACCURACIES + i] = math.nan
    task.worker = worker
    state.running.append(task)
    task.future = worker.submit(task.runs)


def settle(
    state: State, task: Task, future: Future[list[RunResult]], idle: list[Worker], keep: Keep
) -> None:
    """Keep what a task brought, or decide what becomes of its runs; free its worker."""
    error = future.exception()
    died = isinstance(error, WorkerDiedError)
    if task.worker is not None:
        idle.append(task.worker)
    state.running.remove(task)
    if error is None:
        finish(state, task.runs, future.result(), keep)
    elif len(task.runs) > 1:
        middle = len(task.runs) // 2
        state.waiting.extendleft(map(Task, (task.runs[middle:], task.runs[:middle])))
    elif died and task.deaths + 1 < MAX_DEATHS:
        state.waiting.appendleft(Task(task.runs, task.deaths + 1))
    else:
        failed = RunResult(task.runs[0].id, "failed", 0.0, error=str(error))
        finish(state, task.runs, [failed], keep)


def finish(state: State, runs: Sequence[RunSpec], results: Sequence[RunResult], keep: Keep) -> None:
    """Keep the results of some runs, then count them as finished."""
    keep(runs, results)
    state.finished += zip(runs, results, strict=True)
