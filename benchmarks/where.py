"""Where a step's time goes: by operation, from torch's profiler, and by part of the step."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from statistics import median, quantiles
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.contenders.minidl_stack import build
from benchmarks.work import CONDITIONS, Condition, Work
from minidl import stack
from minidl.flat import flatten

NETWORKS = 180
STEPS = 200
PARTS = ("forward", "loss", "backward", "optimizer")
SHOWN = ("relu mse none", "tanh bce sgd", "relu bce adam")


def measure() -> dict[str, Any]:
    """Return for some conditions the time by part, and the share of each operation."""
    conditions = [c for c in CONDITIONS if str(c) in SHOWN]
    return {str(c): {"parts": by_part(c), "operations": by_operation(c)} for c in conditions}


def parts_of_a_step(condition: Condition) -> Callable[[int], list[float]]:
    """Return a function that takes step i and returns the seconds that each part took."""
    work = Work((condition,), NETWORKS, STEPS)
    model, loss, optimizer = stack([build(work, r) for r in range(NETWORKS)])
    flatten(optimizer)
    x, y = work.batches

    def step(i: int) -> list[float]:
        times = [time.perf_counter()]
        prediction = model.forward(x[i])
        times.append(time.perf_counter())
        gradient = loss.backward(prediction, y[i])
        times.append(time.perf_counter())
        model.learn(gradient)
        times.append(time.perf_counter())
        optimizer.step()
        times.append(time.perf_counter())
        return [after - before for before, after in pairwise(times)]

    return step


@torch.inference_mode()
def by_part(condition: Condition) -> dict[str, float]:
    """Return microseconds a network for each part: the tenth percentile over the steps."""
    step = parts_of_a_step(condition)
    columns = zip(*map(step, range(STEPS)), strict=True)
    best = [quantiles(column, n=10)[0] * 1e6 / NETWORKS for column in columns]
    return dict(zip(PARTS, best, strict=True))


@torch.inference_mode()
def by_operation(condition: Condition) -> list[dict[str, Any]]:
    """Return share, calls a step and shapes of the ten costliest operations."""
    step = parts_of_a_step(condition)
    for i in range(20):
        step(i)
    with profile(activities=[ProfilerActivity.CPU], record_shapes=True) as profiler:
        for i in range(20, STEPS):
            step(i)
    times: dict[tuple[str, str], list[float]] = {}
    for event in profiler.events() or ():
        shapes = " ".join("×".join(map(str, s)) for s in event.input_shapes if s)
        name = event.name.removeprefix("aten::")
        times.setdefault((name, shapes), []).append(event.self_cpu_time_total)
    # The median, because now and then an operation is interrupted for milliseconds.
    costs = {key: median(spent) * len(spent) for key, spent in times.items()}
    return [
        {
            "operation": name,
            "shapes": shapes,
            "calls": len(times[name, shapes]) / (STEPS - 20),
            "share": costs[name, shapes] / sum(costs.values()),
        }
        for name, shapes in sorted(costs, key=lambda key: -costs[key])[:10]
    ]
