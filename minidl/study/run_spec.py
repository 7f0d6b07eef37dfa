"""One run: its settings, its seed, its place in the grid, and the id that these give it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from minidl.study.later import identity

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RunSpec:
    """One run: resolved settings, a seed, and where it stands in its study's grid.

    ``cell`` has the value of each axis that its cell names, as it trained, and ``labels`` short
    texts for them. ``place`` is what cells are compared by: a value on every axis of the study,
    components with their defaults. ``snapshots`` says whether its weights are also kept while it
    is trained. ``shared`` holds what was found out for all runs of the cell: see ``per_cell``.

    ``id`` is sixteen hex digits of the SHA-256 of settings and seed: the same on every machine, and
    in every version (see ``minidl.study.later``). It is given where a store knows it already.
    """

    settings: dict[str, Any]
    seed: int
    cell: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    place: dict[str, Any] = field(default_factory=dict)
    snapshots: bool = False
    shared: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", id_of(counts_of(self), self.seed))


def per_cell(function: Callable[[RunSpec], T]) -> Callable[[RunSpec], T]:
    """Compute once for all runs of a cell what depends on their settings alone."""
    name = f"{function.__module__}.{function.__name__}"

    @wraps(function)
    def found(run: RunSpec) -> T:
        if name not in run.shared:
            run.shared[name] = function(run)
        return run.shared[name]

    return found


@per_cell
def counts_of(run: RunSpec) -> str:
    """Return what of a run's settings goes into its id, as a text."""
    return what_counts(run.settings)


@per_cell
def settings_text(run: RunSpec) -> str:
    """Return a run's settings as JSON."""
    return json.dumps(run.settings)


def what_counts(settings: dict[str, Any]) -> str:
    """Return what of some settings goes into an id, as a text."""
    return json.dumps(identity(settings), sort_keys=True, separators=(",", ":"))


def id_of(counts: str, seed: int) -> str:
    """Return the id of a seed's run with settings of which ``counts`` goes into it."""
    return hashlib.sha256(f"[{counts},{seed}]".encode()).hexdigest()[:16]


def label(value: Any) -> str:
    """Return a setting's value as a short text: ``adam``, ``adam(lr=0.01)``, ``25-25-25``."""
    if isinstance(value, dict):
        own = ", ".join(f"{key}={label(item)}" for key, item in value.items() if key != "name")
        name = value.get("name", "")
        return f"{name}({own})" if own and name else own or name or "(none)"
    if isinstance(value, list):
        return "-".join(map(part_label, value)) or "(none)"
    return str(value)


def part_label(value: Any) -> str:
    """Return an item of a list as a short text: of ``{linear: 5}`` it is ``linear 5``."""
    if isinstance(value, dict) and len(value) == 1 and "name" not in value:
        return " ".join(map(label, *value.items()))
    return label(value)


def describe(run: RunSpec) -> str:
    """Return a run's cell as a text: ``activation=tanh, loss=mse, optimizer=adam``."""
    return ", ".join(f"{axis}={text}" for axis, text in run.labels.items())
