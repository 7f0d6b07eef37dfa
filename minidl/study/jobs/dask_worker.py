"""What a worker of a Dask cluster does: train the stack that comes as bytes, answer in bytes.

The scheduler loads this module too, without a use for it: so torch is loaded inside.
"""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distributed import Worker

    from minidl.study.jobs.messages import Stack

TOPIC = "minidl"  # one for all studies: a scheduler never forgets a topic
PROGRESS_SECONDS = 1.0

# Components and torch's number of threads belong to the process: one stack at a time.
TRAINING = threading.Lock()


class LeftAloneError(Exception):
    """Nobody waits for the stack any more."""


@cache
def own_facts() -> dict[str, Any]:
    """Return what this worker trains with, and on which computer."""
    import platform

    from minidl.study.jobs.alike import facts

    return {**facts(), "host": platform.node()}


def introduce(dask_worker: Worker) -> bytes:
    """Return the facts of a worker, and how many stacks it would be given at once."""
    return json.dumps({**own_facts(), "slots": dask_worker.state.nthreads}).encode()


def train_bytes(data: bytes) -> bytes:
    """Train a stack and return the answer."""
    from distributed import get_worker

    from minidl.study.errors import InputError
    from minidl.study.jobs.executor import TrainingError
    from minidl.study.jobs.messages import Stack, pack

    worker = get_worker()
    with TRAINING:
        try:
            stack = Stack.from_bytes(data)
            refuse_unlike(stack, worker.address)
            return pack(own_facts(), train(stack, worker))
        except (TrainingError, InputError) as error:
            return pack(own_facts(), [], error)


def refuse_unlike(stack: Stack, address: str) -> None:
    """Raise UnlikeError where this worker is not what the stack needs."""
    from minidl.study.jobs.alike import UnlikeError, difference

    if stack.facts is not None and (other := difference(stack.facts, own_facts())) is not None:
        raise UnlikeError(f"worker {address}: {other}")


def train(stack: Stack, worker: Worker) -> list[Any]:
    """Train a stack, telling whoever listens that it has begun and how far it is."""
    from distributed.utils import sync

    from minidl.study.jobs.attempt import attempt
    from minidl.study.jobs.progress import Progress

    progress, told = Progress(), time.monotonic()

    def tick() -> None:
        nonlocal told
        if not is_wanted(worker, stack.key):
            raise LeftAloneError
        if time.monotonic() - told >= PROGRESS_SECONDS:
            told = time.monotonic()
            scores = progress.scores(len(stack.runs))
            worker.log_event(TOPIC, {"key": stack.key, "epoch": progress.epoch, "scores": scores})

    if stack.local:
        with suppress(OSError):
            os.dup2(2, 1)  # what a component prints is no data of the command's
    load(stack)
    # It waits for an answer: were it to die of this stack at once, that is known to have begun.
    begun = {"key": stack.key, "worker": worker.address}
    sync(worker.loop, worker.scheduler.log_event, topic=TOPIC, msg=begun)
    progress.reset(len(stack.runs))
    tick()
    return attempt(stack.runs, progress, tick)


def is_wanted(worker: Worker, key: str) -> bool:
    """Whether a stack is still to be trained; Dask itself never stops what has begun."""
    task = worker.state.tasks.get(key)
    return task is not None and task.state == "executing"


def load(stack: Stack) -> None:
    """Have just the components of a stack's own study, in the same versions."""
    from minidl.study.grid.component_files import LOADED, forget, run_file

    wanted = {file.path: file for file in stack.files}
    for path in [path for path, file in LOADED.items() if wanted.get(path) != file]:
        forget(path)
    for path, file in wanted.items():
        if path not in LOADED:
            run_file(file, tried=False)
