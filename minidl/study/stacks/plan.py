"""Which runs are trained together: a stack is a list of runs that can share one tensor program."""

from __future__ import annotations

import heapq
import json
import math
from collections.abc import Sequence
from functools import cache
from itertools import groupby, pairwise
from typing import Any

from minidl.engine.promise import behaviour
from minidl.registry import KINDS
from minidl.study import length
from minidl.study.grid.components import arguments
from minidl.study.grid.data import source_of
from minidl.study.grid.network import hidden_activations, kind_of, output_of, parts_of, widths_of
from minidl.study.run_spec import RunSpec, per_cell

# Beyond some 400 networks the activations of a step no longer fit in the cache.
MAX_STACK = 360
MANY = 10  # more stacks for each job end together as they are
LONGEST = 90e6  # microseconds: what is in training when a study is interrupted is lost
CHEAP = 1.1  # halves that cost more than so many times the whole are no better to have

# Microseconds of a training step: for a stack, for every further activation in it, and for every
# weight of a network with batches of 5 (measured on one machine; only the ratios matter).
STACK, SLICE, WEIGHT = 55.0, 50.0, 0.0021
# How much more a network takes, by the files in which what it computes with is written.
CURVED, ADAPTIVE = 0.1, 0.4

# What a stack has once for all its runs.
COURSE = (
    "epochs",
    "updates",
    "batch_size",
    "shuffle",
    "evaluate_every",
    "validation",
    "early_stopping",
)


class Stack:
    """Runs that are trained together, and what that costs; the costliest sorts first."""

    def __init__(self, runs: Sequence[RunSpec]):
        self.runs = list(runs)
        self.cost = cost(runs)

    def __lt__(self, other: Stack) -> bool:
        return self.cost > other.cost


def plan(runs: Sequence[RunSpec], jobs: int) -> list[list[RunSpec]]:
    """Cut the runs into stacks, so that all jobs are done as early as can be; the costly first.

    No stack takes much longer than a minute. Then the costliest stack is cut in two, again and
    again; of all plans on the way the best is taken.
    """
    groups = [list(alike) for _, alike in groupby(sorted(runs, key=order), key=shape)]
    parts = (Stack(part) for group in groups for part in fitting(group))
    plans = [sorted(wave for part in parts for wave in waves(part))]
    while len(plans[-1]) < MANY * jobs:
        stacks = plans[-1]
        costliest = next((stack for stack in stacks if len(stack.runs) > 1), None)
        if costliest is None:
            break
        rest = [stack for stack in stacks if stack is not costliest]
        plans.append(sorted([*map(Stack, cut(costliest.runs)), *rest]))
    return [stack.runs for stack in min(plans, key=lambda stacks: ends(stacks, jobs))]


def fitting(group: Sequence[RunSpec]) -> list[list[RunSpec]]:
    """Return a group as it is where it fits in a stack, or else each activation in equal parts."""
    if len(group) <= MAX_STACK:
        return [list(group)]
    parts = []
    for alike in (list(alike) for _, alike in groupby(group, key=activation)):
        size = math.ceil(len(alike) / math.ceil(len(alike) / MAX_STACK))
        parts += [alike[start : start + size] for start in range(0, len(alike), size)]
    return parts


def waves(stack: Stack) -> list[Stack]:
    """Return a stack in parts of which none takes too long, as far as cutting costs little."""
    if stack.cost <= LONGEST or len(stack.runs) == 1:
        return [stack]
    halves = list(map(Stack, cut(stack.runs)))
    if sum(half.cost for half in halves) > CHEAP * stack.cost:
        return [stack]
    return [wave for half in halves for wave in waves(half)]


def ends(stacks: Sequence[Stack], jobs: int) -> list[float]:
    """Estimate when each job ends, the last first, if each takes the next stack when it is free."""
    times = [0.0] * jobs
    for stack in stacks:
        heapq.heapreplace(times, times[0] + stack.cost)
    return sorted(times, reverse=True)


@per_cell
def shape(run: RunSpec) -> str:
    """Return what runs must agree in to share a stack, as a text that sorts."""
    settings = run.settings
    data = {key: value for key, value in settings["data"].items() if key != "normalize"}
    course = {key: settings.get(key) for key in COURSE}
    step = [computed_by("optimizer", settings["optimizer"]), *used(settings["optimizer"])]
    return json.dumps([data, frame(settings), step, course])


def frame(settings: dict[str, Any]) -> list[Any]:
    """Return a network's parts less what may differ inside a stack: activations, and numbers."""
    parts = parts_of(settings)
    kinds = map(kind_of, parts)
    return [
        kind if kind == "activation" else {k: v for k, v in part.items() if type(v) is not float}
        for kind, part in zip(kinds, parts, strict=True)
    ]


def used(optimizer: dict[str, Any]) -> list[str]:
    """Return which optional arguments of an optimizer are used: those that are off by default.

    What is off takes no time and touches no number, so runs share a stack only where the same are
    on; with what values may differ.
    """
    fields = arguments("optimizer", optimizer["name"]).model_fields
    given = {key: optimizer[key] for key, field in fields.items() if not field.default}
    return [key for key in sorted(given) if given[key] != fields[key].default]


@per_cell
def order(run: RunSpec) -> tuple[str, ...]:
    """Return what runs are sorted by: first their shape, then what cuts a stack into slices.

    Those of a cell, and of cells that are alike in this, stay in the order in which they come.
    """
    output, loss = output_of(run.settings), run.settings["loss"]
    slices = [activation(run), computed_by("activation", output), computed_by("loss", loss)]
    return (shape(run), *slices, run.settings["activation"]["name"])


def computed_by(kind: str, settings: dict[str, Any]) -> str:
    """Return what decides which operations a component computes: its class, and its texts."""
    texts = [f" {k}={v}" for k, v in sorted(settings.items()) if k != "name" and type(v) is str]
    return code_of(KINDS[kind][settings["name"]]) + "".join(texts)


@cache
def code_of(component: Any) -> str:
    """Return the name of the class whose code a component runs."""
    cls = behaviour(component)
    return f"{cls.__module__}.{cls.__qualname__}"


def cut(stack: Sequence[RunSpec]) -> list[list[RunSpec]]:
    """Cut a stack in two: where the activation changes, or else in the middle."""
    changes = [i for i in range(1, len(stack)) if activation(stack[i]) != activation(stack[i - 1])]
    middle = len(stack) // 2
    at = min(changes, key=lambda i: abs(i - middle), default=middle)
    return [list(stack[:at]), list(stack[at:])]


def cost(stack: Sequence[RunSpec]) -> float:
    """Estimate the microseconds that a stack trains."""
    settings = stack[0].settings
    slices = len({activation(run) for run in stack})
    networks = sum(map(network, stack))
    return length.updates(settings) * (STACK + SLICE * (slices - 1) + networks)


@per_cell
def network(run: RunSpec) -> float:
    """Estimate the microseconds that a network of a stack takes for a step."""
    settings = run.settings
    more = CURVED * activation(run).startswith(
        ("minidl.activations.bounded.", "minidl.activations.smooth.")
    )
    products = max(1, settings["batch_size"] / 20) * (1 + more)
    adaptive = computed_by("optimizer", settings["optimizer"]).startswith(
        ("minidl.optimizers.adam.", "minidl.optimizers.adagrad.")
    )
    return WEIGHT * weights(settings) * (products + ADAPTIVE * adaptive)


@per_cell
def activation(run: RunSpec) -> str:
    """Return what computes a run's hidden activations."""
    computing = (computed_by("activation", part) for part in hidden_activations(run.settings))
    return ", ".join(dict.fromkeys(computing))


def weights(settings: dict[str, Any]) -> int:
    """Return how many weights a network has, biases aside."""
    source = source_of(settings["data"])
    widths = widths_of(settings, source.d_in, source.d_out)
    return sum(before * after for before, after in pairwise(widths))
