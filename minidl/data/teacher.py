"""A random network to be learned from."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Generator, Tensor

from minidl.data.regression import Formula
from minidl.data.source import Dataset
from minidl.registry import register


@register("data", "teacher")
class Teacher(Formula):
    """The values of a random tanh network with a linear output, at normal inputs.

    Its weights and biases are normal with deviation ``weight_std``; each seed has its own teacher
    unless ``data.seed`` is pinned. The ``noise`` is on the training points only: the test targets
    are the teacher's own values.
    """

    def __init__(
        self,
        n_features: int = 20,
        hidden: list[int] = [256, 256],  # noqa: B006  # a setting; nobody changes it
        weight_std: float = 0.5,
        noise: float = 0.1,
    ):
        super().__init__(noise)
        if min([n_features, *hidden]) < 1:
            raise ValueError(f"widths must be at least 1, got {n_features} and {hidden}")
        self.d_in, self.hidden, self.weight_std = n_features, hidden, weight_std

    def inputs(self, n: int, generator: Generator) -> Tensor:
        return torch.randn(n, self.d_in, generator=generator)

    def value(self, x: Tensor, generator: Generator) -> Tensor:
        widths = [self.d_in, *self.hidden, 1]
        for layer, (before, after) in enumerate(pairwise(widths), start=1):
            weight = self.weight_std * torch.randn(before + 1, after, generator=generator)
            x = x @ weight[1:] + weight[0]
            x = x if layer == len(widths) - 1 else x.tanh()
        return x

    def parts(self, train: int, test: int, generator: Generator) -> tuple[Dataset, Dataset]:
        x = self.inputs(train + test, generator)
        own, other = Dataset(x, self.value(x, generator)).split(train)
        return Dataset(own.x, self.noisy(own.y, generator)), other
