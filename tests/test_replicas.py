"""A stack of R networks is R networks: bit for bit, in any company, in any order."""

from collections.abc import Sequence
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from minidl import (
    BCE,
    MSE,
    SGD,
    Adam,
    Dataset,
    GradientDescent,
    History,
    Identity,
    LeakyReLU,
    Linear,
    Module,
    ReLU,
    Sequential,
    Sigmoid,
    Tanh,
    disk,
    seeded_generator,
    stack,
    train,
)
from minidl.optimizers import Optimizer

POINTS = 43  # leaves a smaller last batch at 3 (1 point) and at 5 (3 points)

# hidden activation, output, loss, momentum (0 is the paper's "none"), lr, seed: all mixed
MEMBERS = [
    (Tanh, Sigmoid, MSE, 0.9, 0.5, 0),
    (ReLU, Sigmoid, BCE, 0.0, 0.1, 1),
    (Tanh, Sigmoid, BCE, 0.5, 0.03, 2),
    (LeakyReLU, Identity, MSE, 0.0, 0.1, 0),
    (lambda: LeakyReLU(0.3), Sigmoid, MSE, 0.9, 1.0, 3),
    (Sigmoid, Sigmoid, BCE, 0.99, 0.7, 4),
    (Tanh, Sigmoid, MSE, 0.0, 0.2, 5),
]


class Trainee(NamedTuple):
    """One network with everything that it trains with, or a stack of them."""

    model: Module
    loss: Module
    optimizer: Optimizer
    data: Dataset
    test: Dataset


class Outcome(NamedTuple):
    weights: list[Tensor]
    history: History


def build(member: int, family: str, width: int) -> Trainee:
    activation, output, loss, momentum, lr, seed = MEMBERS[member]
    generator = seeded_generator(seed, "weights")
    model = Sequential(
        Linear(2, width, generator=generator),
        activation(),
        Linear(width, width, generator=generator),
        activation(),
        Linear(width, 1, generator=generator),
        output(),
    )
    data, test = disk(POINTS + 130, seeded_generator(seed, "data")).split(POINTS)
    return Trainee(model, loss(), optimizer(family, model, lr, momentum), data, test)


def optimizer(family: str, model: Module, lr: float, momentum: float) -> Optimizer:
    if family == "adam":
        return Adam(model.param(), lr=lr / 10, beta1=momentum)
    return SGD(model.param(), lr, momentum) if momentum else GradientDescent(model.param(), lr)


def run(trainee: Trainee, seeds: int | Sequence[int], batch_size: int) -> Outcome:
    lone = isinstance(seeds, int)
    generators = {s: seeded_generator(s, "batches") for s in ([seeds] if lone else seeds)}
    history = train(
        trainee.model,
        trainee.loss,
        trainee.optimizer,
        trainee.data,
        epochs=3,
        batch_size=batch_size,
        generator=generators[seeds] if lone else [generators[s] for s in seeds],
        test=trainee.test,
        evaluate_every=2,
    )
    return Outcome([value for value, _ in trainee.model.param()], history)


def alone(member: int, family: str, width: int, batch_size: int) -> Outcome:
    return run(build(member, family, width), MEMBERS[member][-1], batch_size)


def together(members: Sequence[int], family: str, width: int, batch_size: int) -> Outcome:
    joined = stack([build(member, family, width) for member in members])
    return run(joined, [MEMBERS[member][-1] for member in members], batch_size)


def numbers(outcome: Outcome) -> list[Tensor]:
    """Everything that training produced, in one list."""
    history = outcome.history
    curves = (
        history.train_loss,
        history.train_accuracy,
        history.test_loss,
        history.test_accuracy,
    )
    return [*outcome.weights, *(entry for curve in curves for entry in curve), history.diverged_at]


def assert_slice_is(whole: Outcome, i: int, lone: Outcome) -> None:
    for ours, theirs in zip(numbers(whole), numbers(lone), strict=True):
        assert torch.equal(ours[i], theirs)


@pytest.mark.parametrize("family", ["sgd", "adam"])
@pytest.mark.parametrize("batch_size", [1, 3, 5])
@pytest.mark.parametrize("width", [1, 2, 4, 8, 25, 26, 64])
def test_a_stack_is_its_networks_one_by_one(width: int, batch_size: int, family: str):
    members = range(len(MEMBERS))
    whole = together(members, family, width, batch_size)
    assert whole.history.epochs == [2, 3]
    for i in members:
        assert_slice_is(whole, i, alone(i, family, width, batch_size))


@pytest.mark.parametrize("family", ["sgd", "adam"])
@pytest.mark.parametrize("width", [1, 4, 25])
def test_company_and_order_do_not_matter(width: int, family: str):
    expected = [alone(i, family, width, 5) for i in range(len(MEMBERS))]
    for members in ([3], [6, 0], [5, 4, 3, 2, 1, 0], [2, 2, 6, 2]):
        whole = together(members, family, width, 5)
        for position, member in enumerate(members):
            assert_slice_is(whole, position, expected[member])


@pytest.mark.parametrize("family", ["sgd", "adam"])
@pytest.mark.parametrize("victim", [0, 3, 6])
def test_a_network_of_nan_changes_no_neighbour(victim: int, family: str):
    trainees = [build(i, family, 8) for i in range(len(MEMBERS))]
    trainees[victim].model.param()[0][0].fill_(torch.nan)
    whole = run(stack(trainees), [member[-1] for member in MEMBERS], 5)
    assert whole.weights[0][victim].isnan().all()
    assert whole.history.diverged_at.tolist() == [int(i == victim) for i in range(len(MEMBERS))]
    for i in set(range(len(MEMBERS))) - {victim}:
        assert_slice_is(whole, i, alone(i, family, 8, 5))


def test_a_network_that_explodes_changes_no_neighbour(monkeypatch: pytest.MonkeyPatch):
    exploding = (LeakyReLU, Identity, MSE, 0.0, 1e6, 0)
    monkeypatch.setattr("test_replicas.MEMBERS", [*MEMBERS[:3], exploding, *MEMBERS[3:]])
    whole = together(range(8), "sgd", 8, 5)
    assert whole.history.diverged_at.tolist() == [0, 0, 0, 1, 0, 0, 0, 0]
    for i in (0, 1, 2, 4, 5, 6, 7):
        assert_slice_is(whole, i, alone(i, "sgd", 8, 5))


def test_stacking_leaves_the_originals_alone():
    trainees = [build(i, "sgd", 4) for i in range(3)]
    before = [value.clone() for t in trainees for value, _ in t.model.param()]
    run(stack(trainees), [0, 1, 2], 5)
    assert all(map(torch.equal, before, (v for t in trainees for v, _ in t.model.param())))


def test_the_optimizer_of_a_stack_holds_the_networks_own_tensors():
    joined = stack([build(i, "adam", 4) for i in range(3)])
    for ours, theirs in zip(joined.model.param(), joined.optimizer.param, strict=True):
        assert ours[0] is theirs[0]
        assert ours[1] is theirs[1]
