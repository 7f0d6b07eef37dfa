"""A replayed step gives the bits of the step as written, and what cannot be replayed is not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor

from minidl import (
    MSE,
    SGD,
    Dataset,
    Identity,
    Linear,
    Module,
    Sequential,
    Sigmoid,
    Tanh,
    disk,
    seeded_generator,
    stack,
    train,
)
from minidl.engine import recorder
from minidl.engine.flat import flatten
from minidl.engine.promise import is_replayable, replayable
from minidl.engine.replay import Program, Replay
from minidl.optimizers import Optimizer
from minidl.registry import KINDS
from minidl.training import training_step

# Their iteration is a Python number, which would stand still.
NOT_REPLAYED = {"adam_power_as_printed", "adam_as_printed"}

Built = tuple[Module, Module, Any]


def build(seed: int, activation: Any = Tanh, loss: Any = MSE, optimizer: Any = SGD) -> Built:
    generator = seeded_generator(seed, "weights")
    layers = [Linear(2, 7, generator=generator), activation(), Linear(7, 25, generator=generator)]
    layers += [activation(), Linear(25, 1, generator=generator), Sigmoid()]
    model = Sequential(*layers)
    return model, loss(), optimizer(model.param())


def batches_of(*stacked: int) -> list[tuple[Tensor, Tensor]]:
    """Twelve batches of 5 points and a few of 3, as the ends of epochs are."""
    generator = seeded_generator(0, "batches")
    sizes = [5, 5, 3] * 6
    x = [torch.rand(*stacked, size, 2, generator=generator) for size in sizes]
    return [(part, (part.sum(dim=-1, keepdim=True) > 1).float()) for part in x]


def both_ways(built: Built, *stacked: int) -> Replay:
    """Train a copy as written and the original in replay; all their numbers must agree."""
    written = copy.deepcopy(built)
    replayed = Replay(partial(training_step, *built), built)
    with torch.inference_mode():
        for batch in batches_of(*stacked):
            replayed(*batch)
            training_step(*written, *batch)
            for (own, _), (other, _) in zip(built[0].param(), written[0].param(), strict=True):
                torch.testing.assert_close(own, other, rtol=0, atol=0, equal_nan=True)
    return replayed


def is_replayed(replayed: Replay) -> bool:
    assert bool(replayed.programs) != bool(replayed.written)
    return bool(replayed.programs)


USUAL = {"activation": "tanh", "loss": "mse", "optimizer": "sgd"}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in USUAL for name in KINDS[kind]])
def test_the_bits_of_the_step_as_written(kind: str, name: str):
    for other in (USUAL, {"activation": "relu", "loss": "bce", "optimizer": "adam"}):
        names = {**other, kind: name}
        parts = {kind: KINDS[kind][name] for kind, name in names.items()}
        alone = both_ways(build(0, **parts))
        together = both_ways(stack([build(seed, **parts) for seed in range(3)]), 3)
        expected = all(map(is_replayable, parts.values()))
        assert is_replayed(alone) == is_replayed(together) == expected


def test_those_that_most_studies_use_are_replayed_and_those_that_count_steps_are_not():
    usual = {"activation": ["tanh", "relu"], "loss": ["mse", "bce"], "optimizer": ["sgd", "adam"]}
    assert all(is_replayable(KINDS[kind][name]) for kind in usual for name in usual[kind])
    assert not any(is_replayable(KINDS["optimizer"][name]) for name in NOT_REPLAYED)


def test_a_flattened_mixed_stack_with_several_learning_rates():
    built = [
        build(seed, activation, optimizer=partial(KINDS["optimizer"]["adam"], lr=10.0**-seed))
        for seed, activation in enumerate([Tanh, Tanh, Identity], start=1)
    ]
    together = stack(built)
    flatten(together[2])
    assert is_replayed(both_ways(together, 3))


PARTS: dict[str, dict[str, Any]] = {
    "sgd": {"dampening": 0.5},
    "sgd ": {"dampening": 0, "nesterov": True, "weight_decay": 0.1},
    "none": {"l1": 0.01, "clip_norm": 0.1},
    "adam": {"weight_decay": 0.1, "l1": 0.01, "clip_norm": 0.1, "decay": "all"},
    "adamw": {"weight_decay": 0.3, "clip_norm": 0.1},
    "rmsprop": {"centered": True, "momentum": 0.5},
    "adagrad": {"lr_decay": 0.1, "l1": 0.1},
}


@pytest.mark.parametrize(("name", "arguments"), PARTS.items())
def test_an_optimizer_with_all_its_parts_is_replayed(name: str, arguments: dict[str, Any]):
    optimizer = KINDS["optimizer"][name.strip()]
    assert is_replayed(both_ways(build(0, optimizer=partial(optimizer, **arguments))))
    rates = [partial(optimizer, lr=0.1 * (seed + 1), **arguments) for seed in range(3)]
    together = stack([build(seed, optimizer=own) for seed, own in enumerate(rates)])
    flatten(together[2])
    assert is_replayed(both_ways(together, 3))


class Promising(SGD):
    """Overrides something, and so has to promise anew, which it does not."""

    def step(self) -> None:
        super().step()


class Renamed(SGD):
    """Changes the constructor alone."""

    def __init__(self, param: Any):
        super().__init__(param, lr=0.5)


def test_a_promise_is_a_class_s_own():
    assert not is_replayed(both_ways(build(0, optimizer=Promising)))
    assert is_replayed(both_ways(build(0, optimizer=Renamed)))


@replayable
class Counting(Optimizer):
    """Decays its learning rate by a counter of its own."""

    t = 0

    def step(self) -> None:
        self.t += 1
        for value, gradient in self.param:
            value.sub_(gradient * (0.1 / self.t))


@replayable
class Replacing(Optimizer):
    """Averages its gradients, each time in a new tensor."""

    def __init__(self, param: Any):
        super().__init__(param, 0.1)
        self.averages = self.zeros()

    def step(self) -> None:
        pairs = zip(self.averages, self.param, strict=True)
        self.averages = [0.9 * average + gradient for average, (_, gradient) in pairs]
        for average, (value, _) in zip(self.averages, self.param, strict=True):
            value.sub_(0.1 * average)


@replayable
class Deciding(Optimizer):
    """Steps only against large gradients."""

    def step(self) -> None:
        for value, gradient in self.param:
            if gradient.abs().max() > 0.05:
                value.sub_(gradient)


@replayable
class Remembering(Optimizer):
    """Keeps a list, which grows."""

    def __init__(self, param: Any):
        super().__init__(param, 0.1)
        self.seen: list[int] = []

    def step(self) -> None:
        self.seen.append(0)
        for value, gradient in self.param:
            value.sub_(gradient / len(self.seen))


@replayable
class Hiding(Optimizer):
    """Counts with something that cannot be looked into."""

    def __init__(self, param: Any):
        super().__init__(param, 0.1)
        self.next = iter(range(1, 1000)).__next__

    def step(self) -> None:
        rate = 0.1 / self.next()
        for value, gradient in self.param:
            value.sub_(rate * gradient)


@replayable
class Choosing(Optimizer):
    """Takes its rate from a table, by a counter that is a tensor."""

    def __init__(self, param: Any):
        super().__init__(param, 0.1)
        self.rates, self.t = torch.linspace(0.1, 0.5, 30), torch.tensor(0)

    def step(self) -> None:
        for value, gradient in self.param:
            value.sub_(self.rates[self.t] * gradient)
        self.t += 1


@replayable
class Swapping(Optimizer):
    """Exchanges two parts that hold nothing."""

    def __init__(self, param: Any):
        super().__init__(param, 0.1)
        self.parts = [Tanh(), Sigmoid()]

    def step(self) -> None:
        self.parts.reverse()
        for value, gradient in self.param:
            value.sub_(self.parts[0].forward(gradient))


@replayable
class Catching(Optimizer):
    """Does something else when something fails."""

    def step(self) -> None:
        for value, gradient in self.param:
            try:
                value.sub_(gradient @ gradient)
            except RuntimeError:
                value.sub_(gradient)


BROKEN = [Counting, Replacing, Deciding, Remembering, Choosing, Swapping, Catching]


@pytest.mark.parametrize("optimizer", BROKEN)
def test_what_would_stand_still_or_decide_is_computed_as_written(optimizer: Any):
    factory = (
        partial(optimizer, lr=0.1) if optimizer in (Counting, Deciding, Catching) else optimizer
    )
    assert not is_replayed(both_ways(build(0, optimizer=factory)))


def test_what_cannot_be_looked_into_is_computed_as_written():
    built = build(0, optimizer=Hiding)
    replayed = Replay(partial(training_step, *built), built)
    for batch in batches_of():
        replayed(*batch)
    assert not is_replayed(replayed)


def elementwise(function: Callable[[Tensor], Tensor]) -> type[Module]:
    """Return an activation by an operation that is no part of minidl's own."""

    @replayable
    class Own(Module):
        def forward(self, x: Tensor) -> Tensor:
            return function(x)

        def backward(self, gradient: Tensor) -> Tensor:
            return gradient

    return Own


def growing(x: Tensor) -> Tensor:
    """Joins what a list holds, which grows afterwards."""
    parts = [x]
    parts.append(torch.cat(parts, dim=-1))
    return torch.cat(parts, dim=-1)[..., : x.shape[-1]]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: 1 - x,
        lambda x: 2 / (3 + x * x),
        lambda x: x**3,
        lambda x: torch.where(x > 0, x, 0.5 * x),
        lambda x: x.cumsum(dim=-1),
        lambda x: x - x.max(dim=-1, keepdim=True).values,
        lambda x: x - torch.zeros_like(x).add_(x).mul_(2),
        lambda x: torch.cat([part.clone() for part in x.split(1, dim=-1)], dim=-1),
        lambda x: torch.stack(x.unbind(-1)).movedim(0, -1).contiguous().double().float(),
        lambda x: x.reshape(-1).flip(0).reshape(x.shape),
        lambda x: x / (1 + x.square().sum()) + x.mean() + torch.clone(input=x),
        lambda x: x * True + x.expand_as(x) + x.bfloat16() * 0.1,
        growing,
        lambda x: x.clamp(-0.1, 0.1) + torch.full((1,), 2.0) + torch.tensor(3.0),
    ],
)
def test_other_operations(function: Callable[[Tensor], Tensor]):
    assert is_replayed(both_ways(build(0, elementwise(function))))


@replayable
class Dropout(Module):
    """Drops half of its inputs, by a generator of its own."""

    def __init__(self):
        self.generator = seeded_generator(0, "dropout")

    def forward(self, x: Tensor) -> Tensor:
        self.kept = (torch.rand(x.shape, generator=self.generator) < 0.5).to(x.dtype)
        return x * self.kept

    def backward(self, gradient: Tensor) -> Tensor:
        return gradient * self.kept


def test_random_numbers_go_on():
    weights = []
    for way in (training_step, None):
        built = build(0, Dropout)
        step: Any = Replay(partial(training_step, *built), built)
        if way is not None:
            step = partial(way, *built)
        for batch in batches_of():
            step(*batch)
        weights.append([value.clone() for value, _ in built[0].param()])
    assert all(torch.equal(own, other) for own, other in zip(*weights, strict=True))


@replayable
class Scaled(SGD):
    """Has a factor that a callback may change."""

    factor = 1.0

    def step(self) -> None:
        for value, gradient in self.param:
            value.sub_(self.factor * gradient)


def test_a_callback_that_changes_something_is_heard():
    def weights(factor: float) -> list[Tensor]:
        built = build(0, optimizer=Scaled)
        built[2].factor = 1.0
        data: Dataset = disk(40, seeded_generator(0, "data"))
        train(
            *built,
            data,
            epochs=4,
            batch_size=5,
            generator=seeded_generator(0, "batches"),
            on_epoch=lambda epoch, _: setattr(built[2], "factor", factor if epoch > 1 else 1.0),
        )
        return [value for value, _ in built[0].param()]

    changed, unchanged = weights(0.5), weights(1.0)
    assert not any(torch.equal(own, other) for own, other in zip(changed, unchanged, strict=True))
    stopped, once = weights(0.0), weights(0.0)
    assert all(torch.equal(own, other) for own, other in zip(stopped, once, strict=True))


def test_large_steps_are_computed_as_written(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recorder, "MAX_BYTES", 1000)
    assert not is_replayed(both_ways(build(0)))


def test_one_program_for_each_shape():
    replayed = both_ways(build(0))
    assert [tuple(shape) for shape in replayed.programs] == [(5, 2), (3, 2)]


def program_of(replayed: Replay) -> Program:
    program = next(iter(replayed.programs.values()))
    assert isinstance(program, Program)
    return program


@pytest.mark.parametrize(
    ("activation", "loss", "optimizer", "most"),
    [("tanh", "mse", "none", 50), ("relu", "bce", "adam", 58)],
)
def test_a_step_takes_so_many_launches(activation: str, loss: str, optimizer: str, most: int):
    def lone(seed: int) -> Built:
        generator, modules = seeded_generator(seed, "weights"), []
        for pair in pairwise([2, 25, 25, 25, 1]):
            modules += [Linear(*pair, generator=generator), KINDS["activation"][activation]()]
        model = Sequential(*modules[:-1], Sigmoid())
        return model, KINDS["loss"][loss](), KINDS["optimizer"][optimizer](model.param())

    together = stack([lone(seed) for seed in range(2)])
    flatten(together[2])
    assert len(program_of(both_ways(together, 2)).launches) <= most


class Doubling(Identity):
    """Makes something that nobody reads, and keeps something that only a caller reads."""

    keeps = True

    def backward(self, gradient: Tensor) -> Tensor:
        torch.exp(gradient * 3).add_(1)
        if self.keeps:
            self.kept = gradient * 2
        return gradient


def test_what_nobody_reads_is_not_computed_again():
    def launches(activation: type[Module]) -> int:
        return len(program_of(both_ways(build(0, activation))).launches)

    silent = type("Silent", (Doubling,), {"keeps": False})
    assert launches(replayable(silent)) == launches(Identity)
    assert launches(replayable(Doubling)) == launches(Identity) + 2


def test_what_a_module_keeps_is_what_it_kept_last():
    replayable(Doubling)
    built, written = build(0, Doubling), build(0, Doubling)
    replayed = Replay(partial(training_step, *built), built)
    for batch in batches_of():
        replayed(*batch)
        training_step(*written, *batch)
    ours, theirs = (parts[0].modules[1].kept for parts in (built, written))
    assert torch.equal(ours, theirs)
