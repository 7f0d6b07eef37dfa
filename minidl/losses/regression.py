"""Losses between numbers: the paper's MSE (section 3), and two less sensitive to outliers."""

from __future__ import annotations

import torch
from torch import Tensor

from minidl.engine.promise import replayable
from minidl.losses.loss import Loss, Reduction, check_alike
from minidl.registry import register


@register("loss", "mse")
@replayable
class MSE(Loss):
    """Mean squared error: ``mean((prediction - target)^2)``.

    ``reduction="sum"`` gives the sum. The mean is over points and outputs, as in torch's MSELoss.
    """

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        check_alike(prediction, target)
        return self.reduce((prediction - target).square())

    def backward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """``2 (prediction - target) / (n d)``: one gradient per element, not their sum."""
        check_alike(prediction, target)
        return (prediction - target) * (2 / self.divisor(prediction))


@register("loss", "mae")
@replayable
class MAE(Loss):
    """Mean absolute error: ``mean(|prediction - target|)``, torch's L1Loss."""

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        check_alike(prediction, target)
        return self.reduce((prediction - target).abs())

    def backward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """``sign(prediction - target) / (n d)``, and 0 where they are equal."""
        check_alike(prediction, target)
        return torch.sign(prediction - target) / self.divisor(prediction)


@register("loss", "huber")
@replayable
class Huber(Loss):
    """The mean of ``e^2 / 2`` where ``|e| <= delta``, otherwise of ``delta (|e| - delta / 2)``.

    Here ``e = prediction - target`` (Huber, 1964), as in torch's HuberLoss.

    Raises ValueError when ``delta`` is not above 0.
    """

    def __init__(self, delta: float = 1.0, reduction: Reduction = "mean"):
        super().__init__(reduction)
        if not delta > 0:
            raise ValueError(f"delta must be above 0, got {delta}")
        self.delta: float | Tensor = delta

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        check_alike(prediction, target)
        error = (prediction - target).abs()
        inner = error.clamp(max=self.delta)
        return self.reduce(inner * (error - inner / 2))

    def backward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The error, cut at ``±delta``, over ``n d``."""
        check_alike(prediction, target)
        error = (prediction - target).clamp(min=-self.delta).clamp(max=self.delta)
        return error / self.divisor(prediction)
