"""Activations that keep or scale inputs above zero, and bend those below."""

from __future__ import annotations

import torch
from torch import Tensor

from minidl.engine.promise import replayable
from minidl.module import Module
from minidl.registry import register


@register("activation", "leaky_relu")
@replayable
class LeakyReLU(Module):
    """``f(x) = x`` where ``x > 0``, otherwise ``negative_slope * x`` (Maas et al., 2013).

    Written as ``f(x) = slope(x) * x`` with the slope in a tensor of its own, forward and backward
    are the same product.

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


@register("activation", "elu")
@replayable
class ELU(Module):
    """``f(x) = x`` where ``x > 0``, otherwise ``alpha (exp(x) - 1)`` (Clevert et al., 2016).

    Raises ValueError when ``alpha`` is negative.
    """

    def __init__(self, alpha: float = 1.0):
        if not alpha >= 0:
            raise ValueError(f"alpha must be at least 0, got {alpha}")
        self.above: float | Tensor = 1.0
        self.below: float | Tensor = alpha

    def forward(self, x: Tensor) -> Tensor:
        bent = torch.expm1(x.clamp(max=0)) * self.below
        self.slope = torch.where(x > 0, self.above, bent + self.below)
        return x.clamp(min=0) * self.above + bent

    def backward(self, gradient: Tensor) -> Tensor:
        return gradient * self.slope


@register("activation", "selu")
class SELU(ELU):
    """``f(x) = 1.0507 x`` where ``x > 0``, otherwise ``1.0507 * 1.6733 (exp(x) - 1)``.

    Keeps the mean 0 and the variance 1 behind ``lecun`` weights (Klambauer et al., 2017).
    """

    def __init__(self):
        scale = 1.0507009873554804934193349852946
        super().__init__(alpha=1.6732632423543772848170429916717 * scale)
        self.above = scale
