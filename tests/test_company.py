"""A random sweep: whatever a network is made of, it has the same bits alone and in company.

Batches of one point, layers of one number, gradients that are expanded, inputs that come in another
layout, activations that hand on what they got: all that changes how numbers lie in memory.
"""

from __future__ import annotations

import random
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor

from minidl import (
    ELU,
    GELU,
    MSE,
    CrossEntropy,
    Dataset,
    Huber,
    Linear,
    Module,
    Sequential,
    Softplus,
    seeded_generator,
    stack,
    train,
)
from minidl.engine.flat import flatten
from minidl.engine.promise import replayable
from minidl.registry import KINDS

SIZES = [1, 1, 2, 3, 5, 8, 25]
# What a stack shares, and what each of its members has of it.
PENALTIES = [{}, {}, {"weight_decay": [0.1, 0.5]}, {"l1": [0.3, 0.01]}]
PENALTIES += [{"clip_norm": [0.01, 0.3, 10.0]}, {"clip_norm": [0.1, 1.0], "weight_decay": [0.1]}]
LEFT_OUT = {"adam_power_as_printed", "adam_as_printed"}  # NaN after a step or two


@replayable
class Turned(Module):
    """Hands on its input and its gradient column by column, and changes no number."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mT.contiguous().mT

    def backward(self, gradient: Tensor) -> Tensor:
        return gradient.mT.contiguous().mT


@replayable
class Spread(Module):
    """Adds the batch up: its output and its gradient are expanded, one number for all points."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(dim=-2, keepdim=True).expand_as(x)

    def backward(self, gradient: Tensor) -> Tensor:
        return gradient.mean(dim=-2, keepdim=True).expand_as(gradient)


ACTIVATIONS = {
    **KINDS["activation"],
    "turned": Turned,
    "spread": Spread,
    "other elu": partial(ELU, 0.3),
    "other gelu": partial(GELU, "tanh"),
    "other softplus": partial(Softplus, 3.0),
}
LOSSES = {
    **KINDS["loss"],
    "other huber": partial(Huber, 0.1),
    "other mse": partial(MSE, "sum"),
    "other cross_entropy": partial(CrossEntropy, "sum"),
}
OUTPUTS = ["sigmoid", "identity", "softmax", "turned", "spread"]


def drawn(dice: random.Random) -> dict[str, Any]:
    """Draw what a stack shares, and what each of its members is made of."""
    members = dice.randint(1, 4)
    optimizer = dice.choice(sorted(KINDS["optimizer"].keys() - LEFT_OUT))
    widths = [dice.choice(SIZES) for _ in range(dice.randint(2, 4))]
    batch_size, penalties = dice.choice(SIZES), dice.choice(PENALTIES)
    points = batch_size * dice.randint(1, 3) + dice.choice([0, 1])
    parts = [
        {
            "seed": dice.randint(0, 3),
            "hidden": dice.choice(sorted(ACTIVATIONS)),
            "output": dice.choice(OUTPUTS),
            "loss": dice.choice(sorted(LOSSES)),
            "init": dice.choice(sorted(KINDS["init"])),
            "lr": dice.choice([0.01, 0.3]),
            "p": dice.choice([0.0, 0.2, 0.5]),
            "penalties": {name: dice.choice(values) for name, values in penalties.items()},
        }
        for _ in range(members)
    ]
    shared = {"optimizer": optimizer, "widths": widths, "turned": dice.random() < 0.3}
    shared["layer"] = dice.choice(["", *sorted(KINDS["layer"])])
    return {"shared": shared, "batch_size": batch_size, "points": points, "members": parts}


def built(member: dict[str, Any], shared: dict[str, Any], points: int) -> tuple[Any, ...]:
    g, modules = seeded_generator(member["seed"], "weights"), []
    for pair in pairwise(shared["widths"]):
        layer = Linear(*pair, generator=g, init=KINDS["init"][member["init"]])
        modules += [layer, ACTIVATIONS[member["hidden"]]()]
        if shared["layer"]:
            own = {"p": member["p"]} if shared["layer"] == "dropout" else {}
            own_stream = seeded_generator(member["seed"], f"layer {len(modules)}")
            modules.append(KINDS["layer"][shared["layer"]](pair[1], own_stream, **own))
    last = -2 if shared["layer"] else -1
    model = Sequential(*modules[:last], ACTIVATIONS[member["output"]]())
    optimizer = KINDS["optimizer"][shared["optimizer"]](
        model.param(), lr=member["lr"], **member["penalties"]
    )
    g = seeded_generator(member["seed"], "data")
    x = torch.rand(points, shared["widths"][0], generator=g)
    y = torch.rand(points, shared["widths"][-1], generator=g).round()
    if shared["turned"]:
        x, y = x.mT.contiguous().mT, y.mT.contiguous().mT
    return model, LOSSES[member["loss"]](), optimizer, Dataset(x, y)


def numbers(parts: Any, generator: Any, batch_size: int) -> list[Tensor]:
    history = train(*parts, metrics=(), epochs=3, batch_size=batch_size, generator=generator)
    curve = [part for part in vars(history).values() if isinstance(part, list)]
    scores = [score for part in curve for score in part if isinstance(score, Tensor)]
    return [*(value for value, _ in parts[0].param()), *scores]


def differences(case: dict[str, Any]) -> list[int]:
    """Return the members of a stack whose numbers are not what they are alone."""
    members, points, size = case["members"], case["points"], case["batch_size"]
    together = stack([built(member, case["shared"], points) for member in members])
    flatten(together[2])
    orders = {member["seed"]: seeded_generator(member["seed"], "batches") for member in members}
    whole = numbers(together, [orders[member["seed"]] for member in members], size)
    wrong = []
    for i, member in enumerate(members):
        order = seeded_generator(member["seed"], "batches")
        alone = numbers(built(member, case["shared"], points), order, size)
        pairs = [(ours[i], own) for ours, own in zip(whole, alone, strict=True)]
        if not all(torch.equal(*map(torch.nan_to_num, pair)) for pair in pairs):
            wrong.append(i)
    return wrong


def sweep(seed: int, cases: int) -> None:
    dice = random.Random(seed)
    for case in (drawn(dice) for _ in range(cases)):
        assert differences(case) == [], case


@pytest.mark.parametrize("seed", range(4))
def test_company_changes_no_bit(seed: int):
    sweep(seed, 6)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 140))
def test_company_changes_no_bit_at_length(seed: int):
    sweep(seed, 100)
