"""Activations: elementwise functions and their derivatives (paper, section 3).

All take and return ``(*stack, n, d)``; none has parameters.
"""

from __future__ import annotations

import torch
from torch import Tensor

from minidl.module import Module
from minidl.registry import register

# The elements that torch's loops take at a time, or a multiple of that.
WHOLE = 64


def with_room(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return an empty tensor of whole vector registers, and its first elements, shaped like x.

    ``torch.sigmoid`` is several times as fast as ``torch.tanh`` or ``torch.exp``, but the last
    elements, which fill no whole register, take another path and round differently. Here these are
    elements that nobody looks at, so a network's numbers do not depend on its place in a stack.
    """
    n = x.numel()
    room = x.new_empty(n + -n % WHOLE)
    return room, room[:n].view(x.shape)


@register("activation", "tanh")
class Tanh(Module):
    """``f(x) = tanh(x)``, ``f'(x) = 1 - tanh(x)^2``, written as ``2 sigmoid(2x) - 1``.

    Off by 2e-7 at most in float32, also where tanh(x) itself is that small.
    """

    capturable = True

    def forward(self, x: Tensor) -> Tensor:
        room, half = with_room(x)
        half.copy_(x + x)
        room.sigmoid_()
        self.y = half + half - 1
        return self.y

    def backward(self, gradient: Tensor) -> Tensor:
        return torch.addcmul(gradient, self.y * self.y, gradient, value=-1)


@register("activation", "leaky_relu")
class LeakyReLU(Module):
    """``f(x) = x`` where ``x > 0``, otherwise ``negative_slope * x`` (Maas et al., 2013).

    Written as ``f(x) = slope(x) * x`` with the slope as a tensor of its own, it is the same product
    in both directions.

    Raises ValueError when ``negative_slope`` is not between 0 and 1.
    """

    capturable = True

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
class Sigmoid(Module):
    """``f(x) = 1 / (1 + exp(-x))``, ``f'(x) = f(x) (1 - f(x))``; finite for every finite x."""

    range = (0.0, 1.0)
    capturable = True

    def forward(self, x: Tensor) -> Tensor:
        room, self.y = with_room(x)
        self.y.copy_(x)
        room.sigmoid_()
        return self.y

    def backward(self, gradient: Tensor) -> Tensor:
        return (self.y - self.y * self.y) * gradient


@register("activation", "identity")
class Identity(Module):
    """``f(x) = x``: a linear output."""

    capturable = True

    def forward(self, x: Tensor) -> Tensor:
        return x

    def backward(self, gradient: Tensor) -> Tensor:
        return gradient
