"""What ``stack`` makes of tensors, numbers and modules, and what it refuses."""

import math
import operator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from minidl import (
    SGD,
    Adam,
    GradientDescent,
    LeakyReLU,
    Linear,
    Module,
    ReLU,
    Replicas,
    Sequential,
    Tanh,
    seeded_generator,
    stack,
)
from minidl.random import Generators, per_replica


def test_numbers_that_agree_stay_numbers_and_others_broadcast():
    assert stack([LeakyReLU(0.2), LeakyReLU(0.2)]).negative_slope == 0.2
    assert stack([LeakyReLU(0.25), ReLU()]).negative_slope.flatten().tolist() == [0.25, 0]
    assert stack([SGD([], lr=0.5), SGD([], lr=0.25)]).lr.shape == (2, 1, 1)


def test_modules_that_compute_alike_share_a_slice():
    mixed = stack([Tanh(), Tanh(), ReLU(), LeakyReLU(), Tanh()])
    assert isinstance(mixed, Replicas)
    assert mixed.sizes == [2, 2, 1]
    assert isinstance(stack([ReLU(), LeakyReLU()]), LeakyReLU)


def test_what_cannot_be_stacked_says_so():
    generator = seeded_generator(0, "weights")
    layer = Linear(2, 3, generator=generator)
    for pair in (
        [SGD([]), Adam([])],
        [Sequential(Tanh()), Sequential(Tanh(), Tanh())],
        [Sequential(layer), Sequential(Tanh())],
        ["left", "right"],
    ):
        with pytest.raises(ValueError, match=r"stack|zip"):
            stack(pair)


class AdaMax(Adam):
    """Adam with another second moment: a method that neither is nor calls ``step``."""

    def square(self, gradient: Tensor) -> Tensor:
        return gradient.abs()


class Scaled(Tanh):
    factor = 2

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * self.factor


class ScaledMore(Scaled):
    factor = 3


def test_a_subclass_that_computes_something_else_is_not_run_as_its_parent():
    assert stack([ScaledMore(), Scaled(), ScaledMore()]).sizes == [1, 1, 1]
    with pytest.raises(ValueError, match=r"cannot share a stack: \['AdaMax', 'Adam'\]"):
        stack([Adam([]), AdaMax([])])
    assert isinstance(stack([SGD([]), GradientDescent([])]), SGD)


def test_tensors_of_different_shapes_cannot_be_stacked():
    layers = [Linear(2, width, generator=seeded_generator(0, "weights")) for width in (3, 4)]
    with pytest.raises(ValueError, match=r"shapes \[\(2, 3\), \(2, 4\)\]"):
        stack(layers)


class Holding(Module):
    """Holds something."""

    def __init__(self, held: Any):
        self.held = held


def double(x: Tensor) -> Tensor:
    return 2 * x


CONSTANTS = [
    *({1, 2}, frozenset("ab"), torch.sin, torch.Tensor.sin_, math.sin, double, Tensor.abs, Tanh),
    *(partial(torch.clamp, min=0), True, None, "text", b"bytes", 1 + 2j, range(3), slice(1, 2)),
    *(torch.float32, torch.device("cpu"), torch.Size([2]), Path("a"), Fraction(1, 3), 2**70),
    *(math, Ellipsis, "".join, operator.itemgetter(1)),
]


@pytest.mark.parametrize("held", CONSTANTS, ids=[str(i) for i in range(len(CONSTANTS))])
def test_what_is_the_same_in_all_stays_as_it_is(held: Any):
    joined = stack([Holding(held), Holding(held)]).held
    assert joined == held
    assert type(joined) is type(held)


def test_dictionaries_are_joined_value_by_value():
    first, second = ({"rate": float(i), "at": torch.tensor([i]), "on": True} for i in range(2))
    joined = stack([Holding(first), Holding(second)]).held
    assert joined["rate"].shape == (2, 1, 1)
    assert joined["at"].tolist() == [[0], [1]]
    assert joined["on"] is True
    with pytest.raises(ValueError, match="dictionaries with the keys"):
        stack([{"a": 1}, {"b": 1}])


@pytest.mark.parametrize("held", [(True, 1), ({1}, {2}), (torch.sin, torch.cos), (None, 1)])
def test_what_differs_and_is_no_number_is_refused(held: Any):
    with pytest.raises(ValueError, match="stack"):
        stack([Holding(part) for part in held])


def test_flags_that_differ_stay_flags():
    held = stack([Holding(True), Holding(False)]).held
    assert held.dtype == torch.bool
    assert held.flatten().tolist() == [True, False]
    with pytest.raises(RuntimeError, match="ambiguous"):
        assert held


class Dropping(Module):
    """Drops half of its inputs, each replica by its own generator."""

    def __init__(self, seed: int):
        self.generator: Generators = seeded_generator(seed, "dropout")

    def forward(self, x: Tensor) -> Tensor:
        shape = x.shape[-2:]
        return x * (per_replica(lambda g: torch.rand(shape, generator=g), self.generator) < 0.5)


def test_generators_are_drawn_from_for_each_replica():
    x = torch.ones(3, 7, 4)
    together = stack([Dropping(seed) for seed in range(3)])
    for _ in range(2):
        whole = together.forward(x)
    for seed in range(3):
        alone = Dropping(seed)
        alone.forward(x[seed])
        assert torch.equal(whole[seed], alone.forward(x[seed]))
