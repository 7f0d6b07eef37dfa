"""Training on a Dask cluster: the same stacks, the same results, on any number of computers."""

from __future__ import annotations

import json
import logging
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

import distributed

from minidl.study.errors import InputError
from minidl.study.jobs.alike import difference, facts
from minidl.study.jobs.dask_submission import LOCAL, Connection, Submission
from minidl.study.jobs.dask_worker import TOPIC, introduce
from minidl.study.jobs.executor import Tick, WorkerDiedError
from minidl.study.jobs.interrupts import interrupts_held
from minidl.study.jobs.isolation import current_folder_last
from minidl.study.jobs.progress import Progress
from minidl.study.result import RunResult
from minidl.study.run_spec import RunSpec

CONNECT_SECONDS = 10
CLOSE_SECONDS = 5
ALONE_SECONDS = 30  # Dask gives up a local worker that has not come back after 15
AHEAD = 2  # stacks for each worker: one trains, one waits, so that no worker waits
# Dask looks at the stack of each worker a hundred times a second: a tenth of what training takes.
UNWATCHED = {"distributed.worker.profile.enabled": False}
PLAIN = ["dask", "msgpack"]  # what answers may be made of: no pickled objects


@contextmanager
def dask_cluster(address: str, jobs: int, *, allow_mismatch: bool) -> Iterator[Dask]:
    """Provide the executor for a scheduler's address, or for ``local`` with so many processes.

    Raises InputError when there is none, or when a worker is unlike this computer.
    """
    for name in list(logging.root.manager.loggerDict):  # Dask gives each a level of its own
        if name.partition(".")[0] in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # what matters is said here
    if address != LOCAL:
        yield from connected(address, address, allow_mismatch)
        return
    cluster = local_cluster(jobs)
    try:
        yield from connected(LOCAL, cluster.scheduler_address, allow_mismatch)
    finally:
        with suppress(Exception):  # they end with this process in any case
            cluster.close(CLOSE_SECONDS)


def local_cluster(jobs: int) -> distributed.LocalCluster:
    """Return a scheduler and so many workers on this computer, which nobody else can reach.

    Raises InputError when they cannot be started; those that could are stopped.
    """
    try:
        with current_folder_last(), interrupts_held():
            return distributed.LocalCluster(
                n_workers=jobs,
                threads_per_worker=1,
                memory_limit=0,
                dashboard_address="127.0.0.1:0",  # without the host, it is open to the network
                silence_logs=logging.CRITICAL,
                config=UNWATCHED,
            )
    except Exception as error:  # Dask has closed it
        first: BaseException = error
        while before := first.__cause__ or first.__context__:  # "Nanny failed to start." is last
            first = before
        reason = str(first).partition("\n")[0] or type(first).__name__
        raise InputError(f"--dask {LOCAL}: {jobs} workers cannot be started: {reason}") from None


def connected(name: str, address: str, allow_mismatch: bool) -> Iterator[Dask]:
    """Yield the executor of a scheduler, once."""
    executor = Dask(name, connect(name, address), None if allow_mismatch else facts())
    try:
        executor.meet()
        yield executor
    finally:
        executor.close()


def connect(name: str, address: str) -> distributed.Client:
    """Return the connection to a scheduler; raises InputError when none answers."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about versions: those that matter are compared here
            return distributed.Client(
                address, timeout=CONNECT_SECONDS, set_as_default=False, deserializers=PLAIN
            )
    except (OSError, ValueError, TypeError, RuntimeError, ImportError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise InputError(f"--dask {name}: no scheduler answers: {reason}") from None


class Dask(Connection):
    """An executor whose workers are those of a cluster, as many as there are at the time."""

    def __init__(self, name: str, client: distributed.Client, facts: dict[str, Any] | None):
        super().__init__(name, client, facts)
        self.addresses: set[str] = set()
        self.alone_since = time.monotonic()  # counts while there is no worker
        self.slots: list[Slot] = []
        client.subscribe_topic("all", lambda event: self.cluster_event(event[1]))
        client.subscribe_topic(TOPIC, lambda event: self.stack_event(event[1]))

    def meet(self) -> None:
        """Compare all workers with this computer; raises InputError that names both."""
        self.threads: dict[str, int] = {}
        for address, answer in self.asked().items():
            if not isinstance(answer, bytes):
                raise InputError(f"--dask {self.name}: worker {address} cannot train: {answer}")
            there = json.loads(answer)
            other = None if self.facts is None else difference(self.facts, there)
            if other is not None:
                raise self.unlike(f"worker {address}: {other}")
            self.threads[address] = there["slots"]
        self.addresses |= self.threads.keys()

    def idle_threads(self) -> list[str]:
        """Return a line where workers have threads that train nothing: stacks take processes."""
        more = sum(slots - 1 for slots in self.threads.values())
        how = "start workers with --nthreads 1 and as many --nworkers as cores"
        return [f"--dask {self.name}: {more} threads of its workers stay idle; {how}"] * bool(more)

    def asked(self) -> dict[str, Any]:
        """Return what each worker says of itself."""
        try:
            asked: Any = self.client.run(introduce, on_error="return")
        except Exception as error:  # whatever comes of a cluster that ends just now
            raise self.gone(str(error)) from None
        return asked

    @property
    def workers(self) -> Sequence[Slot]:
        """Places for stacks, two for each worker at present, and at least two: a cluster that
        grows with its work has to see some first. Raises InputError when the scheduler is gone, or
        no local worker is left.
        """
        if self.client.status != "running":
            raise self.gone()
        alone = self.is_local and not self.addresses
        if alone and time.monotonic() - self.alone_since > ALONE_SECONDS:
            raise self.ended("no worker is left")
        wanted = AHEAD * max(1, len(self.addresses))
        self.slots += [Slot(self) for _ in range(wanted - len(self.slots))]
        return self.slots[:wanted]

    def cluster_event(self, event: dict[str, Any]) -> None:
        """Note which workers come and go, and what dies with them."""
        action, address = event.get("action"), event.get("worker")
        if action == "add-worker" and address is not None:
            self.addresses.add(address)
        elif action == "remove-worker" and address is not None:
            self.addresses.discard(address)
            self.alone_since = time.monotonic()
            for key in () if event["expected"] else event["processing-tasks"]:
                if (sent := self.flying.get(key)) is not None and sent.place == address:
                    sent.end(WorkerDiedError(f"its worker {address} ended"))

    def stack_event(self, event: dict[str, Any]) -> None:
        """Note what a worker tells of a stack: that it has begun, or how far it is."""
        sent = self.flying.get(event["key"])
        if sent is None:  # of another study, or of one that is done
            return
        if "epoch" in event:
            sent.progress.epoch = event["epoch"]
            sent.progress.set_scores(event["scores"][: len(sent.runs)])
        else:
            sent.place = event["worker"]

    def close(self) -> None:
        for sent in list(self.flying.values()):
            sent.forget()
        # An answer on its way comes first: without the client, its thread would wait for ever.
        fetched = self.fetching.acquire(timeout=CLOSE_SECONDS)
        with suppress(Exception):  # the scheduler may be gone
            self.client.close(CLOSE_SECONDS)
        if fetched:
            self.fetching.release()


class Slot:
    """A place for a stack that trains somewhere on the cluster, or waits there."""

    def __init__(self, executor: Dask):
        self.executor = executor
        self.progress = Progress()

    def submit(self, runs: Sequence[RunSpec], tick: Tick = lambda: None) -> Future[list[RunResult]]:
        del tick  # this thread is free meanwhile
        return Submission(self.executor, runs, self.progress).send()
