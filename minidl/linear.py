"""The affine layer, and the one matrix product that everything rests on."""

from __future__ import annotations

import torch
from torch import Tensor

from minidl.init import Initialiser, uniform
from minidl.module import Module, Param


def product(
    a: Tensor, b: Tensor, *, plus: Tensor | None = None, out: Tensor | None = None
) -> Tensor:
    """``a @ b``, or ``plus + a @ b``, over ``(*stack, n, k)`` and ``(*stack, k, m)``.

    Small products are slow in BLAS: with one or two terms they are written out as a sum of columns
    times rows, with a few more as broadcast products and their sums.

    A lone pair of matrices is multiplied as a stack, of two where it has a single row or column,
    because BLAS rounds it differently otherwise. So a network's numbers are bit for bit the same
    alone and in any stack (docs/reproducibility.md).
    """
    *stack, rows, terms = a.shape
    columns = b.shape[-1]
    if terms <= 2:
        return outer_products(a, b, plus, out)
    narrow = terms < max(rows, columns) and rows * terms * columns < 400
    if narrow or a.dim() != b.dim() or len(stack) > 1:
        whole = weighted_sums(a, b, out) if narrow else torch.matmul(a, b, out=out)
        return whole if plus is None else whole.add_(plus)
    lone_line = min(rows, columns) == 1 and stack in ([], [1])
    if stack and not lone_line:
        return batched(a, b, plus, out)
    size = 2 if lone_line else 1
    start = plus if plus is None else plus.expand(size, -1, -1)
    whole = batched(a.expand(size, -1, -1), b.expand(size, -1, -1), start)[0]
    whole = whole.view(*stack, rows, columns)
    return whole if out is None else out.copy_(whole)


def batched(a: Tensor, b: Tensor, plus: Tensor | None, out: Tensor | None = None) -> Tensor:
    """Return a stack of matrix products from BLAS."""
    return torch.bmm(a, b, out=out) if plus is None else torch.baddbmm(plus, a, b, out=out)


def outer_products(a: Tensor, b: Tensor, plus: Tensor | None, out: Tensor | None) -> Tensor:
    """Return ``plus + a @ b`` as the sum over k of column k of a times row k of b."""
    columns, rows = a.split(1, dim=-1), b.split(1, dim=-2)
    if plus is None:
        result = torch.mul(columns[0], rows[0], out=out)
    else:
        result = torch.addcmul(plus, columns[0], rows[0], out=out)
    for column, row in zip(columns[1:], rows[1:], strict=True):
        result.addcmul_(column, row)
    return result


def weighted_sums(a: Tensor, b: Tensor, out: Tensor | None) -> Tensor:
    """Return ``a @ b``, whose row r is the sum over k of ``a[r, k]`` times row k of b."""
    if a.shape[-2] > 2:
        return torch.sum(a.unsqueeze(-1) * b.unsqueeze(-3), dim=-2, out=out)
    if out is None:
        stack = torch.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        out = a.new_empty(*stack, a.shape[-2], b.shape[-1])
    for weights, row in zip(a.mT.split(1, dim=-1), out.split(1, dim=-2), strict=True):
        torch.sum(weights * b, dim=-2, keepdim=True, out=row)
    return out


class Linear(Module):
    """``f(x) = x @ weight + bias`` (paper, section 3).

    Shapes: ``x`` is ``(*stack, n, d_in)``, ``weight`` ``(*stack, d_in, d_out)``, ``bias``
    ``(*stack, 1, d_out)``. A new layer has ``stack = ()``; ``minidl.replicas.stack`` joins layers.

    Raises ValueError when a size is not at least 1.
    """

    capturable = True

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
        return product(x, self.weight, plus=self.bias)

    def backward(self, gradient: Tensor) -> Tensor:
        """``dx = g W^T``, beside what ``learn`` does."""
        Linear.learn(self, gradient)  # not self.learn, which follows a subclass's backward
        return product(gradient, self.weight.mT)

    def learn(self, gradient: Tensor) -> None:
        """``dW = x^T g``, ``db = sum over the batch of g``."""
        product(self.x.mT, gradient, out=self.weight_gradient)
        torch.sum(gradient, dim=-2, keepdim=True, out=self.bias_gradient)

    def param(self) -> Param:
        return [(self.weight, self.weight_gradient), (self.bias, self.bias_gradient)]
