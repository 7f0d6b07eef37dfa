"""The work that every contender gets: a condition, initial weights, and batches in their order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

import torch
from torch import Tensor

from minidl import Dataset, Linear, batches, disk, seeded_generator

ACTIVATIONS = ("tanh", "relu", "leaky_relu")
LOSSES = ("mse", "bce")
LEARNING_RATES = {"none": 0.01, "sgd": 0.01, "adam": 0.001}
MOMENTUM = 0.9
PAPER_WIDTHS = (2, 25, 25, 25, 1)


@dataclass(frozen=True)
class Condition:
    """One of the paper's 18 combinations."""

    activation: str
    loss: str
    optimizer: str
    lr: float

    @property
    def momentum(self) -> float:
        return MOMENTUM if self.optimizer == "sgd" else 0.0

    def __str__(self) -> str:
        return f"{self.activation} {self.loss} {self.optimizer}"


CONDITIONS = [
    Condition(activation, loss, optimizer, lr)
    for activation, loss, (optimizer, lr) in product(ACTIVATIONS, LOSSES, LEARNING_RATES.items())
]


@dataclass(frozen=True)
class Work:
    """R networks of one condition (or of several, by turns), to be trained for some steps each.

    Network r starts from the weights of seed r and sees the disk of seed r, shuffled by seed r.
    """

    conditions: tuple[Condition, ...]
    networks: int
    steps: int
    widths: tuple[int, ...] = PAPER_WIDTHS
    batch_size: int = 5

    @property
    def condition(self) -> Condition:
        """The one condition; most contenders know no mixtures."""
        (condition,) = self.conditions
        return condition

    def condition_of(self, network: int) -> Condition:
        """Return a network's condition: the stack is cut into equal runs of each."""
        return self.conditions[network * len(self.conditions) // self.networks]

    @cached_property
    def weights(self) -> list[Tensor]:
        """Initial values by turns: weight ``(R, d_in, d_out)``, bias ``(R, 1, d_out)``, ..."""
        per_network = [initial_values(self.widths, r) for r in range(self.networks)]
        return [torch.stack(column) for column in zip(*per_network, strict=True)]

    @cached_property
    def batches(self) -> Dataset:
        """All batches in their order: ``x (steps, R, batch, 2)`` and ``y (steps, R, batch, 1)``."""
        n = self.steps * self.batch_size
        sets = [disk(n, seeded_generator(r, "data")) for r in range(self.networks)]
        together = Dataset(*map(torch.stack, zip(*sets, strict=True)))
        order = [seeded_generator(r, "batches") for r in range(self.networks)]
        pieces = zip(*batches(together, self.batch_size, order), strict=True)
        return Dataset(*map(torch.stack, pieces))


def initial_values(widths: tuple[int, ...], seed: int) -> list[Tensor]:
    """Return the initial weight and bias of every layer of one network."""
    generator = seeded_generator(seed, "weights")
    layers = [Linear(*pair, generator=generator) for pair in pairwise(widths)]
    return [value for layer in layers for value, _ in layer.param()]
