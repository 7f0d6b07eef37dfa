"""The way to a Dask cluster, and a stack that was sent over it, until nobody waits for it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Any

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

LOCAL = "local"


class Connection:
    """The way to a scheduler, and what is waited for over it.

    ``facts`` are what each worker must have in common with this computer, None where anything goes.
    """

    def __init__(self, name: str, client: distributed.Client, facts: dict[str, Any] | None):
        self.name, self.client, self.facts = name, client, facts
        self.flying: dict[str, Submission] = {}
        self.fetching = threading.Lock()  # held while an answer is on its way here

    @property
    def is_local(self) -> bool:
        """Whether its workers were started here, and for this study."""
        return self.name == LOCAL

    def gone(self, reason: str = "") -> InputError:
        """Return the error for a scheduler that is there no more."""
        return self.ended(f"the scheduler is gone{reason and f' ({reason})'}")

    def ended(self, how: str) -> InputError:
        """Return the error for a cluster that trains no more."""
        return InputError(
            f"--dask {self.name}: {how}; every run that was stored is kept, and the same command "
            "goes on from there"
        )

    def unlike(self, difference: str) -> InputError:
        """Return the error for a worker that might give other numbers."""
        return InputError(
            f"--dask {self.name}: {difference}; numbers may differ; --allow-mismatch goes on"
        )


class Submission:
    """Some runs on their way: ``place`` is the worker that has begun with them, if any.

    While it is waited for, it stands under its key in ``connection.flying``.
    """

    def __init__(self, connection: Connection, runs: Sequence[RunSpec], progress: Progress):
        self.connection, self.runs, self.progress = connection, runs, progress
        self.key = f"minidl-{uuid.uuid4().hex}"
        self.future: Future[list[RunResult]] = Future()
        self.place: str | None = None
        self.remote: distributed.Future | None = None

    def send(self) -> Future[list[RunResult]]:
        """Send the stack; raises InputError when the scheduler is gone."""
        connection = self.connection
        files, local = tuple(LOADED.values()), connection.is_local
        stack = Stack(self.key, self.runs, files, connection.facts, local).to_bytes()
        connection.flying[self.key] = self
        try:
            self.remote = connection.client.submit(train_bytes, stack, key=self.key, pure=False)
        except Exception as error:  # the connection broke just now
            self.forget()
            raise connection.gone(str(error)) from None
        self.remote.add_done_callback(self.fetch)
        return self.future

    def fetch(self, remote: distributed.Future) -> None:
        """Take over the answer, in the thread of Dask's callbacks, if it is still waited for."""
        with self.connection.fetching:
            if self.key in self.connection.flying:
                self.end(self.answer(remote))

    def answer(self, remote: distributed.Future) -> list[RunResult] | Exception:
        """Return what the worker says."""
        try:
            return unpack(remote.result(), self.runs)
        except UnlikeError as error:  # a worker that has joined meanwhile
            return self.connection.unlike(str(error))
        except (TrainingError, InputError) as error:
            return error
        except Exception as error:
            return self.lost(error)

    def lost(self, error: Exception) -> Exception:
        """Return what it means that no answer can be had."""
        if self.connection.client.status != "running":
            return self.connection.gone()
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
        self.connection.flying.pop(self.key, None)
        if self.remote is not None:  # Ctrl-C may have come before
            self.remote.release()
