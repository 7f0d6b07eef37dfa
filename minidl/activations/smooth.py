"""Smooth activations without an upper bound, and the identity."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from minidl.engine.promise import replayable
from minidl.engine.rounding import sigmoid
from minidl.module import Module
from minidl.registry import register


@register("activation", "identity")
@replayable
class Identity(Module):
    """``f(x) = x``: a linear output."""

    def forward(self, x: Tensor) -> Tensor:
        return x

    def backward(self, gradient: Tensor) -> Tensor:
        return gradient


@register("activation", "silu")
@replayable
class SiLU(Module):
    """``f(x) = x s(x)``, ``f'(x) = s (1 + x (1 - s))``, with the sigmoid s: swish."""

    def forward(self, x: Tensor) -> Tensor:
        self.x, self.s = x, sigmoid(x)
        return x * self.s

    def backward(self, gradient: Tensor) -> Tensor:
        return gradient * (self.s * (1 + self.x * (1 - self.s)))


@register("activation", "softplus")
@replayable
class Softplus(Module):
    """``f(x) = log(1 + exp(beta x)) / beta``, ``f'(x) = sigmoid(beta x)``: a smooth ``relu``.

    Where ``beta x`` is above ``threshold``, it is x itself, as in torch.

    Raises ValueError when ``beta`` is not above 0.
    """

    range = (0.0, math.inf)

    def __init__(self, beta: float = 1.0, threshold: float = 20.0):
        if not beta > 0:
            raise ValueError(f"beta must be above 0, got {beta}")
        self.beta: float | Tensor = beta
        self.threshold: float | Tensor = threshold

    def forward(self, x: Tensor) -> Tensor:
        z = x * self.beta
        self.linear = z > self.threshold
        self.slope = torch.where(self.linear, 1.0, sigmoid(z))
        curved = (z.clamp(min=0) + torch.log1p(torch.exp(-z.abs()))) / self.beta
        return torch.where(self.linear, x, curved)

    def backward(self, gradient: Tensor) -> Tensor:
        return gradient * self.slope


@register("activation", "gelu")
@replayable
class GELU(Module):
    """``f(x) = x P(x)`` with the normal distribution P (Hendrycks and Gimpel, 2016).

    ``approximate="tanh"`` takes ``P(x) = (1 + tanh(u)) / 2 = sigmoid(2 u)`` with
    ``u = sqrt(2 / pi) (x + 0.044715 x^3)`` instead.

    Raises ValueError when ``approximate`` is neither ``none`` nor ``tanh``.
    """

    def __init__(self, approximate: Literal["none", "tanh"] = "none"):
        if approximate not in ("none", "tanh"):
            raise ValueError(f"approximate must be 'none' or 'tanh', got {approximate!r}")
        self.approximate = approximate

    def forward(self, x: Tensor) -> Tensor:
        share, density = self.normal(x) if self.approximate == "none" else self.logistic(x)
        self.slope = share + x * density
        return x * share

    def backward(self, gradient: Tensor) -> Tensor:
        return gradient * self.slope

    def normal(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return P(x) and its derivative."""
        density = torch.exp(x * x / -2) / math.sqrt(2 * math.pi)
        return (1 + torch.erf(x / math.sqrt(2))) / 2, density

    def logistic(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the approximation to P(x), and its derivative."""
        square, factor = x * x, 2 * math.sqrt(2 / math.pi)
        share = sigmoid(x * (0.044715 * square + 1) * factor)
        return share, share * (1 - share) * (0.134145 * square + 1) * factor
