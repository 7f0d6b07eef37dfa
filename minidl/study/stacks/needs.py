"""What runs need: memory while they train, and room for their weights in the store. Estimates."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from minidl.study.errors import InputError
from minidl.study.grid.data import source_of
from minidl.study.grid.network import widths_of
from minidl.study.grid.spec import StudySpec
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.snapshots import snapshot_epochs
from minidl.training import EVALUATION_POINTS

MOST_STORED = 1_000_000_000  # bytes of a value in an SQLite file
NUMBER = 4  # bytes
COPIES = (
    8  # of the weights, at most: stacked, gradients, what Adam keeps, the result, ... (measured)
)
TORCH = 250_000_000  # bytes of a process that has loaded it
HEADER = 2_000, 200  # bytes that a safetensors file has beside its numbers, and more for each layer


class Needs(NamedTuple):
    """Bytes of memory while a run trains, and of its weights in the store."""

    memory: int
    stored: int


def needs(settings: dict[str, Any]) -> Needs:
    """Estimate what a run needs, from its settings."""
    source, data = source_of(settings["data"]), settings["data"]
    widths = widths_of(settings, source.d_in, source.d_out)
    weights = sum((before + 1) * after for before, after in pairwise(widths))
    points = 2 * (data["train"] + data["test"]) * (source.d_in + source.d_out)
    batch = max(min(settings["batch_size"], data["train"]), EVALUATION_POINTS)
    activations = 4 * batch * sum(widths)
    fixed, each = HEADER
    return Needs(
        NUMBER * (COPIES * weights + points + activations),
        NUMBER * weights + fixed + each * len(widths),
    )


def each(runs: Sequence[RunSpec]) -> list[Needs]:
    """Estimate what each of some runs needs; those of one cell share their settings."""
    known: dict[int, Needs] = {}
    for run in runs:
        if id(run.settings) not in known:
            known[id(run.settings)] = needs(run.settings)
    return [known[id(run.settings)] for run in runs]


def check_needs(study: StudySpec, runs: Sequence[RunSpec], *, kept: bool = True) -> None:
    """Raise InputError when a run alone is too large for this machine or, if kept, for a store."""
    for run, need in zip(runs, each(runs), strict=True):
        if kept and need.stored > MOST_STORED:
            said = f"weights of about {size(need.stored)}; a store takes {size(MOST_STORED)}"
        elif TORCH + need.memory > memory():
            said = f"about {size(TORCH + need.memory)} of memory; this machine has {size(memory())}"
        else:
            continue
        part = "hidden" if run.settings["model"]["layers"] is None else "layers"
        varied = f"model.{part}" in study.grid
        place = study.place(("grid", f"model.{part}") if varied else ("model", part))
        value = run.settings["model"][part]
        raise InputError(f"{place}: a network with model.{part} {value!r:.60} needs {said}")


def summary(stacks: Sequence[Sequence[RunSpec]]) -> dict[str, int]:
    """Return what stacks need: ``memory`` of a job, at most, and what of all is ``stored``, weights
    from during training included.
    """
    parts = [each(stack) for stack in stacks]
    taken = [
        need.stored * (1 + len(snapshot_epochs(run.settings, need.stored)) * run.snapshots)
        for stack, part in zip(stacks, parts, strict=True)
        for run, need in zip(stack, part, strict=True)
    ]
    return {
        "memory": TORCH + max((sum(need.memory for need in part) for part in parts), default=0),
        "stored": sum(taken),
    }


def in_words(stacks: Sequence[Sequence[RunSpec]]) -> str:
    """Return what stacks need as a line."""
    found = summary(stacks)
    return (
        f"about {size(found['memory'])} of memory for each job (this machine has "
        f"{size(memory())}), {size(found['stored'])} of weights in the store"
    )


def memory() -> int:
    """Return how many bytes of memory this machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def size(count: int) -> str:
    """Return a number of bytes as a text: ``1.2 GB``."""
    number = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:,.3g} TB"
