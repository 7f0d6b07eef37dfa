"""Where a step's time goes: by operation, and by part of the step.

Every operation of a replayed step is timed where it stands. torch's profiler would add more than a
microsecond to each, which is more than most of them take.
"""

from __future__ import annotations

import time
from itertools import pairwise
from statistics import quantiles
from typing import Any

import torch
from torch import Tensor

from benchmarks.contenders.minidl_stack import build
from benchmarks.work import CONDITIONS, Condition, Work
from minidl import stack
from minidl.engine.flat import flatten
from minidl.engine.needed import by_change, needed
from minidl.engine.recorder import Launch, Recorder, memory, tensors

NETWORKS = 180
STEPS = 200
SHOWN = ("relu mse none", "tanh bce sgd", "relu bce adam")

Parts = dict[str, list[Launch]]


@torch.inference_mode()
def measure() -> dict[str, Any]:
    """Return for some conditions the time by part, and the costliest operations."""
    return {str(c): measure_one(c) for c in CONDITIONS if str(c) in SHOWN}


def measure_one(condition: Condition) -> dict[str, Any]:
    """Return microseconds a network: of each part, and of each operation on equal shapes."""
    parts, inputs, batches = recorded(condition)
    spent = timed([launch for launches in parts.values() for launch in launches], inputs, batches)
    by_part, by_operation = {}, {}
    for part, launches in parts.items():
        for launch in launches:
            own = spent.pop(0)
            by_part[part] = by_part.get(part, 0.0) + own
            by_operation.setdefault(described(launch), []).append(own)
    rows = sorted(by_operation.items(), key=lambda row: -sum(row[1]))
    whole = sum(by_part.values())
    return {
        "parts": by_part,
        "operations": [
            {"operation": name, "shapes": shapes, "calls": len(own), "share": sum(own) / whole}
            for (name, shapes), own in rows[:12]
        ],
    }


def recorded(condition: Condition) -> tuple[Parts, list[Tensor], Any]:
    """Return the operations of a step by part, the tensors that a batch goes to, and batches."""
    work = Work((condition,), NETWORKS, STEPS)
    model, loss, optimizer = stack([build(work, r) for r in range(NETWORKS)])
    flatten(optimizer)
    x, y = inputs = [part[0].clone() for part in work.batches]
    parts: Parts = {}
    with Recorder() as recorder:
        prediction = model.forward(x)
        parts["forward"] = taken(recorder)
        gradient = loss.backward(prediction, y)
        parts["loss"] = taken(recorder)
        model.backward(gradient)
        parts["backward"] = taken(recorder)
        optimizer.step()
        parts["optimizer"] = taken(recorder)
    launches = [launch for part in parts.values() for launch in part]
    kept = needed(launches, memory(recorder.found.values()))
    _, kept = by_change(kept, memory(inputs))  # what is the same in every step is computed once
    replayed = set(map(id, kept))
    for name, part in parts.items():
        parts[name] = [launch for launch in part if id(launch) in replayed]
    return parts, inputs, work.batches


def taken(recorder: Recorder) -> list[Launch]:
    """Return what was recorded since the last time."""
    launches, recorder.launches = recorder.launches, []
    return launches


def timed(launches: list[Launch], inputs: list[Tensor], batches: Any) -> list[float]:
    """Return microseconds a network for each launch: the tenth percentile over the steps."""
    rows = []
    for batch in zip(*batches, strict=True):
        for own, part in zip(inputs, batch, strict=True):
            own.copy_(part)
        times = [time.perf_counter()]
        for launch in launches:
            launch.run()
            times.append(time.perf_counter())
        rows.append([after - before for before, after in pairwise(times)])
    columns = zip(*rows, strict=True)
    return [quantiles(column, n=10)[0] * 1e6 / NETWORKS for column in columns]


def described(launch: Launch) -> tuple[str, str]:
    """Return an operation's name and the shapes that it works on."""
    run: Any = launch.run
    operands = [part for part in tensors(list(run.args)) if part.dim()]
    return run.func.__name__, " ".join("×".join(map(str, part.shape)) for part in operands)
