"""The affine layer, and the one matrix product that everything rests on."""

from __future__ import annotations

import torch
from torch import Tensor

from minidl.init import Initialiser, uniform
from minidl.module import Module, Param


def product(a: Tensor, b: Tensor, out: Tensor | None = None) -> Tensor:
    """Matrix product ``a @ b`` over ``(*stack, n, k)`` and ``(*stack, k, m)``.

    Small products are slow in BLAS: with one or two terms they are written out as a sum of columns
    times rows, with a few more as one broadcast product and its sum.

    A lone pair of matrices is multiplied as a stack, of two where it has a single row or column,
    because BLAS rounds it differently otherwise. So a network's numbers are bit for bit the same
    alone and in any stack (docs/reproducibility.md).
    """
    *stack, rows, terms = a.shape
    columns = b.shape[-1]
    if terms <= 2:
        return outer_products(a, b, out)
    if terms < max(rows, columns) and rows * terms * columns < 400:
        return torch.sum(a.unsqueeze(-1) * b.unsqueeze(-3), dim=-2, out=out)
    if a.dim() != b.dim() or len(stack) > 1:
        return torch.matmul(a, b, out=out)
    lone_line = min(rows, columns) == 1 and stack in ([], [1])
    if stack and not lone_line:
        return torch.bmm(a, b, out=out)
    size = 2 if lone_line else 1
    alone = torch.bmm(a.expand(size, -1, -1), b.expand(size, -1, -1))[0].view(*stack, rows, columns)
    return alone if out is None else out.copy_(alone)


def outer_products(a: Tensor, b: Tensor, out: Tensor | None = None) -> Tensor:
    """Return ``a @ b`` as the sum over k of column k of a times row k of b."""
    result = torch.mul(a[..., :1], b[..., :1, :], out=out)
    for k in range(1, a.shape[-1]):
        result.addcmul_(a[..., k : k + 1], b[..., k : k + 1, :])
    return result


class Linear(Module):
    """``f(x) = x @ weight + bias`` (paper, section 3).

    Shapes: ``x`` is ``(*stack, n, d_in)``, ``weight`` ``(*stack, d_in, d_out)``, ``bias``
    ``(*stack, 1, d_out)``. A new layer has ``stack = ()``; ``minidl.replicas.stack`` joins layers.

    Raises ValueError when a size is not at least 1.
    """

    def __init__(
        self,
        d_in: int,
        d_out: int,
        *,
        generator: torch.Generator,
        init: Initialiser = uniform,
        dtype: torch.dtype = torch.float32,
    ):
        if d_in < 1 or d_out < 1:
            raise ValueError(f"a layer needs at least 1 input and 1 output, got {d_in} and {d_out}")
        weight, bias = init(d_in, d_out, generator)
        self.weight = weight.to(dtype)
        self.bias = bias.to(dtype)
        self.weight_gradient = torch.zeros_like(self.weight)
        self.bias_gradient = torch.zeros_like(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        self.x = x
        return product(x, self.weight).add_(self.bias)

    def backward(self, gradient: Tensor) -> Tensor:
        """``dx = g W^T``, beside what ``learn`` does."""
        self.learn(gradient)
        return product(gradient, self.weight.mT)

    def learn(self, gradient: Tensor) -> None:
        """``dW = x^T g``, ``db = sum over the batch of g``."""
        product(self.x.mT, gradient, out=self.weight_gradient)
        torch.sum(gradient, dim=-2, keepdim=True, out=self.bias_gradient)

    def param(self) -> Param:
        return [(self.weight, self.weight_gradient), (self.bias, self.bias_gradient)]
