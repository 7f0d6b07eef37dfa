"""Data sets in batches, in an order that each replica draws for itself.

Points are gathered a few batches at a time, out of one table that all replicas may share, so a
large data set takes little more memory for three hundred networks than for one.
"""

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
AT_ONCE = 2**22  # numbers that are gathered at a time: 16 MB of them


def batches(
    data: Dataset, size: int, generator: Generators | None = None, shuffle: str = "epoch"
) -> Iterator[Dataset]:
    """Yield a data set in pieces of ``size`` points, the last one smaller if need be.

    With a generator (or one for each replica) the points are put in an ``order`` first. Every batch
    is contiguous.
    """
    n = data.x.shape[-2]
    place = None
    if generator is not None and shuffle != "never":
        place = per_replica(lambda g: order(n, size, shuffle, g), generator)
        n = place.shape[-1]
    tables = [distinct(part).reshape(-1, part.shape[-1]) for part in data]
    offsets = [offset(part) for part in data]
    same = torch.equal(*offsets)
    # As many batches as are worth gathering at a time.
    per_batch = size * sum(math.prod(part.shape[:-2]) * part.shape[-1] for part in data)
    few = size * max(1, AT_ONCE // max(per_batch, 1))

    def taken(start: int, stop: int, size: int) -> list[Tensor]:
        """Return batches ``(k, *stack, size, d)`` of the inputs and of the targets."""
        chosen = torch.arange(start, stop) if place is None else place[..., start:stop]
        rows = [batched(first + chosen, size) for first in offsets[: 1 if same else 2]]
        return [
            torch.embedding(table, own)  # whole rows at a time
            for table, own in zip(tables, rows * 2 if same else rows, strict=True)
        ]

    whole = n - n % size
    for start in range(0, whole, few):
        yield from map(Dataset, *taken(start, min(start + few, whole), size))
    if n % size:
        yield from map(Dataset, *taken(whole, n, n % size))


def batched(rows: Tensor, size: int) -> Tensor:
    """Turn ``(*stack, k size)`` into ``(k, *stack, size)``."""
    return rows.unflatten(-1, (-1, size)).movedim(-2, 0).contiguous()


def offset(part: Tensor) -> Tensor:
    """Return where each replica's rows begin in a table of all: ``(*stack, 1)``."""
    stack, n = part.shape[:-2], part.shape[-2]
    step = 0 if is_shared(part) else n
    return (torch.arange(math.prod(stack)) * step).view(*stack, 1)


def is_shared(part: Tensor) -> bool:
    """Whether all replicas of a stack have the same rows: one table, expanded."""
    stack = range(part.dim() - 2)
    return part.dim() > 2 and all(part.stride(i) == 0 for i in stack if part.shape[i] > 1)


def distinct(part: Tensor) -> Tensor:
    """Return a part of a data set without the copies that replicas seem to have: ``(n, d)`` where
    all replicas share one table.
    """
    return part[(0,) * (part.dim() - 2)] if is_shared(part) else part


def order(n: int, size: int, shuffle: str, generator: Generator) -> Tensor:
    """Return the indices of an epoch's points, out of ``n``: each once in a random order, or, for
    the shuffle ``replacement``, any of them, for as many whole batches as ``n`` would fill.
    """
    if shuffle == "replacement":
        return torch.randint(n, (size * math.ceil(n / size),), generator=generator)
    return torch.randperm(n, generator=generator)
