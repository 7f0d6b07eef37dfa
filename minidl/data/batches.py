"""Data sets in batches, in an order that each replica draws for itself."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from minidl.data.source import Dataset
from minidl.random import Generators, per_replica


def batches(data: Dataset, size: int, generator: Generators | None = None) -> Iterator[Dataset]:
    """Yield a data set in pieces of ``size`` points, the last one smaller where it must be.

    With a generator (or one for each replica) the points are shuffled first. The epoch is gathered
    once, so that every batch is a contiguous view.
    """
    n = data.x.shape[-2]
    if generator is not None:
        order = per_replica(lambda g: torch.randperm(n, generator=g), generator).unsqueeze(-1)
        data = Dataset(*(part.gather(-2, order.expand_as(part)) for part in data))
    whole, rest = data.split(n - n % size)
    yield from map(Dataset, *(pieces(part, size) for part in whole))
    if n % size:
        yield Dataset(*(part.contiguous() for part in rest))


def pieces(part: Tensor, size: int) -> Tensor:
    """Turn ``(*stack, k size, d)`` into ``(k, *stack, size, d)``."""
    return part.unflatten(-2, (-1, size)).movedim(-3, 0).contiguous()
