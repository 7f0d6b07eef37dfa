"""Two classes that divide up the plane: the label follows from where a point lies."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor

from minidl.data.curves import halves, polar
from minidl.data.labels import Labelled, not_negative, uniform
from minidl.registry import register


@register("data", "circle")
class Circle(Labelled):
    """A disk of radius 2.5 and the ring from 3.5 to 5 around it, as in TensorFlow Playground.

    The label is 1 where a point, moved by noise that is uniform in [-5 noise, 5 noise], lies less
    than 2.5 from the centre.
    """

    classes = ("ring", "disk")

    def __init__(self, noise: float = 0.0, label_noise: float = 0.0):
        super().__init__(0.0, label_noise)
        self.moved = not_negative("noise", noise)

    def points(self, n: int, generator: Generator) -> tuple[Tensor, Tensor]:
        ring = halves(n).bool()
        radius = uniform((n,), torch.where(ring, 3.5, 0.0), torch.where(ring, 5.0, 2.5), generator)
        x = polar(radius, uniform((n,), 0, 2 * math.pi, generator))
        moved = x + 5 * self.moved * uniform((n, 2), -1, 1, generator)
        return x, (moved.square().sum(dim=-1) < 2.5**2).long()


@register("data", "xor")
class Xor(Labelled):
    """Points uniform in [-5, 5]^2, moved 0.3 away from the axes; the label is 1 where
    ``x1 x2 >= 0``, as in TensorFlow Playground. The label is taken after the point is moved by
    noise that is uniform in [-5 noise, 5 noise].
    """

    def __init__(self, noise: float = 0.0, label_noise: float = 0.0):
        super().__init__(0.0, label_noise)
        self.moved = not_negative("noise", noise)

    def points(self, n: int, generator: Generator) -> tuple[Tensor, Tensor]:
        x = uniform((n, 2), -5, 5, generator)
        x = x + torch.where(x > 0, 0.3, -0.3)
        moved = x + 5 * self.moved * uniform((n, 2), -1, 1, generator)
        return x, (moved.prod(dim=-1) >= 0).long()

    def boundary(self) -> Tensor:
        return cross([0.0], -5.3, 5.3)


@register("data", "checkerboard")
class Checkerboard(Labelled):
    """Points uniform in [0, 1]^2, on a board of ``tiles`` by ``tiles``; the label is the tile's
    colour, 0 at the origin.
    """

    def __init__(self, tiles: int = 4, noise: float = 0.0, label_noise: float = 0.0):
        super().__init__(noise, label_noise)
        if tiles < 2:
            raise ValueError(f"tiles must be at least 2, got {tiles}")
        self.tiles = tiles

    def points(self, n: int, generator: Generator) -> tuple[Tensor, Tensor]:
        x = torch.rand(n, 2, generator=generator)
        return x, (x * self.tiles).long().sum(dim=-1) % 2

    def boundary(self) -> Tensor:
        return cross([k / self.tiles for k in range(1, self.tiles)], 0.0, 1.0)


def cross(at: list[float], low: float, high: float) -> Tensor:
    """Return vertical and horizontal lines at some numbers, NaN between them."""
    gap = [math.nan, math.nan]
    lines = [line for c in at for line in ([c, low], [c, high], gap, [low, c], [high, c], gap)]
    return torch.tensor(lines[:-1], dtype=torch.float64)
