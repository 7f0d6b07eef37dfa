"""Regressions: a formula, and normal noise on its values."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor

from minidl.data.labels import not_negative, uniform
from minidl.data.source import Dataset, DataSource
from minidl.registry import register


class Formula(DataSource):
    """A source whose targets are a formula of the inputs, with normal noise of deviation
    ``noise``.
    """

    d_in, d_out, task = 1, 1, "regression"

    def __init__(self, noise: float = 0.0):
        self.noise = not_negative("noise", noise)

    def inputs(self, n: int, generator: Generator) -> Tensor:
        """Return the inputs ``(n, d_in)``: uniform in [0, 1] unless the source says otherwise."""
        return torch.rand(n, self.d_in, generator=generator)

    def value(self, x: Tensor, generator: Generator) -> Tensor:
        """Return the values ``(n, d_out)`` without noise."""
        raise NotImplementedError

    def draw(self, n: int, generator: Generator) -> Dataset:
        x = self.inputs(n, generator)
        y = self.value(x, generator)
        return Dataset(x, self.noisy(y, generator) if self.noise else y)

    def noisy(self, y: Tensor, generator: Generator) -> Tensor:
        """Return values with noise."""
        return y + self.noise * torch.randn(y.shape, generator=generator)


@register("data", "sine")
class Sine(Formula):
    """``y = sin(2 pi frequency x)`` with x uniform in [0, 1] (Bishop 2006, section 1.1)."""

    def __init__(self, noise: float = 0.0, frequency: float = 1.0):
        super().__init__(noise)
        self.frequency = frequency

    def value(self, x: Tensor, generator: Generator) -> Tensor:  # noqa: ARG002
        return self.truth(x)

    def truth(self, x: Tensor) -> Tensor:
        return torch.sin(2 * math.pi * self.frequency * x)


@register("data", "friedman1")
class Friedman1(Formula):
    """``y = 10 sin(pi x1 x2) + 20 (x3 - 0.5)^2 + 10 x4 + 5 x5``, all inputs uniform in [0, 1] and
    those after the fifth without effect, as in scikit-learn's ``make_friedman1``.
    """

    def __init__(self, n_features: int = 10, noise: float = 0.0):
        super().__init__(noise)
        if n_features < 5:
            raise ValueError(f"n_features must be at least 5, got {n_features}")
        self.d_in = n_features

    def value(self, x: Tensor, generator: Generator) -> Tensor:  # noqa: ARG002
        a, b, c, d, e, *_ = x.split(1, dim=-1)
        return 10 * torch.sin(math.pi * a * b) + 20 * (c - 0.5).square() + 10 * d + 5 * e


@register("data", "linear_regression")
class LinearRegression(Formula):
    """``y = x w + bias`` with normal inputs and weights uniform in [0, 100], all but the first
    ``n_informative`` of them zero, as in scikit-learn's ``make_regression``.
    """

    def __init__(
        self,
        n_features: int = 10,
        n_informative: int = 10,
        bias: float = 0.0,
        noise: float = 0.0,
    ):
        super().__init__(noise)
        if n_features < 1:
            raise ValueError(f"n_features must be at least 1, got {n_features}")
        if n_informative < 0:
            raise ValueError(f"n_informative must be at least 0, got {n_informative}")
        self.d_in, self.n_informative, self.bias = n_features, n_informative, bias

    def inputs(self, n: int, generator: Generator) -> Tensor:
        return torch.randn(n, self.d_in, generator=generator)

    def value(self, x: Tensor, generator: Generator) -> Tensor:
        weight = uniform((self.d_in, 1), 0, 100, generator)
        weight[self.n_informative :] = 0
        return x @ weight + self.bias


@register("data", "plane")
class Plane(Formula):
    """``y = (x1 + x2) / 10`` with inputs uniform in [-6, 6], as in TensorFlow Playground: the noise
    moves the inputs before the value is taken, uniformly in [-6 noise, 6 noise].
    """

    d_in = 2

    def inputs(self, n: int, generator: Generator) -> Tensor:
        return uniform((n, 2), -6, 6, generator)

    def draw(self, n: int, generator: Generator) -> Dataset:
        x = self.inputs(n, generator)
        moved = x + 6 * self.noise * uniform((n, 2), -1, 1, generator)
        return Dataset(x, self.value(moved, generator))

    def value(self, x: Tensor, generator: Generator) -> Tensor:  # noqa: ARG002
        return x.sum(dim=-1, keepdim=True) / 10


@register("data", "bumps")
class Bumps(Plane):
    """Six cones of height 1 and radius 2, three up and three down, with inputs and noise as in
    ``plane``: TensorFlow Playground's "multi gaussian".
    """

    def value(self, x: Tensor, generator: Generator) -> Tensor:  # noqa: ARG002
        centre = torch.tensor([[u, v] for v in (2.5, -2.5) for u in (-4.0, 0.0, 4.0)])
        sign = torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
        distance = (x.unsqueeze(-2) - centre).square().sum(dim=-1).sqrt()
        height = (1 - distance / 2).clamp(min=0)
        largest = height.argmax(dim=-1, keepdim=True)
        return height.gather(-1, largest) * sign[largest]
