"""Where stacks are trained: in processes of their own, or, for debuggers, in this one.

Both kinds of worker have one interface: ``submit(runs) -> Future``, as in concurrent.futures, and
``progress``, which a worker fills while it trains: the epochs done, and the latest test accuracy of
each run. It is plain shared memory without locks, so a worker that is killed in the middle leaves
nothing locked.

It is not a ``ProcessPoolExecutor``, which waits for ever when a worker is killed while it hands
over its results, and cannot end a worker that is in the middle of a task.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, MutableSequence, Sequence
from concurrent.futures import Future
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Protocol

from minidl import History
from minidl.study.errors import InputError
from minidl.study.execute import RunResult, train_stack
from minidl.study.interrupts import interrupts_held
from minidl.study.settings import RunSpec
from minidl.study.stacks import MAX_STACK

EPOCH, ACCURACIES = 0, 1
Progress = MutableSequence[float]
SPAWN = multiprocessing.get_context("spawn")


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
            accuracies = history.test_accuracy[-1].tolist()
            progress[ACCURACIES : ACCURACIES + len(accuracies)] = accuracies
        tick()

    try:
        return train_stack(runs, on_epoch)
    except Exception as error:  # whatever training raises fails the runs, not the study
        raise TrainingError(f"{type(error).__name__}: {error}") from error


class ProcessWorker:
    """A process that trains stacks, followed by a new one when it dies.

    It ends with this process, however this one ends.
    """

    def __init__(self) -> None:
        self.progress: Progress = SPAWN.RawArray("d", ACCURACIES + MAX_STACK)
        self.process: SpawnProcess | None = None
        self.pipe: Connection | None = None

    def submit(self, runs: Sequence[RunSpec]) -> Future[list[RunResult]]:
        if self.process is None or not self.process.is_alive():
            self.begin()
        future: Future[list[RunResult]] = Future()
        arguments = (self.process, self.pipe, runs, future)
        threading.Thread(target=exchange, args=arguments, daemon=True).start()
        return future

    def begin(self) -> None:
        """Begin a process; raises InputError when the system refuses one more."""
        try:
            self.pipe, its_end = SPAWN.Pipe()
            process = SPAWN.Process(target=serve, args=(its_end, self.progress), daemon=True)
            with interrupts_held():
                process.start()
                self.process = process
        except OSError as error:
            raise InputError(f"--jobs: no more processes can begin: {error.strerror}") from None
        its_end.close()  # with only the process holding it, its death is the end of the pipe

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()


def exchange(
    process: SpawnProcess,
    pipe: Connection,
    runs: Sequence[RunSpec],
    future: Future[list[RunResult]],
) -> None:
    """Send a stack to a process and wait for what comes back, in a thread of its own."""
    try:
        pipe.send(runs)
        answer = pipe.recv()
    except (EOFError, OSError):
        answer = WorkerDiedError(how_ended(process))
    except Exception as error:  # whatever else: nobody would hear of it in this thread
        answer = TrainingError(f"{type(error).__name__}: {error}")
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)


def how_ended(process: SpawnProcess) -> str:
    """Wait for the end of a process and return how it came."""
    process.join()
    code = process.exitcode or 0
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    return f"its worker process {how}"


def serve(pipe: Connection, progress: Progress) -> None:
    """What a worker process does: train what comes through the pipe, and answer."""
    threading.Thread(target=end_with_parent, daemon=True).start()
    while True:
        try:
            answer = attempt(pipe.recv(), progress)
        except TrainingError as error:
            answer = error
        pipe.send(answer)


def end_with_parent() -> None:
    """Wait until the parent process is gone, then end this one."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


class InProcessWorker:
    """Trains in this process, at once; ``tick`` is called after every epoch."""

    def __init__(self, tick: Callable[[], None]) -> None:
        self.progress: Progress = [0.0] * (ACCURACIES + MAX_STACK)
        self.tick = tick

    def submit(self, runs: Sequence[RunSpec]) -> Future[list[RunResult]]:
        future: Future[list[RunResult]] = Future()
        broken: list[Exception] = []

        def tick() -> None:
            try:
                self.tick()
            except Exception as error:
                broken.append(error)
                raise

        try:
            future.set_result(attempt(runs, self.progress, tick))
        except TrainingError as error:
            if broken:  # a display that fails is no fault of the runs
                raise broken[0] from None
            future.set_exception(error)
        return future

    def close(self) -> None:
        pass
