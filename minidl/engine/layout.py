"""How numbers lie in memory."""

from __future__ import annotations

from torch import Tensor


def laid_out(x: Tensor) -> Tensor:
    """Return the same numbers row by row, whatever layout they come in.

    A sum or a product may round differently in another layout: a transposed or expanded one, or
    even one that differs only in the stride of a dimension of size 1, where a stride means nothing.
    In a stack a network's tensors often come out of a ``cat``, which lays them out row by row;
    alone they do not.
    """
    if not x.is_contiguous():
        return x.contiguous()
    return x.view(-1).view(x.shape) if 1 in x.shape else x


def dimensions(tensor: Tensor) -> str:
    """Return a shape as text: ``2×25``."""
    return "×".join(map(str, tensor.shape))
