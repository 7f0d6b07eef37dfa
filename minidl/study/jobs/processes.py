"""Training in processes of their own, one for each job, forked from one that has loaded torch.

This is not a ``ProcessPoolExecutor``, which waits for ever when a worker is killed while it hands
over its results, and cannot end a worker that is in the middle of a task.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess as Process

from minidl.study.errors import InputError
from minidl.study.grid.blame import told
from minidl.study.grid.component_files import LOADED, ComponentFile, run_file
from minidl.study.jobs.attempt import attempt
from minidl.study.jobs.executor import (
    Tick,
    TrainingError,
    WorkerDiedError,
    WorkerNeverStartedError,
)
from minidl.study.jobs.isolation import current_folder_last
from minidl.study.jobs.progress import SLOTS, Progress
from minidl.study.jobs.template import FORKED, start_template
from minidl.study.result import RunResult
from minidl.study.run_spec import RunSpec


class Processes:
    """An executor with so many processes, each started when it first has something to do."""

    def __init__(self, count: int) -> None:
        self.workers = [ProcessWorker() for _ in range(count)]

    def close(self) -> None:
        for worker in self.workers:
            worker.close()


class ProcessWorker:
    """A process that trains stacks, followed by a new one when it dies.

    It ends with this process, however this one ends.
    """

    def __init__(self) -> None:
        self.progress = Progress(FORKED.RawArray("d", SLOTS))
        self.process: Process | None = None
        self.pipe: Connection | None = None
        self.started = False

    def submit(self, runs: Sequence[RunSpec], tick: Tick = lambda: None) -> Future[list[RunResult]]:
        del tick  # this thread is free meanwhile
        if self.process is None or not self.process.is_alive():
            self.begin()
        future: Future[list[RunResult]] = Future()
        arguments = (self.process, self.pipe, runs, future)
        try:
            threading.Thread(target=self.exchange, args=arguments, daemon=True).start()
        except RuntimeError as error:  # can't start new thread
            raise InputError(f"--jobs: no more threads can be started: {error}") from None
        return future

    def begin(self) -> None:
        """Start a process; raises InputError when the system refuses one more."""
        try:
            start_template()
            self.pipe, its_end = FORKED.Pipe()
            arguments = (its_end, self.progress, tuple(LOADED.values()), dict(os.environ))
            process = FORKED.Process(target=serve, args=arguments, daemon=True)
            with current_folder_last():
                process.start()
            self.process = process
        except (OSError, EOFError) as error:  # the latter where it is the template that cannot
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"--jobs: no more processes can be started: {reason}") from None
        self.started = False
        its_end.close()  # with only the process holding it, its death is the end of the pipe

    def exchange(
        self,
        process: Process,
        pipe: Connection,
        runs: Sequence[RunSpec],
        future: Future[list[RunResult]],
    ) -> None:
        """Send a stack to the process and wait for what comes back, in a thread of its own."""
        try:
            pipe.send(runs)
            answer = None if self.started else pipe.recv()
            if answer is None:
                self.started = True
                answer = pipe.recv()
        except (EOFError, OSError):
            died = WorkerDiedError if self.started else WorkerNeverStartedError
            answer = died(how_ended(process))
        except Exception as error:  # whatever else: nobody would hear of it in this thread
            answer = TrainingError(told(error))
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()


def how_ended(process: Process) -> str:
    """Wait for the end of a process and return how it came."""
    process.join()
    code = process.exitcode or 0
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    return f"its worker process {how}"


def serve(
    pipe: Connection,
    progress: Progress,
    files: Sequence[ComponentFile],
    environment: Mapping[str, str],
) -> None:
    """What a worker process does: load the components that are not minidl's, say that it has
    started, train what comes, and answer.

    The environment is that of the parent, and not of the time when the template was started.
    """
    threading.Thread(target=end_with_parent, daemon=True).start()
    os.environ.clear()
    os.environ.update(environment)
    with suppress(OSError):
        os.dup2(2, 1)  # what a component prints is no data of this command's
    try:
        for file in files:
            run_file(file, tried=False)
    except InputError as error:
        pipe.send(error)
    pipe.send(None)
    while True:
        try:
            runs = pipe.recv()
        except EOFError:  # the parent was interrupted while it started this process, or has ended
            return
        try:
            answer = attempt(runs, progress)
        except TrainingError as error:
            answer = error
        pipe.send(answer)


def end_with_parent() -> None:
    """Wait until the parent process is gone, then end this one."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
