"""What a stack that mixes activations and losses costs, against stacks that do not."""

from __future__ import annotations

from statistics import mean
from typing import Any

from benchmarks.contenders.minidl_stack import MinidlStack
from benchmarks.measure import Entry, time_in_turn
from benchmarks.work import CONDITIONS, Condition, Work

NETWORKS = 180
STEPS = 100

# The order in which a study's runs are sorted before they are stacked.
ORDER = [
    ("leaky_relu", "bce"),
    ("relu", "bce"),
    ("leaky_relu", "mse"),
    ("relu", "mse"),
    ("tanh", "bce"),
    ("tanh", "mse"),
]


def measure(rounds: int) -> dict[str, Any]:
    """Return ``{optimizer: {mixed, alike}}``: best times, alike as the mean of six stacks."""
    return {optimizer: measure_one(optimizer, rounds) for optimizer in ("none", "sgd", "adam")}


def measure_one(optimizer: str, rounds: int) -> dict[str, float]:
    known = {(c.activation, c.loss, c.optimizer): c for c in CONDITIONS}
    conditions: list[Condition] = [known[(*parts, optimizer)] for parts in ORDER]
    together = Entry("mixed", MinidlStack(), Work(tuple(conditions), NETWORKS, STEPS))
    alike = [Entry(str(c), MinidlStack(), Work((c,), NETWORKS, STEPS)) for c in conditions]
    time_in_turn([together, *alike], rounds)
    return {"mixed": together.best, "alike": mean(entry.best for entry in alike)}
