"""Data sets in batches, in an order that each replica draws for itself."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from minidl.data.source import Dataset
from minidl.random import Generators, per_replica

# The order of the points: drawn anew for each epoch, always as they are, or each batch drawn with
# replacement.
SHUFFLES = ("epoch", "never", "replacement")


def batches(
    data: Dataset, size: int, generator: Generators | None = None, shuffle: str = "epoch"
) -> Iterator[Dataset]:
    """Yield a data set in pieces of ``size`` points, the last one smaller where it must be.

    With a generator (or one for each replica) the points are put in an ``order`` first. The epoch
    is gathered once, so that every batch is a contiguous view.
    """
    if generator is not None and shuffle != "never":
        points = data.x.shape[-2]
        drawn = per_replica(lambda g: order(points, size, shuffle, g), generator).unsqueeze(-1)
        data = Dataset(
            *(part.gather(-2, drawn.expand(*drawn.shape[:-1], part.shape[-1])) for part in data)
        )
    n = data.x.shape[-2]
    whole, rest = data.split(n - n % size)
    yield from map(Dataset, *(pieces(part, size) for part in whole))
    if n % size:
        yield Dataset(*(part.contiguous() for part in rest))


def order(n: int, size: int, shuffle: str, generator: Generator) -> Tensor:
    """Return the numbers of an epoch's points, out of ``n``: each of them once in a random order,
    or, for the shuffle ``replacement``, as many whole batches of any of them.
    """
    if shuffle == "replacement":
        return torch.randint(n, (size * math.ceil(n / size),), generator=generator)
    return torch.randperm(n, generator=generator)


def pieces(part: Tensor, size: int) -> Tensor:
    """Turn ``(*stack, k size, d)`` into ``(k, *stack, size, d)``."""
    return part.unflatten(-2, (-1, size)).movedim(-3, 0).contiguous()
