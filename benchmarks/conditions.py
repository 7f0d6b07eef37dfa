"""The main table: the paper's 18 conditions, every contender, microseconds a network and step."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.contenders import Contender
from benchmarks.contenders.cpp import Cpp
from benchmarks.contenders.jax_scan import JaxScan
from benchmarks.contenders.minidl_stack import MinidlAlone, MinidlStack
from benchmarks.contenders.sklearn_mlp import SklearnMLP
from benchmarks.contenders.torch_func import TorchFunc
from benchmarks.contenders.torch_nn import TorchNN
from benchmarks.measure import Entry, time_in_turn
from benchmarks.parity import TOLERANCE, parity_work, worst_difference
from benchmarks.work import CONDITIONS, Condition, Work

STACKS = (18, 54, 180, 360, 540)
JAX_STACKS = (54, 180, 360)
JAX_UNROLLS = (1, 4)
STEPS = 100
REFERENCE = TorchNN("torch.nn")

# label, contender, networks
CONTENDERS: list[tuple[str, Contender, int]] = [
    ("torch.nn", REFERENCE, 2),
    ("torch.nn fused", TorchNN("torch.nn fused", fused=True), 2),
    ("scikit-learn", SklearnMLP(), 2),
    ("torch.func 180", TorchFunc(), 180),
    *(
        (f"JAX {networks} unroll {unroll}", JaxScan(unroll), networks)
        for networks in JAX_STACKS
        for unroll in JAX_UNROLLS
    ),
    ("minidl alone", MinidlAlone(), 2),
    *((f"minidl {networks}", MinidlStack(), networks) for networks in STACKS),
    ("C++ limit", Cpp(), 180),
]


def absent() -> dict[str, str]:
    """Return who cannot take part here, and why."""
    reasons = {label: contender.missing() for label, contender, _ in CONTENDERS}
    return {label: reason for label, reason in reasons.items() if reason}


def measure(rounds: int, conditions: Sequence[Condition] = CONDITIONS) -> dict[str, Any]:
    """Check parity, then time: ``{condition: {label: {best, median, first, difference}}}``."""
    return {str(condition): measure_one(condition, rounds) for condition in conditions}


def measure_one(condition: Condition, rounds: int) -> dict[str, Any]:
    """Return the figures of every contender that knows the condition.

    Raises ValueError when one of them does not train the same network.
    """
    print(f"  {condition}", file=sys.stderr)
    works = {n: Work((condition,), n, STEPS) for n in {n for _, _, n in CONTENDERS}}
    entries = [
        Entry(label, contender, works[networks])
        for label, contender, networks in CONTENDERS
        if contender.missing() is None and contender.unfit(condition) is None
    ]
    differences = {e.label: checked(e.contender, condition) for e in entries}
    time_in_turn(entries, rounds)
    return {
        entry.label: {
            "best": entry.best,
            "median": entry.median,
            "first": entry.first,
            "difference": differences[entry.label],
        }
        for entry in entries
    }


def checked(contender: Contender, condition: Condition) -> float:
    """Return how far a contender's losses are from torch.nn's; raises ValueError if too far."""
    difference = worst_difference(contender, REFERENCE, parity_work(condition))
    if not difference <= TOLERANCE:
        raise ValueError(
            f"{contender.name} trains another network under {condition}: "
            f"its losses are off by {difference:.1g}; allowed: {TOLERANCE}"
        )
    return difference
