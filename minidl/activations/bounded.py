"""Activations whose values stay inside a range."""

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

    Its error is at most 2e-7 in float32, even where tanh(x) itself is that small.
    """

    range = (-1.0, 1.0)

    def forward(self, x: Tensor) -> Tensor:
        self.y = 2 * sigmoid(2 * x) - 1
        return self.y

    def backward(self, gradient: Tensor) -> Tensor:
        return torch.addcmul(gradient, self.y * self.y, gradient, value=-1)


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


@register("activation", "softsign")
@replayable
class Softsign(Module):
    """``f(x) = x / (1 + |x|)``, ``f'(x) = 1 / (1 + |x|)^2`` (Glorot and Bengio, 2010)."""

    range = (-1.0, 1.0)

    def forward(self, x: Tensor) -> Tensor:
        self.scale = 1 + x.abs()
        return x / self.scale

    def backward(self, gradient: Tensor) -> Tensor:
        return gradient / (self.scale * self.scale)


@register("activation", "hardtanh")
@replayable
class HardTanh(Module):
    """``f(x) = min(max(x, min_val), max_val)``; ``f'(x) = 1`` between the two, otherwise 0.

    Raises ValueError unless ``min_val`` is below ``max_val``.
    """

    range = (-1.0, 1.0)

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0):
        if not min_val < max_val:
            raise ValueError(f"min_val must be below max_val, got {min_val} and {max_val}")
        self.range = (min_val, max_val)

    def forward(self, x: Tensor) -> Tensor:
        low, high = self.range
        self.inside = (x > low) & (x < high)
        return x.clamp(min=low).clamp(max=high)

    def backward(self, gradient: Tensor) -> Tensor:
        return gradient * self.inside


@register("activation", "softmax")
@replayable
class Softmax(Module):
    """``f(x)_k = exp(x_k) / sum_j exp(x_j)``: over the outputs of each point, for an output.

    The backward pass is ``f_k (g_k - sum_j f_j g_j)``. For training, ``cross_entropy`` takes the
    logits themselves, from an ``identity`` output.
    """

    range = (0.0, 1.0)
    across = True

    def forward(self, x: Tensor) -> Tensor:
        exp = (x - x.amax(dim=-1, keepdim=True)).exp()
        self.y = exp / exp.sum(dim=-1, keepdim=True)
        return self.y

    def backward(self, gradient: Tensor) -> Tensor:
        return self.y * (gradient - (self.y * gradient).sum(dim=-1, keepdim=True))
