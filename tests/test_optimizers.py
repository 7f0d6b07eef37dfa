"""Fifty steps of every optimizer against torch.optim, also with a learning rate per replica."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from minidl import (
    MSE,
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    Dataset,
    GradientDescent,
    Linear,
    NAdam,
    RMSprop,
    Sequential,
    Sigmoid,
    Tanh,
    disk,
    seeded_generator,
    stack,
    train,
)
from minidl.engine.flat import flatten
from minidl.optimizers import Optimizer
from minidl.registry import KINDS, as_printed

SHAPES = [(2, 4), (1, 4)]
LRS = [0.3, 0.01, 0.002]


def torch_sgd(values: list[Tensor], lr: float) -> torch.optim.Optimizer:
    """Dampened momentum from a velocity of zero, where torch would start from the gradient."""
    sgd = torch.optim.SGD(values, lr, momentum=0.9, dampening=0.9)
    for value in values:
        sgd.state[value]["momentum_buffer"] = torch.zeros_like(value)
    return sgd


REFERENCE: dict[type[Optimizer], Callable[[list[Tensor], float], torch.optim.Optimizer]] = {
    SGD: torch_sgd,
    GradientDescent: torch.optim.SGD,
    Adam: torch.optim.Adam,
    AdamW: torch.optim.AdamW,
    NAdam: torch.optim.NAdam,
    Adagrad: torch.optim.Adagrad,
    RMSprop: torch.optim.RMSprop,
    Adadelta: torch.optim.Adadelta,
}


def starts(replica: int) -> list[Tensor]:
    generator = seeded_generator(replica, "weights")
    return [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in SHAPES]


def gradients(replica: int, steps: int = 50) -> list[list[Tensor]]:
    """Return a gradient for every step and parameter; now and then a gradient is exactly zero."""
    generator = seeded_generator(replica, "gradients")
    drawn = [
        [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in SHAPES]
        for _ in range(steps)
    ]
    return [[g * (g.abs() > 0.2) for g in step] for step in drawn]


def ours(build: Callable[..., Optimizer], replica: int, lr: float) -> list[Tensor]:
    param = [(value, torch.zeros_like(value)) for value in starts(replica)]
    optimizer = build(param, lr=lr)
    for step in gradients(replica):
        for (_, gradient), new in zip(param, step, strict=True):
            gradient.copy_(new)
        optimizer.step()
    return [value for value, _ in param]


def ours_stacked(build: Callable[..., Optimizer]) -> list[Tensor]:
    """Three replicas at once, with a learning rate (3, 1, 1)."""
    values = [torch.stack(column) for column in zip(*map(starts, range(3)), strict=True)]
    param = [(value, torch.zeros_like(value)) for value in values]
    optimizer = build(param, lr=torch.tensor(LRS, dtype=torch.float64).view(3, 1, 1))
    for steps in zip(*map(gradients, range(3)), strict=True):
        for (_, gradient), new in zip(param, zip(*steps, strict=True), strict=True):
            gradient.copy_(torch.stack(new))
        optimizer.step()
    return values


def theirs(reference: Callable, replica: int, lr: float) -> list[Tensor]:
    values = starts(replica)
    optimizer = reference(values, lr)
    torch.set_default_dtype(torch.float64)  # NAdam's own numbers, too
    for step in gradients(replica):
        for value, gradient in zip(values, step, strict=True):
            value.grad = gradient
        optimizer.step()
    torch.set_default_dtype(torch.float32)
    return values


def agree(ours: list[Tensor], theirs: list[Tensor]) -> bool:
    return all(torch.allclose(*pair, rtol=1e-10, atol=0) for pair in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("optimizer", REFERENCE)
@pytest.mark.parametrize("lr", LRS)
def test_fifty_steps_are_torchs(optimizer: type[Optimizer], lr: float):
    assert agree(ours(optimizer, 0, lr), theirs(REFERENCE[optimizer], 0, lr))


@pytest.mark.parametrize("optimizer", REFERENCE)
def test_a_learning_rate_for_each_replica(optimizer: type[Optimizer]):
    whole = ours_stacked(optimizer)
    for i, lr in enumerate(LRS):
        assert agree([value[i] for value in whole], theirs(REFERENCE[optimizer], i, lr))


def torch_clipped(values: list[Tensor], lr: float) -> Any:
    """SGD behind a clipping by norm, which torch leaves to whoever writes the loop."""

    class Clipped(torch.optim.SGD):
        def step(self, *_: Any) -> None:
            for value in values:
                value.grad = value.grad.clone() if value.grad is not None else None
            torch.nn.utils.clip_grad_norm_(values, 1.5)
            super().step()

    return Clipped(values, lr, momentum=0.9, weight_decay=0.1)


OPTIM = torch.optim
# what is given here, and what torch takes for the same
ARGUMENTS: list[tuple[type[Optimizer], dict[str, Any], Callable[[list[Tensor], float], Any]]] = [
    (SGD, {"dampening": 0}, lambda v, lr: OPTIM.SGD(v, lr, momentum=0.9)),
    (SGD, {"dampening": 0.9}, lambda v, lr: OPTIM.SGD(v, lr, momentum=0.9, dampening=0.9)),
    (SGD, {"dampening": 1, "momentum": 0.5}, lambda v, lr: OPTIM.SGD(v, lr, 0.5, dampening=1)),
    (SGD, {"dampening": 0, "nesterov": True}, lambda v, lr: OPTIM.SGD(v, lr, 0.9, nesterov=True)),
    (SGD, {}, lambda v, lr: OPTIM.SGD(v, lr * (1 - 0.9), momentum=0.9)),
    (SGD, {"nesterov": True}, lambda v, lr: OPTIM.SGD(v, lr * (1 - 0.9), 0.9, nesterov=True)),
    (GradientDescent, {"weight_decay": 0.1}, lambda v, lr: OPTIM.SGD(v, lr, weight_decay=0.1)),
    (SGD, {"dampening": 0, "weight_decay": 0.1, "clip_norm": 1.5}, torch_clipped),
    (Adam, {"weight_decay": 0.1}, lambda v, lr: OPTIM.Adam(v, lr, weight_decay=0.1)),
    (AdamW, {"weight_decay": 0.3}, lambda v, lr: OPTIM.AdamW(v, lr, weight_decay=0.3)),
    (AdamW, {"weight_decay": 0, "eps": 1e-4}, lambda v, lr: OPTIM.Adam(v, lr, eps=1e-4)),
    (
        NAdam,
        {"beta1": 0.8, "beta2": 0.9, "momentum_decay": 0.1, "weight_decay": 0.1},
        lambda v, lr: OPTIM.NAdam(v, lr, (0.8, 0.9), momentum_decay=0.1, weight_decay=0.1),
    ),
    (
        Adagrad,
        {"lr_decay": 0.1, "initial_accumulator_value": 0.2, "eps": 1e-3, "weight_decay": 0.1},
        lambda v, lr: OPTIM.Adagrad(v, lr, 0.1, 0.1, 0.2, 1e-3),
    ),
    (
        RMSprop,
        {"alpha": 0.9, "eps": 1e-3, "momentum": 0.8, "weight_decay": 0.1},
        lambda v, lr: OPTIM.RMSprop(v, lr, 0.9, 1e-3, 0.1, 0.8),
    ),
    (RMSprop, {"centered": True}, lambda v, lr: OPTIM.RMSprop(v, lr, centered=True)),
    (
        Adadelta,
        {"rho": 0.8, "eps": 1e-3, "weight_decay": 0.1},
        lambda v, lr: OPTIM.Adadelta(v, lr, 0.8, 1e-3, 0.1),
    ),
]


@pytest.mark.parametrize(("optimizer", "arguments", "reference"), ARGUMENTS)
def test_arguments_are_torchs_alone_and_in_a_stack(
    optimizer: Any, arguments: dict[str, Any], reference: Any
):
    def built(param: Any, lr: Any) -> Optimizer:
        return optimizer(param, lr, **arguments)

    whole = ours_stacked(built)
    for i, lr in enumerate(LRS):
        alone = ours(built, i, lr)
        assert agree(alone, theirs(reference, i, lr))
        assert all(torch.equal(value[i], own) for value, own in zip(whole, alone, strict=True))


PENALTIES = [{"weight_decay": 0.1}, {"l1": 0.01}, {"weight_decay": 0.1, "l1": 0.01}]


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("decay", ["weights", "all"])
@pytest.mark.parametrize("d_in", [1, 4])
def test_penalties_are_a_term_of_the_loss(penalty: dict[str, float], decay: Any, d_in: int):
    """``weight_decay / 2 * sum(w^2) + l1 * sum(|w|)``, by autograd; d_in = 1 makes both alike."""
    layer = Linear(d_in, 3, generator=seeded_generator(0, "weights"), dtype=torch.float64)
    layer.bias.fill_(0.3)
    before = [value.clone().requires_grad_() for value, _ in layer.param()]
    GradientDescent(layer.param(), 0.5, decay=decay, **penalty).step()
    pulled = before if decay == "all" else before[:1]
    l2, l1 = penalty.get("weight_decay", 0), penalty.get("l1", 0)
    loss = sum(l2 / 2 * value.square().sum() + l1 * value.abs().sum() for value in pulled)
    torch.autograd.backward(torch.as_tensor(loss))
    for own, (value, gradient) in zip(before, layer.param(), strict=True):
        moved = own.grad if own.grad is not None else torch.zeros_like(own)
        torch.testing.assert_close(value, (own - 0.5 * moved).detach(), rtol=1e-12, atol=0)
        assert not gradient.any()  # what backward left stays as it was


@pytest.mark.parametrize("decay", ["weights", "all"])
def test_adamw_decays_weights_and_only_if_told_biases(decay: Any):
    layer = Linear(1, 3, generator=seeded_generator(0, "weights"), dtype=torch.float64)
    weight, bias = layer.weight.clone(), layer.bias.fill_(0.3).clone()
    AdamW(layer.param(), lr=0.1, weight_decay=0.5, decay=decay).step()
    torch.testing.assert_close(layer.weight, 0.95 * weight)
    torch.testing.assert_close(layer.bias, 0.95 * bias if decay == "all" else bias)


@pytest.mark.parametrize("flushed", [False, True])
@pytest.mark.parametrize("eps", [1e-3, 1e-8, 1e-12, 1e-16])
@pytest.mark.parametrize("size", [0.0, 1e-30, 1e-13, 1e-8, 1.0, 1e15])
def test_adam_is_torchs_for_gradients_of_any_size(
    size: float, eps: float, flushed: bool, request: pytest.FixtureRequest
):
    request.addfinalizer(lambda: torch.set_flush_denormal(False))
    torch.set_flush_denormal(flushed)  # as training does
    own, other = torch.ones(1, 3), torch.ones(1, 3)
    optimizer = Adam([(own, gradient := torch.zeros(1, 3))], lr=0.1, eps=eps)
    reference = torch.optim.Adam([other], lr=0.1, eps=eps)
    for step in range(20):
        gradient.copy_(size * torch.tensor([[1.0, -1.0, (-1.0) ** step]]))
        other.grad = gradient
        optimizer.step()
        reference.step()
    assert (own - other).abs().max() <= 1e-4 * (own - 1).abs().max() + 1e-6


def test_momentum_and_betas_are_torchs():
    assert agree(
        ours(lambda param, lr: Adam(param, lr, beta1=0.5, beta2=0.9, eps=1e-4), 0, 0.1),
        theirs(lambda values, lr: torch.optim.Adam(values, lr, (0.5, 0.9), 1e-4), 0, 0.1),
    )


@pytest.mark.parametrize("name", KINDS["optimizer"])
def test_every_registered_optimizer_stacks_bit_for_bit(name: str):
    whole = ours_stacked(KINDS["optimizer"][name])
    for i, lr in enumerate(LRS):
        for value, alone in zip(whole, ours(KINDS["optimizer"][name], i, lr), strict=True):
            torch.testing.assert_close(value[i], alone, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("name", [n for n, o in KINDS["optimizer"].items() if as_printed(o)])
def test_what_is_printed_wrong_does_not_go_where_the_right_one_goes(name: str):
    printed: Any = KINDS["optimizer"][name]
    right = next(base for base in printed.__mro__ if base in REFERENCE)
    assert not agree(ours(printed, 0, 0.1), theirs(REFERENCE[right], 0, 0.1))


def test_without_momentum_sgd_is_a_plain_gradient_step():
    plain = ours(GradientDescent, 0, 0.1)
    assert all(map(torch.equal, ours(lambda p, lr: SGD(p, lr, momentum=0), 0, 0.1), plain))


def test_float32_parameters_stay_float32():
    for optimizer in REFERENCE:
        value = torch.ones(2, 4)
        optimizer([(value, torch.ones(2, 4))], lr=0.1).step()
        assert value.dtype == torch.float32


@pytest.mark.parametrize("name", KINDS["optimizer"])
@pytest.mark.parametrize("lr", [0.0, -0.1, float("nan"), float("inf")])
def test_a_wrong_learning_rate_is_refused(name: str, lr: float):
    for given in (lr, torch.tensor([0.1, lr]).view(2, 1, 1)):
        with pytest.raises(ValueError, match="lr must be above 0"):
            KINDS["optimizer"][name]([], lr=given)


@pytest.mark.parametrize("decay", [-0.1, 1.0, 2.0, float("nan")])
def test_a_wrong_decay_is_refused(decay: float):
    for optimizer, argument in ((SGD, "momentum"), (Adam, "beta1"), (Adam, "beta2")):
        with pytest.raises(ValueError, match=f"{argument} must be at least 0 and below 1"):
            optimizer([], **{argument: decay})


@pytest.mark.parametrize("eps", [0.0, -1e-8, float("nan")])
@pytest.mark.parametrize("optimizer", [Adam, AdamW, NAdam, Adagrad, RMSprop, Adadelta])
def test_a_wrong_eps_is_refused(optimizer: Any, eps: float):
    with pytest.raises(ValueError, match="eps must be above 0"):
        optimizer([], eps=eps)


@pytest.mark.parametrize("name", KINDS["optimizer"])
@pytest.mark.parametrize(
    ("argument", "wrong"),
    [("weight_decay", -0.1), ("weight_decay", math.inf), ("l1", -1), ("clip_norm", 0)],
)
def test_a_wrong_penalty_is_refused(name: str, argument: str, wrong: float):
    with pytest.raises(ValueError, match=f"{argument} must be (at least|above) 0 and finite"):
        KINDS["optimizer"][name]([], **{argument: wrong})


def test_nesterov_with_a_dampening_is_refused():
    with pytest.raises(ValueError, match="nesterov needs dampening 0, or none given"):
        SGD([], dampening=0.5, nesterov=True)


def test_differing_hyper_parameters_are_stacked():
    joined = stack([Adam([], lr=0.1, beta1=0.5), Adam([], lr=0.2, beta1=0.9)])
    assert joined.lr.flatten().tolist() == [0.1, 0.2]
    assert joined.beta1.flatten().tolist() == [0.5, 0.9]


@pytest.mark.parametrize("shape", [(3,), (3, 1), (1, 3)])
def test_a_tensor_that_is_not_one_number_for_each_replica_is_refused(shape: tuple[int, ...]):
    with pytest.raises(ValueError, match=r"shaped \(R, 1, 1\), got"):
        SGD([], lr=torch.full(shape, 0.1))


Change = Callable[[Optimizer], object]
# A root of a negative moment: all weights are NaN after an epoch, and cannot be seen to move.
NOT_A_NUMBER = {"adam_power_as_printed", "adam_as_printed"}

STOPS: dict[str, Change] = {
    "in place": lambda optimizer: optimizer.lr.mul_(0),
    "set": lambda optimizer: setattr(optimizer, "lr", 0.0),
}


def lone(name: str, seed: int) -> tuple[Sequential, MSE, Optimizer, Dataset]:
    g = seeded_generator(seed, "weights")
    model = Sequential(Linear(2, 5, generator=g), Tanh(), Linear(5, 1, generator=g), Sigmoid())
    optimizer = KINDS["optimizer"][name](model.param(), lr=0.1 * (1 + seed))
    return model, MSE(), optimizer, disk(23, seeded_generator(seed, "data"))


def trained(name: str, company: str, change: Change, epochs: int = 4) -> list[list[Tensor]]:
    """Return the weights after each epoch; after the second one the learning rate is changed."""
    members = [lone(name, seed) for seed in range(1 if company == "alone" else 3)]
    built: Any = members[0] if company == "alone" else stack(members)
    if company == "flattened":
        flatten(built[2])
    generators = [seeded_generator(seed, "batches") for seed in range(len(members))]
    seen: list[list[Tensor]] = []

    def watch(epoch: int, _: object) -> None:
        seen.append([value.nan_to_num(1.0) for value, _ in built[0].param()])
        if epoch == 2:
            change(built[2])

    order = generators[0] if company == "alone" else generators
    train(*built, epochs=epochs, batch_size=5, generator=order, on_epoch=watch)
    return seen


@pytest.mark.parametrize("stop", STOPS.values(), ids=STOPS)
@pytest.mark.parametrize("company", ["alone", "stacked", "flattened"])
@pytest.mark.parametrize("name", KINDS["optimizer"])
def test_a_learning_rate_of_zero_stops_every_optimizer(name: str, company: str, stop: Change):
    first, second, third, fourth = trained(name, company, stop)
    assert name in NOT_A_NUMBER or not all(map(torch.equal, first, second))
    assert all(map(torch.equal, second, third))
    assert all(map(torch.equal, second, fourth))


@pytest.mark.parametrize("company", ["stacked", "flattened"])
@pytest.mark.parametrize("name", KINDS["optimizer"])
def test_one_replica_can_be_stopped(name: str, company: str):
    rates = torch.tensor([0.1, 0.0, 0.3]).view(3, 1, 1)
    _, second, _, fourth = trained(name, company, lambda o: setattr(o, "lr", rates))
    pairs = list(zip(second, fourth, strict=True))
    changed = [[not torch.equal(before[i], after[i]) for before, after in pairs] for i in range(3)]
    assert not any(changed[1])
    assert name in NOT_A_NUMBER or (any(changed[0]) and any(changed[2]))


@pytest.mark.parametrize("lr", [-0.1, float("nan"), float("inf")])
def test_a_learning_rate_cannot_be_set_to_nonsense(lr: float):
    optimizer = SGD([])
    with pytest.raises(ValueError, match="lr must be at least 0 and finite"):
        optimizer.lr = lr


def test_a_tensor_given_as_learning_rate_stays_the_caller_s():
    mine = torch.tensor([[0.5]], dtype=torch.float64)
    SGD([], lr=mine).lr.mul_(0)
    assert mine == 0.5
