"""Two or more classes that lie along curves in the plane."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor

from minidl.data.labels import Labelled, blocks, not_negative, shares, uniform
from minidl.registry import register


@register("data", "moons")
class Moons(Labelled):
    """Two interleaving half circles, as in scikit-learn's ``make_moons``."""

    classes = ("outer moon", "inner moon")

    def __init__(self, noise: float = 0.0, label_noise: float = 0.0):
        super().__init__(noise, label_noise)

    def points(self, n: int, generator: Generator) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        outer, inner = (torch.linspace(0, math.pi, k) for k in (n // 2, n - n // 2))
        x = torch.stack(
            [
                torch.cat([outer.cos(), 1 - inner.cos()]),
                torch.cat([outer.sin(), 0.5 - inner.sin()]),
            ],
            dim=-1,
        )
        return x, halves(n)


@register("data", "circles")
class Circles(Labelled):
    """A circle of radius 1 and one of radius ``factor`` inside it, as in scikit-learn's
    ``make_circles``.
    """

    classes = ("outer circle", "inner circle")

    def __init__(self, noise: float = 0.0, factor: float = 0.8, label_noise: float = 0.0):
        super().__init__(noise, label_noise)
        if not 0 <= factor < 1:
            raise ValueError(f"factor must be at least 0 and less than 1, got {factor}")
        self.factor = factor

    def points(self, n: int, generator: Generator) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        label = halves(n)
        angle = torch.cat(
            [torch.arange(k) * (2 * math.pi / max(k, 1)) for k in (n // 2, n - n // 2)]
        )
        radius = torch.where(label == 0, 1.0, self.factor)
        return polar(radius, angle), label


@register("data", "spirals")
class Spirals(Labelled):
    """Spiral arms, one per class, ``arms`` of them; with two, as in TensorFlow Playground.

    Along an arm the radius grows evenly from 0 to ``radius`` and the angle by ``turns`` turns. The
    noise on the inputs is uniform in [-noise, noise]; ``angle_noise`` is the deviation of normal
    noise on the angle, as in CS231n's spirals (3 arms, radius 1, turns 0.64, angle_noise 0.2).
    """

    def __init__(
        self,
        arms: int = 2,
        noise: float = 0.0,
        label_noise: float = 0.0,
        radius: float = 5.0,
        turns: float = 1.75,
        angle_noise: float = 0.0,
    ):
        super().__init__(0.0, label_noise, classes=arms)
        self.jitter = not_negative("noise", noise)
        self.angle_noise = not_negative("angle_noise", angle_noise)
        self.radius, self.turns = radius, turns

    def points(self, n: int, generator: Generator) -> tuple[Tensor, Tensor]:
        arms = shares(n, len(self.classes))
        along = torch.cat([torch.arange(k) / max(k, 1) for k in arms])
        label = blocks(n, len(arms))
        angle = 2 * math.pi * (self.turns * along + label / len(arms))
        angle = angle + self.angle_noise * torch.randn(n, generator=generator)
        x = polar(self.radius * along, angle).flip(-1)
        return x + uniform((n, 2), -self.jitter, self.jitter, generator), label


def halves(n: int) -> Tensor:
    """Return the labels of n points: the first half 0, the rest 1."""
    return (torch.arange(n) >= n // 2).long()


def polar(radius: Tensor, angle: Tensor) -> Tensor:
    """Return the points ``(n, 2)`` at some radii and angles."""
    return radius.unsqueeze(-1) * torch.stack([angle.cos(), angle.sin()], dim=-1)
