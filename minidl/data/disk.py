"""The paper's data set."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor

from minidl.data.source import Dataset, DataSource
from minidl.registry import register


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
