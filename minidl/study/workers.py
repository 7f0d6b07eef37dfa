"""Where stacks are trained: in processes of their own, or, for debuggers, in this one.

Both kinds of worker have one interface: ``submit(runs) -> Future``, as in concurrent.futures, and
``progress``, which a worker fills while it trains: its process id, the epochs done, and the latest
test accuracy of each run. It is plain shared memory without locks, so a worker that is killed in
the middle leaves nothing locked.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, MutableSequence, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from typing import ClassVar, Protocol

from minidl import History
from minidl.study.execute import RunResult, train_stack
from minidl.study.settings import RunSpec
from minidl.study.stacks import MAX_STACK

PID, EPOCH, ACCURACIES = 0, 1, 2
Progress = MutableSequence[float]
SPAWN = multiprocessing.get_context("spawn")


class Worker(Protocol):
    """Trains one stack at a time."""

    progress: Progress

    def submit(self, runs: Sequence[RunSpec]) -> Future[list[RunResult]]:
        """Begin to train a stack."""
        ...

    def close(self) -> None:
        """Stop at once, whatever is in flight."""
        ...


def reporter(progress: Progress) -> Callable[[int, History], None]:
    """Return the function that notes each epoch, and the accuracies that it brought."""

    def on_epoch(epoch: int, history: History) -> None:
        progress[EPOCH] = epoch
        if history.epochs and history.epochs[-1] == epoch:
            accuracies = history.test_accuracy[-1].tolist()
            progress[ACCURACIES : ACCURACIES + len(accuracies)] = accuracies

    return on_epoch


class ProcessWorker:
    """A process that trains stacks. It ends with this process, however this one ends."""

    def __init__(self) -> None:
        self.progress: Progress = SPAWN.RawArray("d", ACCURACIES + MAX_STACK)
        self.pool = ProcessPoolExecutor(
            1, mp_context=SPAWN, initializer=begin, initargs=(self.progress,)
        )

    def submit(self, runs: Sequence[RunSpec]) -> Future[list[RunResult]]:
        with interrupts_ignored():
            return self.pool.submit(train_in_worker, runs)

    def close(self) -> None:
        if pid := int(self.progress[PID]):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.pool.shutdown(wait=bool(pid), cancel_futures=True)


class InProcessWorker:
    """Trains in this process, at once; ``tick`` is called after every epoch."""

    def __init__(self, tick: Callable[[], None]) -> None:
        self.progress: Progress = [0.0] * (ACCURACIES + MAX_STACK)
        self.tick = tick

    def submit(self, runs: Sequence[RunSpec]) -> Future[list[RunResult]]:
        note = reporter(self.progress)
        future: Future[list[RunResult]] = Future()

        def on_epoch(epoch: int, history: History) -> None:
            note(epoch, history)
            self.tick()

        try:
            future.set_result(train_stack(runs, on_epoch))
        except Exception as error:  # whatever training raises fails the runs, not the study
            future.set_exception(error)
        return future

    def close(self) -> None:
        pass


class _Own:
    """What a worker process holds for itself."""

    progress: ClassVar[Progress] = []


def begin(progress: Progress) -> None:
    """Prepare a new worker process."""
    progress[PID] = os.getpid()
    _Own.progress = progress
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """Wait until the parent process is gone, then end this one."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def train_in_worker(runs: Sequence[RunSpec]) -> list[RunResult]:
    """Train a stack in a worker process."""
    return train_stack(runs, reporter(_Own.progress))


@contextmanager
def interrupts_ignored() -> Iterator[None]:
    """Let processes that are begun here ignore Ctrl-C, which reaches the whole terminal group."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
