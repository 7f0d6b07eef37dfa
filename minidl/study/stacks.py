"""Which runs are trained together: a stack is a list of runs that can share one tensor program."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from minidl.registry import KINDS
from minidl.replicas import behaviour
from minidl.study.settings import RunSpec

# Beyond some 400 networks the activations of a step no longer fit in the cache.
MAX_STACK = 360


def plan(runs: Sequence[RunSpec], jobs: int) -> list[list[RunSpec]]:
    """Cut the runs into stacks: as few as fit, as many as keep every job busy, the costly first."""
    groups = [list(alike) for _, alike in groupby(sorted(runs, key=order), key=shape)]
    stacks = [part for group in groups for part in cut(group, jobs)]
    return sorted(stacks, key=cost, reverse=True)


def shape(run: RunSpec) -> str:
    """Return what runs must agree in to share a stack, as a text that sorts."""
    settings = run.settings
    data = {key: value for key, value in settings["data"].items() if key != "normalize"}
    length = [settings[key] for key in ("epochs", "batch_size", "evaluate_every")]
    step = computed_by("optimizer", settings["optimizer"])
    return json.dumps([data, settings["model"]["hidden"], step, length])


def order(run: RunSpec) -> tuple[str, ...]:
    """Return what runs are sorted by: first their shape, then what cuts a stack into slices."""
    activation, output = run.settings["activation"], run.settings["model"]["output"]
    slices = [
        computed_by("activation", activation),
        computed_by("activation", output),
        computed_by("loss", run.settings["loss"]),
    ]
    return (shape(run), *slices, activation["name"], run.id)


def computed_by(kind: str, component: dict[str, Any]) -> str:
    """Return the name of the class whose code a component runs."""
    known: Any = KINDS[kind][component["name"]]
    cls = behaviour(known)
    return f"{cls.__module__}.{cls.__qualname__}"


def cut(group: Sequence[RunSpec], jobs: int) -> list[list[RunSpec]]:
    """Cut runs into equal parts of at most ``MAX_STACK``, a multiple of ``jobs`` of them."""
    parts = jobs * math.ceil(len(group) / (MAX_STACK * jobs))
    size = math.ceil(len(group) / parts)
    return [list(group[start : start + size]) for start in range(0, len(group), size)]


def cost(stack: Sequence[RunSpec]) -> float:
    """Estimate how long a stack trains, in no particular unit: network steps, and a fixed part."""
    settings = stack[0].settings
    steps = settings["epochs"] * math.ceil(settings["data"]["train"] / settings["batch_size"])
    return steps * (len(stack) + 20)
