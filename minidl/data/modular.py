"""Arithmetic as a table."""

from __future__ import annotations

from functools import cache

import torch

from minidl.data.finite import Finite
from minidl.data.labels import one_hot
from minidl.data.source import Dataset
from minidl.registry import register


@register("data", "modular")
class Modular(Finite):
    """All ``p^2`` sums ``a + b mod p``: 2p inputs (one-hot a, then one-hot b) and p classes (Power
    et al. 2022).
    """

    task = "classes"
    train, test = 0.5, None

    def __init__(self, p: int = 97):
        if not 3 <= p <= 1000:
            raise ValueError(f"p must be from 3 to 1,000, got {p}")
        self.p, self.size = p, p * p
        self.d_in, self.d_out = 2 * p, p
        self.classes = tuple(map(str, range(p)))

    def table(self) -> Dataset:
        return table(self.p)


@cache
def table(p: int) -> Dataset:
    """Return every pair in order, and its sum."""
    a, b = torch.cartesian_prod(torch.arange(p), torch.arange(p)).unbind(-1)
    x = torch.cat([one_hot(a, p), one_hot(b, p)], dim=-1)
    return Dataset(x, one_hot((a + b) % p, p))
