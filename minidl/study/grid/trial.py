"""Trying a component that somebody else wrote on a few numbers.

One that needs arguments shows what it is worth when a study names it. Every check raises ValueError
that says what is wrong, or whatever the component raises.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import isfinite
from typing import Any

import torch
from torch import Tensor

from minidl.data import Dataset
from minidl.losses import Loss
from minidl.metrics import TASKS
from minidl.random import seeded_generator
from minidl.registry import KINDS
from minidl.schedules import Progress
from minidl.study.grid.components import arguments, resolve
from minidl.study.grid.contract import check_contract

X = torch.linspace(-2, 2, 30).view(2, 5, 3)  # two networks, five points, three numbers
Build = Callable[..., Any]


def try_out(kind: str, name: str, component: Any) -> None:
    """Raise ValueError, or whatever the component raises, unless it is what its kind promises."""
    check_contract(kind, name, component)
    fields = arguments(kind, name).model_fields
    if kind in TRIALS and not any(field.is_required() for field in fields.values()):
        settings = resolve(kind, name)
        own = {argument: settings[argument] for argument in fields}
        TRIALS[kind](f"{kind} {name!r}", partial(component, **own))


def try_activation(what: str, build: Build) -> None:
    """Try both directions."""
    part = build()

    def back(x: Tensor, gradient: Tensor) -> Any:
        part.forward(x)
        return part.backward(gradient)

    alike(f"{what}: forward", part.forward, (2, 5, 3), X)
    alike(f"{what}: backward", back, (2, 5, 3), X, X.flip(-1))


def try_layer(what: str, build: Build) -> None:
    """Try both directions, in one network: what it draws may differ in another."""
    layer = build(3, seeded_generator(0, "layer"))
    check_shape(f"{what}: forward of (5, 3)", layer.forward(X[0].clone()), (5, 3))
    check_shape(f"{what}: backward of (5, 3)", layer.backward(X[1].clone()), (5, 3))


def try_loss(what: str, build: Build) -> None:
    """Try both directions, with predictions in its domain and answers that fit its task."""
    loss = build()
    d = 1 if "binary" in getattr(loss, "tasks", TASKS) else 3
    bounds = zip(getattr(loss, "domain", Loss.domain), (0.0, 1.0), strict=True)
    low, high = (bound if isfinite(bound) else usual for bound, usual in bounds)
    prediction = low + (high - low) * (X[..., :d] + 3) / 6
    answer = torch.arange(10).view(2, 5, 1) % 3
    target = (answer == torch.arange(d)).float()
    alike(f"{what}: forward", loss.forward, (2,), prediction, target)
    alike(f"{what}: backward", loss.backward, (2, 5, d), prediction, target)


def try_optimizer(what: str, build: Build) -> None:
    """Try a step of a weight and a bias."""
    param = [(X[0].clone(), X[1].clone()), (X[0, :1].clone(), X[1, :1].clone())]
    optimizer = build(param)
    check_shape(f"{what}: lr", getattr(optimizer, "lr", None), (1, 1))
    optimizer.step()
    for (value, _), shape in zip(param, ((5, 3), (1, 3)), strict=True):
        check_shape(f"{what}: a parameter after a step", value, shape)


def try_schedule(what: str, build: Build) -> None:
    """Ask for the rates of two epochs."""
    schedule = build()
    names = [f"train_{name}" for name in ("loss", *KINDS["metric"])]
    for epoch in range(2):
        scores = dict.fromkeys([*names, schedule.monitor], 1.0) if epoch else {}
        rate = schedule.rate(0.1, Progress(epoch, 10, 5 * epoch, scores))
        if not (isinstance(rate, (int, float)) and rate >= 0 and isfinite(rate)):
            raise ValueError(f"{what}: rate must return a number of at least 0, got {rate!r:.60}")


def try_init(what: str, build: Build) -> None:
    """Try a layer of four inputs and three outputs."""
    made = build(4, 3, seeded_generator(0, "weights"))
    if not (isinstance(made, tuple) and len(made) == 2):
        raise ValueError(f"{what} must return (weight, bias), got {made!r:.60}")
    check_shape(f"{what}: the weight of 4 inputs and 3 outputs", made[0], (4, 3))
    check_shape(f"{what}: the bias of 3 outputs", made[1], (1, 3))


def try_data(what: str, build: Build) -> None:
    """Draw some points."""
    source = build()
    for size in ("d_in", "d_out"):
        value = getattr(source, size, None)
        if not (type(value) is int and value > 0):
            raise ValueError(f"{what}: {size} must be a whole number above 0, got {value!r:.60}")
    if (task := getattr(source, "task", None)) not in TASKS:
        raise ValueError(f"{what}: task must be one of {', '.join(TASKS)}, got {task!r:.60}")
    drawn = source.draw(8, seeded_generator(0, "data"))
    if not isinstance(drawn, Dataset):
        raise ValueError(f"{what}: draw must return a Dataset, got {drawn!r:.60}")
    for part, d in (("x", source.d_in), ("y", source.d_out)):
        numbers = getattr(drawn, part)
        check_shape(f"{what}: {part} of 8 points", numbers, (8, d))
        if numbers.dtype != torch.float32 or not numbers.isfinite().all():
            raise ValueError(f"{what}: {part} must be finite float32, got {numbers.dtype}")


def try_metric(what: str, build: Build) -> None:
    """Score right answers."""
    metric = build()
    d = 1 if "binary" in metric.tasks else 3
    y = (torch.arange(10).view(2, 5, 1) % 3 == torch.arange(d)).float()
    check_shape(f"{what}: constant", metric.constant(y), (2,))
    totals = metric.totals(y, y)
    if not isinstance(totals, tuple):
        raise ValueError(f"{what}: totals must return a tuple of tensors, got {totals!r:.60}")
    check_shape(f"{what}: score", metric.score(5, *totals), (2,))


TRIALS: dict[str, Callable[[str, Build], None]] = {
    "activation": try_activation,
    "layer": try_layer,
    "loss": try_loss,
    "optimizer": try_optimizer,
    "schedule": try_schedule,
    "init": try_init,
    "data": try_data,
    "metric": try_metric,
}


def check_shape(what: str, got: Any, expected: tuple[int, ...]) -> None:
    """Check that something is a tensor of a shape."""
    if not isinstance(got, Tensor):
        raise ValueError(f"{what} must be a tensor, got {got!r:.60}")
    if tuple(got.shape) != expected:
        raise ValueError(f"{what} must have the shape {expected}, got {tuple(got.shape)}")


def alike(what: str, compute: Callable[..., Any], shape: tuple[int, ...], *inputs: Tensor) -> None:
    """Check what is computed for two networks at once: its shape, and that each is as if alone."""
    together = compute(*(each.clone() for each in inputs))
    for i in range(2):
        alone = compute(*(each[i].clone() for each in inputs))
        check_shape(f"{what} of {tuple(inputs[0].shape[1:])}", alone, shape[1:])
        check_shape(f"{what} of a stack {tuple(inputs[0].shape)}", together, shape)
        if not torch.allclose(together[i], alone, equal_nan=True):
            raise ValueError(
                f"{what} gives a network in a stack other numbers than alone; name dimensions from "
                "the end (dim=-2 is the batch)"
            )
