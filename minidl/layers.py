"""Layers between the affine ones: they hand on as many numbers as they get.

Each takes its number of inputs ``d`` and a generator of its own, and then its settings.
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from minidl.counter import bits, key_of
from minidl.engine.layout import laid_out
from minidl.engine.promise import replayable
from minidl.module import Module, Param
from minidl.registry import register


@register("layer", "dropout")
@replayable
class Dropout(Module):
    """Inverted dropout: ``f(x) = x * kept / (1 - p)``, where ``kept`` is 0 with probability ``p``,
    otherwise 1 (Srivastava et al., 2014). While a network is evaluated it is ``f(x) = x``.

    Each training step draws ``kept`` anew for every number of every point, from a stream of the
    layer's own.

    Raises ValueError unless ``0 <= p < 1``.
    """

    def __init__(self, d: int, generator: Generator, p: float = 0.5):  # noqa: ARG002  # all take d
        if not 0 <= p < 1:
            raise ValueError(f"p must be at least 0 and below 1, got {p}")
        self.key = key_of(generator)
        self.step = torch.zeros(1, 1, dtype=torch.int64)
        self.least = torch.tensor([[round(p * 2**64) - 2**63]])  # bits from here on keep a number
        self.scale = torch.tensor([[1 / (1 - p)]], dtype=torch.float64)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            self.factor = x.new_ones(1, 1)  # backward is of this forward, too
            return x
        kept = bits(self.key, self.step, *x.shape[-2:]) >= self.least
        self.step.add_(1)
        self.factor = kept.to(x.dtype) * self.scale.to(x.dtype)
        return x * self.factor

    def backward(self, gradient: Tensor) -> Tensor:
        return gradient * self.factor


@register("layer", "layer_norm")
@replayable
class LayerNorm(Module):
    """``f(x) = (x - mean) / sqrt(variance + eps) * gain + shift``, with the mean and the variance
    over the numbers of each point (Ba, Kiros and Hinton, "Layer normalization", 2016).

    The gain ``(*stack, 1, d)`` begins with 1 and the shift with 0; they are called ``weight`` and
    ``bias``, as in ``torch.nn.LayerNorm``.

    Raises ValueError unless ``eps > 0``, or when an input has another number of features.
    """

    def __init__(
        self,
        d: int,
        generator: Generator | None = None,  # noqa: ARG002  # all take one
        eps: float = 1e-5,
    ):
        if not eps > 0:
            raise ValueError(f"eps must be above 0, got {eps}")
        self.eps = torch.tensor([[eps]], dtype=torch.float64)
        self.weight, self.bias = torch.ones(1, d), torch.zeros(1, d)
        self.weight_gradient, self.bias_gradient = torch.zeros(1, d), torch.zeros(1, d)

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[-1] != (d := self.weight.shape[-1]):  # one number alone would broadcast
            raise ValueError(f"this layer has {d} inputs, got x of the shape {tuple(x.shape)}")
        x = laid_out(x)
        centred = x - x.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        self.inverse = torch.rsqrt(variance + self.eps.to(x.dtype))
        self.normal = centred * self.inverse
        return torch.addcmul(self.bias, self.normal, self.weight)

    def backward(self, gradient: Tensor) -> Tensor:
        """With ``g`` the gradient times the gain and ``z`` the normalised numbers:
        ``dx = (g - mean(g) - z mean(g z)) / sqrt(variance + eps)``, all means over a point.
        """
        gradient = laid_out(gradient)
        torch.sum(gradient * self.normal, dim=-2, keepdim=True, out=self.weight_gradient)
        torch.sum(gradient, dim=-2, keepdim=True, out=self.bias_gradient)
        g = gradient * self.weight
        along = (g * self.normal).mean(dim=-1, keepdim=True)
        centred = g - g.mean(dim=-1, keepdim=True)
        return torch.addcmul(centred, self.normal, along, value=-1) * self.inverse

    def param(self) -> Param:
        return [(self.weight, self.weight_gradient), (self.bias, self.bias_gradient)]
