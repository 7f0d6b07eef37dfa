"""Nobody wins by doing less: after the same steps, every contender's networks have equal losses."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from benchmarks.contenders import Contender
from benchmarks.work import Condition, Work

TOLERANCE = 1e-4
CHECKED_AT = (20, 60, 100)  # steps
NETWORKS = 3

# Faster than usual, so that 100 steps move the losses by many times the tolerance.
LEARNING_RATES = {"none": 1.0, "sgd": 1.0, "adam": 0.001}


def parity_work(condition: Condition) -> Work:
    """Return the work that contenders are compared on."""
    faster = replace(condition, lr=LEARNING_RATES[condition.optimizer])
    return Work((faster,), NETWORKS, CHECKED_AT[-1])


def worst_difference(contender: Contender, reference: Contender, work: Work) -> float:
    """Return the largest difference of two contenders' losses after 20, 60 and 100 steps.

    The losses are those of each network on all its points, computed here and not by them.
    """
    ours, theirs = contender.prepare(work), reference.prepare(work)
    pairs = [(losses(ours()(n), work), losses(theirs()(n), work)) for n in CHECKED_AT]
    return torch.stack([(own - other).abs() for own, other in pairs]).max().item()


def losses(weights: list[Tensor], work: Work) -> Tensor:
    """Return the loss of every network ``(R,)`` in float64, by the textbook formulas."""
    x, y = (part.double().movedim(0, 1).flatten(1, 2) for part in work.batches)
    layers = [value.double() for value in weights]
    activation = {
        "tanh": torch.tanh,
        "relu": torch.relu,
        "leaky_relu": torch.nn.functional.leaky_relu,
    }[work.condition.activation]
    for weight, bias in zip(layers[:-2:2], layers[1:-2:2], strict=True):
        x = activation(x @ weight + bias)
    p = torch.sigmoid(x @ layers[-2] + layers[-1])
    if work.condition.loss == "mse":
        return (p - y).square().mean(dim=(-2, -1))
    return -(y * p.log() + (1 - y) * (1 - p).log()).mean(dim=(-2, -1))
