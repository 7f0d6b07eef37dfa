"""Trying a component that somebody else wrote on a few numbers.

It is tried when its file is loaded, unless it needs arguments, and with the arguments that a study
gives it. Every check raises ValueError that says what is wrong, or whatever the component raises.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
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
from minidl.replicas import stack
from minidl.schedules import CHOOSING, Progress
from minidl.study.grid.components import arguments, probe, resolve
from minidl.study.grid.contract import check_contract

X = torch.linspace(-2, 2, 30).view(2, 5, 3)  # two networks, five points, three numbers
Build = Callable[..., Any]


def try_out(kind: str, name: str, component: Any) -> None:
    """Raise ValueError, or whatever the component raises, unless it is what its kind promises."""
    check_contract(kind, name, component)
    fields = arguments(kind, name).model_fields
    if not any(field.is_required() for field in fields.values()):
        with suppress(ValueError, TypeError, AssertionError):  # resolve() says these with the kind
            component(*probe(kind))
        try_settings(kind, resolve(kind, name))


def try_settings(kind: str, settings: dict[str, Any]) -> None:
    """Try a component with the arguments of its resolved settings."""
    name = settings["name"]
    own = {argument: settings[argument] for argument in arguments(kind, name).model_fields}
    TRIALS[kind](f"{kind} {name!r}", partial(KINDS[kind][name], **own))


def try_activation(what: str, build: Build) -> None:
    """Try both directions."""
    part = build()

    def back(x: Tensor, gradient: Tensor) -> Any:
        part.forward(x)
        return part.backward(gradient)

    alike(f"{what}: forward", part.forward, (2, 5, 3), X)
    alike(f"{what}: backward", back, (2, 5, 3), X, X.flip(-1))


def try_layer(what: str, build: Build) -> None:
    """Try both directions alone, and in a stack of networks that draw each from its own stream."""

    def made(seed: int) -> Any:
        return build(3, seeded_generator(seed, "layer"))

    def both(layer: Any, x: Tensor, gradient: Tensor) -> tuple[Any, Any]:
        return layer.forward(x.clone()), layer.backward(gradient.clone())

    alone = [both(made(i), X[i], -X[i]) for i in range(2)]
    for way, answer in zip(("forward", "backward"), alone[0], strict=True):
        check_shape(f"{what}: {way} of (5, 3)", answer, (5, 3))
    for pair in made(0).param():
        for name, tensor in zip(("value", "gradient"), pair, strict=True):
            check_matrix(f"{what}: the {name} of a parameter", tensor)
    together = both(stack([made(0), made(1)]), X, -X)
    for k, way in enumerate(("forward", "backward")):
        check_shape(f"{what}: {way} of a stack (2, 5, 3)", together[k], (2, 5, 3))
        for i in range(2):
            check_alike(f"{what}: {way}", together[k][i], alone[i][k])


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
    """Try a step of a weight and a bias, alone and in a stack of two networks."""

    def made(i: int) -> Any:
        param = [(X[i].clone(), -X[i]), (X[i, :1].clone(), X[i, 1:2].clone())]
        return param, build(param)

    alone = [made(i) for i in range(2)]
    together = stack([made(i) for i in range(2)])
    for param, optimizer in alone:
        check_shape(f"{what}: lr", getattr(optimizer, "lr", None), (1, 1))
        optimizer.step()
        for (value, _), shape in zip(param, ((5, 3), (1, 3)), strict=True):
            check_shape(f"{what}: a parameter after a step", value, shape)
    together[1].step()
    for k, (value, _) in enumerate(together[0]):
        for i in range(2):
            check_alike(f"{what}: a step", value[i], alone[i][0][k][0])


def try_schedule(what: str, build: Build) -> None:
    """Ask for the rates of two epochs."""
    schedule = build()
    monitor = schedule.monitor
    if not isinstance(monitor, str) or (monitor and monitor.partition("_")[0] not in CHOOSING):
        parts = " or ".join(f"{part}_" for part in CHOOSING)
        raise ValueError(f"{what}: monitor must be {parts} and a score, got {monitor!r:.60}")
    names = [f"{part}_{name}" for part in CHOOSING for name in ("loss", *KINDS["metric"])]
    for epoch in range(2):
        scores = dict.fromkeys([*names, monitor], 1.0) if epoch else {}
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
    for name, tensor in zip(("weight", "bias"), made, strict=True):
        check_numbers(f"{what}: the {name}", tensor)


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
        check_numbers(f"{what}: {part}", numbers)
    check_targets(what, source, drawn.y)


def check_targets(what: str, source: Any, y: Tensor) -> None:
    """Check that targets are what their task says."""
    if source.task == "regression":
        return
    low, d = getattr(source, "neg_label", 0), source.d_out
    if (d == 1) != (source.task == "binary"):
        raise ValueError(f"{what}: binary has d_out 1 and classes have more, got {d}")
    if not ((y == low) | (y == 1)).all() or (d > 1 and not ((y == 1).sum(dim=-1) == 1).all()):
        must = f"{low} or 1" if d == 1 else f"one 1 among {low} for each point"
        raise ValueError(f"{what}: y must be {must}, as the task is {source.task}")


def try_metric(what: str, build: Build) -> None:
    """Score answers, right ones and wrong ones."""
    metric = build()
    d = 1 if "binary" in metric.tasks else 3
    y = (torch.arange(10).view(2, 5, 1) % 3 == torch.arange(d)).float()

    def score(output: Tensor, target: Tensor) -> Any:
        totals = metric.totals(output, target)
        if not isinstance(totals, tuple):
            raise ValueError(f"{what}: totals must return a tuple of tensors, got {totals!r:.60}")
        return metric.score(5, *totals)

    alike(f"{what}: constant", metric.constant, (2,), y)
    alike(f"{what}: score", score, (2,), y, y)
    alike(f"{what}: score", score, (2,), y.flip(-2), y)


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


def check_matrix(what: str, got: Any) -> None:
    """Check that something is a tensor of two dimensions."""
    if not isinstance(got, Tensor) or got.dim() != 2:
        shape = tuple(got.shape) if isinstance(got, Tensor) else got
        raise ValueError(f"{what} must be a tensor of two dimensions, (1, d) or so, got {shape!r}")


def check_numbers(what: str, got: Tensor) -> None:
    """Check that a tensor holds finite float32."""
    if got.dtype != torch.float32 or not got.isfinite().all():
        raise ValueError(f"{what} must be finite float32, got {got.dtype}")


def alike(what: str, compute: Callable[..., Any], shape: tuple[int, ...], *inputs: Tensor) -> None:
    """Check what is computed for two networks at once: its shape, and that each is as if alone."""
    together = compute(*(each.clone() for each in inputs))
    for i in range(2):
        alone = compute(*(each[i].clone() for each in inputs))
        check_shape(f"{what} of {tuple(inputs[0].shape[1:])}", alone, shape[1:])
        check_shape(f"{what} of a stack {tuple(inputs[0].shape)}", together, shape)
        check_alike(what, together[i], alone)


def check_alike(what: str, in_stack: Tensor, alone: Tensor) -> None:
    """Check that a network in a stack gets the numbers that it gets alone."""
    if not torch.allclose(in_stack, alone, equal_nan=True):
        raise ValueError(
            f"{what} gives a network in a stack other numbers than alone; name dimensions from "
            "the end (dim=-2 is the batch)"
        )
