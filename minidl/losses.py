"""Losses (the paper's criterions, section 3).

``forward(prediction, target)`` takes two ``(*stack, n, d)`` and returns one value per replica,
``(*stack,)``. ``backward(prediction, target)`` returns the gradient with respect to the prediction,
``(*stack, n, d)``. A loss keeps nothing between the two, so a training step that does not need the
value does not compute it. Both raise ValueError unless the two shapes are equal.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from minidl.engine.promise import replayable
from minidl.metrics import TASKS
from minidl.module import Module
from minidl.registry import register


class Loss(Module):
    """What training makes small, and what it fits.

    ``tasks`` are those of the data sets that it makes sense for, ``domain`` is where the
    prediction must lie: an output whose range is wider does not fit.
    """

    tasks: tuple[str, ...] = TASKS
    domain = (-math.inf, math.inf)


def count(prediction: Tensor) -> int:
    """Return the number of elements that the mean of one replica is taken over: ``n * d``."""
    return prediction.shape[-2] * prediction.shape[-1]


def check_alike(prediction: Tensor, target: Tensor) -> None:
    """Raise ValueError unless there is one target for each prediction; others would broadcast."""
    if prediction.shape != target.shape:
        shapes = f"{tuple(prediction.shape)} and {tuple(target.shape)}"
        raise ValueError(f"prediction and target must have the same shape, got {shapes}")


@register("loss", "mse")
@replayable
class MSE(Loss):
    """Mean squared error: ``mean((prediction - target)^2)``."""

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        check_alike(prediction, target)
        return (prediction - target).square().mean(dim=(-2, -1))

    def backward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """``2 (prediction - target) / (n d)``: one gradient per element, not their sum."""
        check_alike(prediction, target)
        return (prediction - target) * (2 / count(prediction))


@register("loss", "bce")
@replayable
class BCE(Loss):
    """Binary cross-entropy: ``-mean(t log p + (1 - t) log(1 - p))``, with p and t in [0, 1].

    The logarithms stop at -100 and the denominator of the gradient at 1e-12, as in
    ``torch.nn.functional.binary_cross_entropy``: both stay finite where p is exactly 0 or 1.
    """

    tasks = ("binary", "classes")
    domain = (0.0, 1.0)

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        check_alike(prediction, target)
        log_inside = torch.log(prediction).clamp(min=-100)
        log_outside = torch.log1p(-prediction).clamp(min=-100)
        return -(target * log_inside + (1 - target) * log_outside).mean(dim=(-2, -1))

    def backward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """``(p - t) / (p (1 - p)) / (n d)``."""
        check_alike(prediction, target)
        slope = (prediction - prediction * prediction).clamp_(min=1e-12)
        return (prediction - target) / slope / count(prediction)
