"""Training a stack of runs: build each, stack them, train once, take the results apart."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from minidl import History, Sequential, seeded_generator, stack, train
from minidl.data.batching import distinct
from minidl.engine.flat import flatten
from minidl.study.grid.components import make
from minidl.study.grid.named_files import name_files
from minidl.study.result import RunResult
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.build import Built, build, build_stopping
from minidl.study.stacks.snapshots import Snapshots
from minidl.study.stacks.weights import named_param, to_bytes


def train_stack(
    runs: Sequence[RunSpec],
    on_epoch: Callable[[int, History], None] | None = None,
    on_start: Callable[[Sequential], None] | None = None,
) -> list[RunResult]:
    """Train the runs of one stack in step and return their results, in the same order.

    Each result is bit for bit what the run alone would give. ``on_start`` is handed the stacked
    network before it is trained, to look at its parameters.
    """
    torch.set_num_threads(1)
    start, worked = time.perf_counter(), time.process_time()
    for run in runs:
        name_files(run.settings["data"])  # who trains them named them
    together: Built = stack([build(run) for run in runs])
    flatten(together.optimizer)
    generators = {run.seed: seeded_generator(run.seed, "batches") for run in runs}
    settings = runs[0].settings
    snapshots = Snapshots(runs, together.model)

    def after(epoch: int, history: History) -> None:
        snapshots.take(epoch)
        if on_epoch is not None:
            on_epoch(epoch, history)

    snapshots.take(0)
    if on_start is not None:
        on_start(together.model)
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
        validation=together.validation,
        early_stopping=build_stopping(settings),
        evaluate_every=settings["evaluate_every"],
        metrics=together.metrics,
        schedule=[make("schedule", run.settings["schedule"]) for run in runs],
        on_epoch=after,
    )
    seconds = (time.perf_counter() - start) / len(runs)
    results = take_apart(runs, together, history, snapshots, seconds)
    worked = time.process_time() - worked
    return [replace(result, processor_seconds=worked / len(runs)) for result in results]


def take_apart(
    runs: Sequence[RunSpec],
    together: Built,
    history: History,
    snapshots: Snapshots,
    seconds: float,
) -> list[RunResult]:
    """Return each run's share of what a stack produced."""
    columns = {key: [v.tolist() for v in values] for key, values in history.curves.items()}
    weights = named_param(together.model)
    constant = together.metrics[0].constant(distinct(together.train.y))
    baselines = constant.expand(len(runs)).tolist()
    results = []
    diverged = history.diverged_at.tolist()
    best, stopped = (each_epoch(at, len(runs)) for at in (history.best_at, history.stopped_at))
    for i, run in enumerate(runs):
        curve = [
            {"epoch": float(epoch)} | {key: column[k][i] for key, column in columns.items()}
            for k, epoch in enumerate(history.epochs)
            if epoch <= (stopped[i] or epoch)
        ]
        status = "diverged" if diverged[i] else "done"
        own = to_bytes({name: value[i] for name, value in weights.items()}, run)
        results.append(
            RunResult(
                run.id,
                status,
                seconds,
                curve,
                diverged[i] or None,
                weights=own,
                snapshots=snapshots.of(i, best[i]),
                baseline=baselines[i],
                best_at=best[i],
                stopped_at=stopped[i],
            )
        )
    return results


def each_epoch(at: Tensor | None, runs: int) -> list[int | None]:
    """Return an epoch for each run, None where there is none."""
    return [None] * runs if at is None else [epoch or None for epoch in at.tolist()]
