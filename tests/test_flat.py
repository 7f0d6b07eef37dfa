"""Laying an optimizer's tensors end to end changes how fast a step is, and no number."""

import pytest
import torch

from minidl import MSE, SGD, Linear, ReLU, Sequential, Sigmoid, disk, seeded_generator, stack, train
from minidl.engine.flat import flatten
from minidl.optimizers import Optimizer
from minidl.registry import KINDS


def network(optimizer: str, seed: int, **hyper: float):
    g = seeded_generator(seed, "weights")
    model = Sequential(Linear(2, 7, generator=g), ReLU(), Linear(7, 1, generator=g), Sigmoid())
    data = disk(33, seeded_generator(seed, "data"))
    return model, MSE(), KINDS["optimizer"][optimizer](model.param(), **hyper), data


def train_three(optimizer: str, flat: bool, **rates: list[float]):
    hypers = [{name: values[seed] for name, values in rates.items()} for seed in range(3)]
    together = stack([network(optimizer, seed, **hypers[seed]) for seed in range(3)])
    if flat:
        flatten(together[2])
    generators = [seeded_generator(seed, "batches") for seed in range(3)]
    train(*together, epochs=3, batch_size=5, generator=generators)
    return [value for value, _ in together[0].param()]


@pytest.mark.parametrize("optimizer", sorted(KINDS["optimizer"]))
@pytest.mark.parametrize(
    "rates",
    [
        {},
        {"lr": [0.1, 0.02, 0.003]},
        {"weight_decay": [0.1, 0.1, 0.1], "l1": [0.01, 0.01, 0.01]},
        {"weight_decay": [0.1, 0.3, 0.2], "l1": [0.01, 0.02, 0.3], "lr": [0.1, 0.02, 0.003]},
        {"weight_decay": [0.1, 0.3, 0.2], "clip_norm": [0.1, 0.001, 9.0]},
    ],
)
def test_flat_parameters_train_to_the_same_bits(optimizer, rates):
    plain, flat = (train_three(optimizer, flat, **rates) for flat in (False, True))
    for one, other in zip(plain, flat, strict=True):
        assert torch.equal(one.nan_to_num(123.0), other.nan_to_num(123.0))


def test_the_layers_see_what_the_optimizer_changes():
    model, _, optimizer, _ = stack([network("sgd", 0), network("sgd", 1)])
    flatten(optimizer)
    ((value, gradient),) = optimizer.param
    value.fill_(2.0)
    gradient.fill_(3.0)
    assert all((v == 2).all() and (g == 3).all() for v, g in model.param())


def test_a_dampening_of_each_replica_survives_the_first_step():
    hyper = {"dampening": [0.0, 0.5, 1.0], "momentum": [0.9, 0.5, 0.1]}
    plain, flat = (train_three("sgd", flat, **hyper) for flat in (False, True))
    assert all(map(torch.equal, plain, flat))


def test_clipping_looks_at_a_whole_replica_and_so_is_left_alone():
    model, *_ = network("sgd", 0)
    optimizer = SGD(model.param(), clip_norm=1.0)
    flatten(optimizer)
    assert len(optimizer.param) == 4


def test_an_optimizer_that_looks_at_whole_layers_is_left_alone():
    class Silent(Optimizer):
        """Promises nothing of its steps."""

    class Clipped(SGD):
        """Looks at each layer's norm, and so does not promise what SGD does."""

        def step(self) -> None:
            for _, gradient in self.param:
                gradient.div_(gradient.norm().clamp(min=1))
            super().step()

    for kind in (Silent, Clipped):
        model, *_ = network("sgd", 0)
        optimizer = kind(model.param(), lr=0.1)
        flatten(optimizer)
        assert len(optimizer.param) == 4


def test_a_network_of_single_numbers_is_laid_out_too():
    g = seeded_generator(0, "weights")
    model = Sequential(Linear(1, 1, generator=g), Sigmoid())
    optimizer = KINDS["optimizer"]["sgd"](model.param(), lr=0.1)
    flatten(optimizer)
    assert [velocity.shape for velocity in optimizer.velocity] == [(2,)]
    optimizer.step()
