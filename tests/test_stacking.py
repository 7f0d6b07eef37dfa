"""What ``stack`` makes of tensors, numbers and modules, and what it refuses."""

import pytest
from torch import Tensor

from minidl import (
    SGD,
    Adam,
    GradientDescent,
    LeakyReLU,
    Linear,
    ReLU,
    Replicas,
    Sequential,
    Tanh,
    seeded_generator,
    stack,
)


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
