"""What a loss is.

``forward(prediction, target)`` takes two ``(*stack, n, d)`` and returns one value per replica,
``(*stack,)``. ``backward(prediction, target)`` returns the gradient with respect to the prediction,
``(*stack, n, d)``. A loss keeps nothing between the two, so a training step that does not need the
value does not compute it. Both raise ValueError unless the two shapes are equal.
"""

from __future__ import annotations

import math
from typing import ClassVar, Literal, TypeAlias

import torch
from torch import Tensor

from minidl.metrics import TASKS
from minidl.module import Module
from minidl.replicas import Replicas

Reduction: TypeAlias = Literal["mean", "sum"]


class Loss(Module):
    """What training makes small, and which data and outputs it fits.

    ``tasks`` are the tasks that it makes sense for. ``domain`` is where the prediction must lie: an
    output whose range is wider does not fit. With one output, a prediction of at least ``cut``
    answers 1; None means halfway between the two targets.

    ``signed = True`` says that targets of -1 and 1 are read like 0 and 1.

    ``reduction`` says whether its value is the ``mean`` over the elements or their ``sum``.
    """

    tasks: ClassVar[tuple[str, ...]] = TASKS
    domain: ClassVar[tuple[float, float]] = (-math.inf, math.inf)
    cut: ClassVar[float | None] = None
    reduction: str = "mean"

    def __init__(self, reduction: Reduction = "mean"):
        if reduction not in ("mean", "sum"):
            raise ValueError(f"reduction must be 'mean' or 'sum', got {reduction!r}")
        self.reduction = reduction

    def divisor(self, prediction: Tensor) -> int:
        """Return what the sum over the elements of one replica is divided by."""
        return count(prediction) if self.reduction == "mean" else 1

    def reduce(self, elements: Tensor) -> Tensor:
        """Turn the values of all elements ``(*stack, n, d)`` into ``(*stack,)``."""
        return elements.sum(dim=(-2, -1)) / self.divisor(elements)


def count(prediction: Tensor) -> int:
    """Return the number of elements that the mean of one replica is taken over: ``n * d``."""
    return prediction.shape[-2] * prediction.shape[-1]


def check_alike(prediction: Tensor, target: Tensor) -> None:
    """Raise ValueError unless there is one target per prediction; other shapes would broadcast."""
    if prediction.shape != target.shape:
        shapes = f"{tuple(prediction.shape)} and {tuple(target.shape)}"
        raise ValueError(f"prediction and target must have the same shape, got {shapes}")


def is_mean(loss: Module) -> Tensor:
    """Return for each replica whether its loss is a mean over points: ``()`` or ``(*stack,)``.

    A loss without a ``reduction`` counts as a mean.
    """
    if isinstance(loss, Replicas):
        children = zip(loss.children, loss.sizes, strict=True)
        return torch.cat([is_mean(child).expand(size) for child, size in children])
    return torch.tensor(getattr(loss, "reduction", "mean") == "mean")
