"""How the time for one network and step depends on the stack, the width and the batch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from benchmarks.contenders import Contender
from benchmarks.contenders.cpp import Cpp
from benchmarks.contenders.jax_scan import JaxScan
from benchmarks.contenders.minidl_stack import MinidlAlone, MinidlStack
from benchmarks.contenders.torch_func import TorchFunc
from benchmarks.contenders.torch_nn import TorchNN
from benchmarks.measure import Entry, time_in_turn
from benchmarks.work import CONDITIONS, Work

CONDITION = next(c for c in CONDITIONS if str(c) == "relu bce sgd")
STACKS = (1, 2, 6, 18, 36, 54, 90, 180, 270, 360, 540, 1080)
WIDTHS = (10, 25, 50, 100, 200, 512)
BATCHES = (1, 5, 20, 50, 100, 500)
CURVE_STACK = 54  # for the curves over width and batch
STEPS = 50


def stack_curve(rounds: int) -> dict[str, Any]:
    """Return best times by stack size: ``{contender: {networks: microseconds}}``."""
    entries = [
        *(entry("minidl", MinidlStack(), n) for n in STACKS),
        *(entry("JAX", JaxScan(4), n) for n in STACKS),
        *(entry("torch.func", TorchFunc(), n) for n in STACKS),
        entry("torch.nn", TorchNN("torch.nn"), 1),
        entry("minidl alone", MinidlAlone(), 1),
        entry("C++ limit", Cpp(), 180),
    ]
    return timed(entries, rounds, lambda work: work.networks)


def width_curve(rounds: int) -> dict[str, Any]:
    """Return best times by the width of the three hidden layers."""
    shapes = [{"widths": (2, width, width, width, 1)} for width in WIDTHS]
    return timed(peers(shapes), rounds, lambda work: work.widths[1])


def batch_curve(rounds: int) -> dict[str, Any]:
    """Return best times by batch size."""
    shapes = [{"batch_size": size} for size in BATCHES]
    return timed(peers(shapes), rounds, lambda work: work.batch_size)


def peers(shapes: Iterable[dict[str, Any]]) -> list[Entry]:
    """Return the contenders that know other shapes than the paper's."""
    return [
        entry(label, contender, networks, **shape)
        for shape in shapes
        for label, contender, networks in (
            ("minidl", MinidlStack(), CURVE_STACK),
            ("JAX", JaxScan(1), CURVE_STACK),
            ("torch.func", TorchFunc(), CURVE_STACK),
            ("torch.nn", TorchNN("torch.nn"), 1),
        )
    ]


def entry(label: str, contender: Contender, networks: int, **shape: Any) -> Entry:
    return Entry(label, contender, Work((CONDITION,), networks, STEPS, **shape))


def timed(entries: list[Entry], rounds: int, key: Any) -> dict[str, Any]:
    """Time the entries that can take part, and gather the best times by label and key."""
    entries = [e for e in entries if e.contender.missing() is None]
    time_in_turn(entries, rounds)
    curves: dict[str, Any] = {}
    for e in entries:
        curves.setdefault(e.label, {})[str(key(e.work))] = e.best
    return curves
