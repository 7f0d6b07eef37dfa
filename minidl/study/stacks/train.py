"""Training a stack of runs: build each, stack them, train once, take the results apart."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

from minidl import History, seeded_generator, stack, train
from minidl.data.batching import distinct
from minidl.engine.flat import flatten
from minidl.study.grid.components import make
from minidl.study.result import RunResult
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.build import Built, build, score_names
from minidl.study.stacks.weights import named_param, to_bytes


def train_stack(
    runs: Sequence[RunSpec], on_epoch: Callable[[int, History], None] | None = None
) -> list[RunResult]:
    """Train the runs of one stack in step and return their results, in the same order.

    Each result is bit for bit what the run alone would give.
    """
    torch.set_num_threads(1)
    start, worked = time.perf_counter(), time.process_time()
    together: Built = stack([build(run) for run in runs])
    flatten(together.optimizer)
    generators = {run.seed: seeded_generator(run.seed, "batches") for run in runs}
    settings = runs[0].settings
    history = train(
        together.model,
        together.loss,
        together.optimizer,
        together.train,
        epochs=settings["epochs"],
        updates=settings["updates"],
        batch_size=settings["batch_size"],
        generator=[generators[run.seed] for run in runs],
        shuffle=settings["shuffle"],
        test=together.test if settings["data"]["test"] else None,
        evaluate_every=settings["evaluate_every"],
        metrics=together.metrics,
        schedule=[make("schedule", run.settings["schedule"]) for run in runs],
        on_epoch=on_epoch,
    )
    seconds = (time.perf_counter() - start) / len(runs)
    results = take_apart(runs, together, history, seconds)
    worked = time.process_time() - worked
    return [replace(result, processor_seconds=worked / len(runs)) for result in results]


def take_apart(
    runs: Sequence[RunSpec], together: Built, history: History, seconds: float
) -> list[RunResult]:
    """Return each run's share of what a stack produced."""
    columns = {
        key: [value.tolist() for value in history.curves[key]]
        for key in score_names(runs[0].settings)
    }
    weights = named_param(together.model)
    best = together.metrics[0].constant(distinct(together.train.y))
    baselines = best.expand(len(runs)).tolist()
    results = []
    for i, (run, diverged_at) in enumerate(zip(runs, history.diverged_at.tolist(), strict=True)):
        curve = [
            {"epoch": float(epoch)} | {key: column[k][i] for key, column in columns.items()}
            for k, epoch in enumerate(history.epochs)
        ]
        status = "diverged" if diverged_at else "done"
        own = to_bytes({name: value[i] for name, value in weights.items()}, run)
        results.append(
            RunResult(run.id, status, seconds, curve, diverged_at or None, None, own, baselines[i])
        )
    return results
