"""The one matrix product, which rounds alike for one network and for the same in a stack.

BLAS is fast for large matrices and slow for small ones, and it rounds a lone pair of matrices
differently from a stack of pairs. This file decides which way to compute, and does nothing else.
"""

from __future__ import annotations

import os
from functools import cache

import torch
from torch import Tensor

# Only in this mode does MKL round a matrix product the same way wherever it lies in memory. MKL
# reads it at the first product of a process; it costs nothing measurable (docs/reproducibility.md).
os.environ.setdefault("MKL_CBWR", "AVX2")

# Below this many multiplications a product is faster as written-out sums.
SMALL = 400


def product(
    a: Tensor, b: Tensor, *, plus: Tensor | None = None, out: Tensor | None = None
) -> Tensor:
    """``a @ b``, or ``plus + a @ b``, over ``(*stack, n, k)`` and ``(*stack, k, m)``."""
    rows, terms, columns = a.shape[-2], a.shape[-1], b.shape[-1]
    if terms <= 2:
        return outer_products(a, b, plus, out)
    if terms < max(rows, columns) and rows * terms * columns < SMALL:
        return added(weighted_sums(a, b, out), plus)
    if a.dim() != b.dim() or a.dim() > 3:
        return added(torch.matmul(a, b, out=out), plus)
    if a.dim() == 2 or (len(a) == 1 and min(rows, columns) == 1):
        return lone(a, b, plus, out)
    return batched(a, b, plus, out)


@cache
def rounds_alike() -> bool:
    """Whether matrices have the same product alone and in a stack, where most are not aligned.

    They do not if MKL read its settings before this file could set them, that is, if torch
    multiplied matrices before minidl was imported.
    """
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.rand(8, *shape, generator=generator) for shape in ((25, 8), (8, 7)))
    whole = product(a, b)
    return all(torch.equal(whole[i], product(a[i].clone(), b[i].clone())) for i in range(8))


def added(whole: Tensor, plus: Tensor | None) -> Tensor:
    """Return a product with ``plus``, if there is one, added in place."""
    return whole if plus is None else whole.add_(plus)


def batched(a: Tensor, b: Tensor, plus: Tensor | None, out: Tensor | None = None) -> Tensor:
    """Return a stack of matrix products from BLAS."""
    return torch.bmm(a, b, out=out) if plus is None else torch.baddbmm(plus, a, b, out=out)


def lone(a: Tensor, b: Tensor, plus: Tensor | None, out: Tensor | None) -> Tensor:
    """Return a lone pair's product, computed as a stack of one (two for a single row or column)."""
    size = 2 if min(a.shape[-2], b.shape[-1]) == 1 else 1
    start = plus if plus is None else plus.expand(size, -1, -1)
    whole = batched(a.expand(size, -1, -1), b.expand(size, -1, -1), start)[0]
    whole = whole.view(*a.shape[:-1], b.shape[-1])
    return whole if out is None else out.copy_(whole)


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
