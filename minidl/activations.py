"""Activations: elementwise functions and their derivatives (paper, section 3).

All take and return ``(*stack, n, d)``; none has parameters.
"""

from __future__ import annotations

import torch
from torch import Tensor

from minidl.engine.promise import replayable
from minidl.engine.rounding import sigmoid
from minidl.module import Module
from minidl.registry import register


@register("activation", "tanh")
@replayable
class Tanh(Module):
    """``f(x) = tanh(x)``, ``f'(x) = 1 - tanh(x)^2``, written as ``2 sigmoid(2x) - 1``.

    Off by 2e-7 at most in float32, also where tanh(x) itself is that small.
    """

    def forward(self, x: Tensor) -> Tensor:
        self.y = 2 * sigmoid(2 * x) - 1
        return self.y

    def backward(self, gradient: Tensor) -> Tensor:
        return torch.addcmul(gradient, self.y * self.y, gradient, value=-1)


@register("activation", "leaky_relu")
@replayable
class LeakyReLU(Module):
    """``f(x) = x`` where ``x > 0``, otherwise ``negative_slope * x`` (Maas et al., 2013).

    Written as ``f(x) = slope(x) * x`` with the slope as a tensor of its own, it is the same product
    in both directions.

    Raises ValueError when ``negative_slope`` is not between 0 and 1.
    """

    def __init__(self, negative_slope: float = 0.01):
        if not 0 <= negative_slope <= 1:
            raise ValueError(f"negative_slope must be between 0 and 1, got {negative_slope}")
        self.negative_slope = negative_slope

    def forward(self, x: Tensor) -> Tensor:
        self.slope = torch.sign(x).clamp_(min=self.negative_slope)
        return x * self.slope

    def backward(self, gradient: Tensor) -> Tensor:
        return gradient * self.slope


@register("activation", "relu")
class ReLU(LeakyReLU):
    """``f(x) = max(0, x)``, ``f'(x) = 1`` where ``x > 0``, otherwise 0: no slope below zero."""

    def __init__(self):
        super().__init__(negative_slope=0.0)


@register("activation", "sigmoid")
@replayable
class Sigmoid(Module):
    """``f(x) = 1 / (1 + exp(-x))``, ``f'(x) = f(x) (1 - f(x))``; finite for every finite x."""

    range = (0.0, 1.0)

    def forward(self, x: Tensor) -> Tensor:
        self.y = sigmoid(x)
        return self.y

    def backward(self, gradient: Tensor) -> Tensor:
        return (self.y - self.y * self.y) * gradient


@register("activation", "identity")
@replayable
class Identity(Module):
    """``f(x) = x``: a linear output."""

    def forward(self, x: Tensor) -> Tensor:
        return x

    def backward(self, gradient: Tensor) -> Tensor:
        return gradient
