"""The affine layer."""

from __future__ import annotations

import torch
from torch import Tensor

from minidl.engine.layout import laid_out
from minidl.engine.product import product
from minidl.engine.promise import replayable
from minidl.init import Initialiser, uniform
from minidl.module import Module, Param, Weight


@replayable
class Linear(Module):
    """``f(x) = x @ weight + bias`` (paper, section 3).

    Shapes: ``x`` is ``(*stack, n, d_in)``, ``weight`` ``(*stack, d_in, d_out)``, ``bias``
    ``(*stack, 1, d_out)``. A new layer has ``stack = ()``; ``minidl.replicas.stack`` joins layers.
    Without a ``dtype`` it has torch's default one.

    Raises ValueError when a size is not at least 1, or an input has the wrong number of features.
    """

    def __init__(
        self,
        d_in: int,
        d_out: int,
        *,
        generator: torch.Generator,
        init: Initialiser = uniform,
        dtype: torch.dtype | None = None,
    ):
        if d_in < 1 or d_out < 1:
            raise ValueError(f"a layer needs at least 1 input and 1 output, got {d_in} and {d_out}")
        weight, bias = init(d_in, d_out, generator)
        dtype = torch.get_default_dtype() if dtype is None else dtype
        # copies, which steps change: an initialiser may hand out a table that it keeps
        self.weight = laid_out(weight.to(dtype, copy=True))
        self.bias = laid_out(bias.to(dtype, copy=True))
        self.weight_gradient = torch.zeros_like(self.weight)
        self.bias_gradient = torch.zeros_like(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[-1] != (d_in := self.weight.shape[-2]):
            raise ValueError(f"this layer has {d_in} inputs, got x of the shape {tuple(x.shape)}")
        self.x = x = laid_out(x)
        return product(x, self.weight, plus=self.bias)

    def backward(self, gradient: Tensor) -> Tensor:
        """``dW = x^T g``, ``db = sum over the batch of g``, ``dx = g W^T``."""
        gradient = laid_out(gradient)
        product(self.x.mT, gradient, out=self.weight_gradient)
        torch.sum(gradient, dim=-2, keepdim=True, out=self.bias_gradient)
        return product(gradient, self.weight.mT)

    def param(self) -> Param:
        return [Weight(self.weight, self.weight_gradient), (self.bias, self.bias_gradient)]
