"""A stack that was sent to a Dask cluster, until its answer is there or nobody waits for it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import TYPE_CHECKING

import distributed

from minidl.study.errors import InputError
from minidl.study.grid.component_files import LOADED
from minidl.study.jobs.alike import UnlikeError
from minidl.study.jobs.dask_worker import train_bytes
from minidl.study.jobs.executor import TrainingError, WorkerDiedError
from minidl.study.jobs.messages import Stack, unpack
from minidl.study.jobs.progress import Progress
from minidl.study.result import RunResult
from minidl.study.run_spec import RunSpec

if TYPE_CHECKING:
    from minidl.study.jobs.dask import Dask


class Submission:
    """Some runs on their way: ``place`` is the worker that has begun with them, if any.

    While it is waited for, it stands under its key in ``executor.flying``.
    """

    def __init__(self, executor: Dask, runs: Sequence[RunSpec], progress: Progress):
        self.executor, self.runs, self.progress = executor, runs, progress
        self.key = f"minidl-{uuid.uuid4().hex}"
        self.future: Future[list[RunResult]] = Future()
        self.place: str | None = None
        self.remote: distributed.Future | None = None

    def send(self) -> Future[list[RunResult]]:
        """Send the stack; raises InputError when the scheduler is gone."""
        executor = self.executor
        files, local = tuple(LOADED.values()), executor.is_local
        stack = Stack(self.key, self.runs, files, executor.facts, local).to_bytes()
        executor.flying[self.key] = self
        try:
            self.remote = executor.client.submit(train_bytes, stack, key=self.key, pure=False)
        except Exception as error:  # the connection broke just now
            self.forget()
            raise executor.gone(str(error)) from None
        self.remote.add_done_callback(self.fetch)
        return self.future

    def fetch(self, remote: distributed.Future) -> None:
        """Take over the answer, in the thread of Dask's callbacks, if it is still waited for."""
        with self.executor.fetching:
            if self.key in self.executor.flying:
                self.end(self.answer(remote))

    def answer(self, remote: distributed.Future) -> list[RunResult] | Exception:
        """Return what the worker says."""
        try:
            return unpack(remote.result(), self.runs)
        except UnlikeError as error:  # a worker that has joined meanwhile
            return self.executor.unlike(str(error))
        except (TrainingError, InputError) as error:
            return error
        except Exception as error:
            return self.lost(error)

    def lost(self, error: Exception) -> Exception:
        """Return what it means that no answer can be had."""
        if self.executor.client.status != "running":
            return self.executor.gone()
        if isinstance(error, distributed.KilledWorker):
            return WorkerDiedError("its workers ended")
        return TrainingError(f"{type(error).__name__}: {error}".partition("\n")[0])

    def end(self, outcome: Exception | list[RunResult]) -> None:
        """Hand the outcome to whoever waits for it; the first one counts."""
        self.forget()
        with suppress(InvalidStateError):
            if isinstance(outcome, Exception):
                self.future.set_exception(outcome)
            else:
                self.future.set_result(outcome)

    def forget(self) -> None:
        """Let the cluster drop the stack: a worker that trains it stops after its epoch."""
        self.executor.flying.pop(self.key, None)
        if self.remote is not None:  # Ctrl-C may have come before
            self.remote.release()
