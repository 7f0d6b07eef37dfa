"""Data sets: drawn from a generator, standardised, split, and cut into batches."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from minidl.random import Generators, per_replica
from minidl.registry import register


class Dataset(NamedTuple):
    """Inputs ``x`` ``(*stack, n, d_in)`` and targets ``y`` ``(*stack, n, d_out)``."""

    x: Tensor
    y: Tensor

    def split(self, n: int) -> tuple[Dataset, Dataset]:
        """Cut into the first n points and the rest."""
        return (
            Dataset(self.x[..., :n, :], self.y[..., :n, :]),
            Dataset(self.x[..., n:, :], self.y[..., n:, :]),
        )

    def standardise(self, reference: Dataset) -> Dataset:
        """Shift and scale the inputs by the mean and deviation of another set's inputs."""
        mean = reference.x.mean(dim=-2, keepdim=True)
        return Dataset((self.x - mean) / reference.x.std(dim=-2, keepdim=True), self.y)


class DataSource:
    """What points are drawn from: it knows their shape, their task, and the truth if there is one.

    ``d_in`` and ``d_out`` are the numbers of inputs and outputs; ``task`` is ``binary`` (one
    output, targets 0 and 1), ``classes`` (K outputs, one-hot) or ``regression``. ``classes`` names
    the answers, in the order of their targets.
    """

    d_in: int
    d_out: int
    task: str
    classes: tuple[str, ...] = ("0", "1")

    def draw(self, n: int, generator: Generator) -> Dataset:
        """Return ``n`` points, from the generator alone."""
        raise NotImplementedError

    def boundary(self) -> Tensor | None:
        """Return the true boundary between two classes as a line ``(points, d_in)``, if any."""
        return None


@register("data", "disk")
class Disk(DataSource):
    """Points uniform in [0, 1]^2; the target is 1 inside the disk around (0.5, 0.5) whose radius
    ``1 / sqrt(2 pi)`` gives it half of the square's area, and 0 outside (paper, section 2).
    """

    d_in, d_out, task = 2, 1, "binary"
    classes = ("outside", "inside")

    def draw(self, n: int, generator: Generator) -> Dataset:
        x = torch.rand(n, 2, generator=generator)
        inside = (x - 0.5).square().sum(dim=-1, keepdim=True) < 1 / (2 * math.pi)
        return Dataset(x, inside.to(x.dtype))

    def boundary(self) -> Tensor:
        angle = torch.linspace(0, 2 * math.pi, 361, dtype=torch.float64)
        circle = torch.stack([angle.cos(), angle.sin()], dim=-1)
        return 0.5 + circle / math.sqrt(2 * math.pi)


def disk(n: int, generator: Generator) -> Dataset:
    """Return ``n`` points of the paper's ``Disk``."""
    return Disk().draw(n, generator)


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
