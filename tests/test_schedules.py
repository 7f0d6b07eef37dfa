"""Every schedule against torch's schedulers and scikit-learn's, alone and in mixed company."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from sklearn.neural_network._stochastic_optimizers import SGDOptimizer
from torch import Tensor
from torch.optim import lr_scheduler

from minidl import (
    MSE,
    SGD,
    Adam,
    Linear,
    Progress,
    Schedule,
    Sequential,
    Sigmoid,
    Tanh,
    disk,
    evaluate,
    seeded_generator,
    stack,
    train,
)
from minidl.engine.flat import flatten
from minidl.registry import KINDS
from minidl.schedules import Plateau
from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.stacks.plan import plan
from minidl.study.stacks.train import train_stack

EPOCHS = 24
POINTS = 33
Reference = Callable[[torch.optim.Optimizer], Any]

# name, arguments -> torch's
TORCHS: list[tuple[str, dict[str, Any], Reference]] = [
    ("constant", {}, lambda o: lr_scheduler.ConstantLR(o, factor=1.0)),
    ("step", {"step_size": 5}, lambda o: lr_scheduler.StepLR(o, 5)),
    ("step", {"step_size": 1, "gamma": 0.7}, lambda o: lr_scheduler.StepLR(o, 1, 0.7)),
    (
        "multistep",
        {"milestones": [1, 4, 5, 17], "gamma": 0.5},
        lambda o: lr_scheduler.MultiStepLR(o, [1, 4, 5, 17], 0.5),
    ),
    ("exponential", {"gamma": 0.9}, lambda o: lr_scheduler.ExponentialLR(o, 0.9)),
    ("cosine", {}, lambda o: lr_scheduler.CosineAnnealingLR(o, EPOCHS)),
    (
        "cosine",
        {"T_max": 7, "eta_min": 0.01},
        lambda o: lr_scheduler.CosineAnnealingLR(o, 7, 0.01),
    ),
    ("warmup", {}, lambda o: lr_scheduler.LinearLR(o)),
    (
        "warmup",
        {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 20},
        lambda o: lr_scheduler.LinearLR(o, 1.0, 0.0, 20),
    ),
]


def rates(schedule: Schedule, lr: float = 0.3) -> list[float]:
    at = [Progress(epoch, EPOCHS, epoch * POINTS, {}) for epoch in range(EPOCHS)]
    return [schedule.rate(lr, progress) for progress in at]


@pytest.mark.parametrize(("name", "arguments", "reference"), TORCHS)
def test_the_rates_are_torchs(name: str, arguments: dict[str, Any], reference: Reference):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.3)
    scheduler, theirs = reference(optimizer), []
    for _ in range(EPOCHS):
        theirs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    ours = rates(KINDS["schedule"][name](**arguments))
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("power_t", [0.5, 0.25, 1.0, 0.0])
def test_inverse_scaling_is_scikit_learns(power_t: float):
    optimizer: Any = SGDOptimizer([], 0.3, lr_schedule="invscaling", power_t=power_t)
    theirs = []
    for epoch in range(EPOCHS):
        theirs.append(optimizer.learning_rate)
        optimizer.iteration_ends((epoch + 1) * POINTS)
    assert rates(KINDS["schedule"]["inverse_scaling"](power_t)) == pytest.approx(theirs, rel=1e-12)


PLATEAUS: list[dict[str, Any]] = [
    {},
    {"patience": 0},
    {"patience": 2, "cooldown": 3, "factor": 0.5},
    {"patience": 1, "threshold": 0.05, "min_lr": 0.02},
    {"patience": 1, "threshold": 0.02, "threshold_mode": "abs", "factor": 0.3},
    {"patience": 0, "factor": 0.5, "eps": 0.05},
]


@pytest.mark.parametrize("arguments", PLATEAUS)
@pytest.mark.parametrize("monitor", ["train_loss", "train_accuracy", "train_r2"])
@pytest.mark.parametrize("seed", range(3))
def test_plateau_is_torchs(arguments: dict[str, Any], monitor: str, seed: int):
    noise = torch.rand(60, generator=torch.Generator().manual_seed(seed))
    scores = [1 / (1 + epoch) + float(part) / 4 for epoch, part in enumerate(noise)]
    more = monitor != "train_loss"
    scores = [0.5 - score for score in scores] if more else scores
    scores[40] = math.nan
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.3)
    mode: Any = "max" if more else "min"
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, mode, **arguments)
    ours, theirs = Plateau(monitor, **arguments), []
    own = [ours.rate(0.3, Progress(0, 60, 0, {}))]
    for epoch, score in enumerate(scores, start=1):
        theirs.append(optimizer.param_groups[0]["lr"])
        scheduler.step(score)
        own.append(ours.rate(0.3, Progress(epoch, 60, epoch, {monitor: score})))
    assert own[:-1] == theirs
    assert len(set(own)) > 1 or arguments == {}


def network(seed: int, lr: float = 0.5, optimizer: Any = SGD) -> tuple[Any, ...]:
    g = seeded_generator(seed, "weights")
    model = Sequential(Linear(2, 5, generator=g), Tanh(), Linear(5, 1, generator=g), Sigmoid())
    return model, MSE(), optimizer(model.param(), lr=lr), disk(POINTS, seeded_generator(seed, "d"))


def mixed() -> list[Schedule]:
    own = [KINDS["schedule"][name](**arguments) for name, arguments, _ in TORCHS]
    own += [KINDS["schedule"]["inverse_scaling"](), Plateau(patience=0, threshold=0.1)]
    return [*own, Plateau("train_accuracy", patience=1, factor=0.5)]


def trained(parts: Any, schedule: Any, seeds: list[int]) -> list[Tensor]:
    generators = [seeded_generator(seed, "batches") for seed in seeds]
    order: Any = generators if parts[0].param()[0][0].dim() == 3 else generators[0]
    train(*parts, epochs=EPOCHS, batch_size=5, generator=order, schedule=schedule)
    return [value for value, _ in parts[0].param()]


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("optimizer", [SGD, Adam])
@pytest.mark.parametrize("lrs", [[0.5], [0.5, 0.05, 0.2]])
def test_any_schedules_share_a_stack_bit_for_bit(optimizer: Any, lrs: list[float], flat: bool):
    seeds = list(range(len(mixed())))
    rate = [lrs[seed % len(lrs)] for seed in seeds]
    together = stack([network(seed, rate[seed], optimizer) for seed in seeds])
    if flat:
        flatten(together[2])
    whole = trained(together, mixed(), seeds)
    for seed, own in zip(seeds, mixed(), strict=True):
        alone = trained(network(seed, rate[seed], optimizer), own, [seed])
        assert all(torch.equal(ours[seed], other) for ours, other in zip(whole, alone, strict=True))


def test_one_schedule_for_all_counts_for_each_and_begins_anew():
    schedule = Plateau(patience=0, threshold=0.1)
    whole = trained(stack([network(seed) for seed in range(3)]), schedule, [0, 1, 2])
    for seed in range(3):
        alone = trained(network(seed), schedule, [seed])
        assert all(torch.equal(ours[seed], other) for ours, other in zip(whole, alone, strict=True))


def test_training_is_what_the_rates_set_by_hand_make_it():
    own = KINDS["schedule"]["cosine"]()
    by_hand, planned = network(0), rates(own, 0.5)
    optimizer = by_hand[2]

    def set_rate(epoch: int, _: Any) -> None:
        optimizer.lr = planned[min(epoch, EPOCHS - 1)]

    order = seeded_generator(0, "batches")
    train(*by_hand, epochs=EPOCHS, batch_size=5, generator=order, on_epoch=set_rate)
    scheduled = trained(network(0), own, [0])
    pairs = zip(scheduled, by_hand[0].param(), strict=True)
    assert all(torch.equal(ours, value) for ours, (value, _) in pairs)


def test_plateau_looks_after_every_epoch_however_seldom_is_evaluated():
    seen: list[Any] = []

    class Watching(Schedule):
        monitor = "train_loss"

        def rate(self, lr: float, progress: Progress) -> float:
            seen.append(progress)
            return lr

    parts = network(0)
    losses: list[float] = []

    def note(*_: Any) -> None:
        losses.append(float(evaluate(parts[0], parts[1], parts[3])["loss"]))

    order = seeded_generator(0, "batches")
    train(
        *parts, epochs=4, batch_size=5, generator=order, evaluate_every=4,
        schedule=Watching(), on_epoch=note,
    )  # fmt: skip
    assert [(p.epoch, p.epochs, p.points) for p in seen] == [(k, 4, k * POINTS) for k in range(4)]
    assert seen[0].scores == {}
    assert [p.scores["train_loss"] for p in seen[1:]] == losses[:3]


def test_plateau_looks_at_the_validation_set_alone_and_in_company():
    """As whoever gives torch's ReduceLROnPlateau the validation loss, after every epoch."""
    held = disk(30, seeded_generator(9, "data"))
    rules = [Plateau("validation_loss", patience=0, factor=0.5), Plateau(patience=1), Plateau()]
    alone = []
    for seed, rule in enumerate(rules):
        parts, order = network(seed), seeded_generator(seed, "batches")
        rates: list[float] = []
        losses: list[float] = []

        def note(*_: Any, parts: Any = parts, rates: Any = rates, losses: Any = losses) -> None:
            rates.append(float(parts[2].lr_of_replicas()))
            losses.append(float(evaluate(parts[0], parts[1], held)["loss"]))

        train(
            *parts, epochs=8, batch_size=5, generator=order, evaluate_every=3,
            validation=held, schedule=rule, on_epoch=note,
        )  # fmt: skip
        alone.append([value.clone() for value, _ in parts[0].param()])
        if seed == 0:
            weight = torch.nn.Parameter(torch.zeros(1))
            theirs = torch.optim.SGD([weight], lr=rates[0])
            reduced = torch.optim.lr_scheduler.ReduceLROnPlateau(theirs, patience=0, factor=0.5)
            for loss, rate in zip(losses, rates, strict=True):
                assert theirs.param_groups[0]["lr"] == pytest.approx(rate, rel=1e-12)
                reduced.step(loss)
            assert rates[-1] < rates[0]
    together = stack([network(seed) for seed in range(3)])
    orders = [seeded_generator(seed, "batches") for seed in range(3)]
    train(
        *together, epochs=8, batch_size=5, generator=orders, evaluate_every=3,
        validation=stack([held] * 3), schedule=rules,
    )  # fmt: skip
    for k, (value, _) in enumerate(together[0].param()):
        assert all(torch.equal(value[i], alone[i][k]) for i in range(3))


def test_what_is_monitored_must_be_there_and_not_the_test_set():
    class OnTest(Schedule):
        monitor = "test_loss"

        def rate(self, lr: float, progress: Progress) -> float:  # noqa: ARG002
            return lr

    for schedule, said in (
        (Plateau("validation_loss"), "monitors the validation set, and there is none"),
        (Plateau("train_r2"), "no score 'train_r2'; recorded: train_"),
        (OnTest(), "monitor must be a score on train or validation, got test"),
    ):
        order = seeded_generator(0, "batches")
        with pytest.raises(ValueError, match=said):
            train(*network(0), epochs=3, batch_size=5, generator=order, schedule=schedule)


def test_so_many_replicas_need_so_many_schedules():
    with pytest.raises(ValueError, match="2 replicas need as many schedules, got 3"):
        trained(stack([network(0), network(1)]), [Plateau()] * 3, [0, 1])


STUDY = """
name: scheduled
data: {name: disk, train: 30, test: 20}
model: {hidden: [4]}
epochs: 6
evaluate_every: 3
seeds: 2
grid:
  optimizer.lr: [0.5, 0.1]
  schedule:
    - constant
    - {name: cosine, eta_min: 0.01}
    - {name: multistep, milestones: [2, 4]}
    - {name: multistep, milestones: [3]}
    - {name: plateau, patience: 0}
"""


def test_a_study_of_schedules_is_one_stack_with_the_bits_of_each_alone():
    runs = expand(parse_study(STUDY, "grid.yaml"))
    (together,) = plan(runs, 1)
    assert len(together) == 20
    for run, result in zip(together, train_stack(together), strict=True):
        (alone,) = train_stack([run])
        assert (alone.curve, alone.weights) == (result.curve, result.weights)


WRONG = [
    ("step", {"step_size": 0}, "step_size must be at least 1 and finite, got 0"),
    ("step", {"gamma": 0.0}, "gamma must be above 0 and at most 1, got 0.0"),
    ("exponential", {"gamma": 1.5}, "gamma must be above 0 and at most 1, got 1.5"),
    ("exponential", {"gamma": math.nan}, "gamma must be above 0 and at most 1, got nan"),
    ("multistep", {"milestones": []}, "milestones must be rising epochs from 1 on, got []"),
    ("multistep", {"milestones": [3, 3]}, "milestones must be rising"),
    ("multistep", {"milestones": [0, 3]}, "milestones must be rising"),
    ("cosine", {"T_max": 0}, "T_max must be at least 1"),
    ("cosine", {"eta_min": -0.1}, "eta_min must be at least 0"),
    ("inverse_scaling", {"power_t": -1.0}, "power_t must be at least 0"),
    ("warmup", {"start_factor": 0.0}, "start_factor must be above 0 and at most 1"),
    ("warmup", {"end_factor": 2.0}, "end_factor must be at least 0 and at most 1"),
    ("warmup", {"total_iters": 0}, "total_iters must be at least 1"),
    ("plateau", {"factor": 1.0}, "factor must be above 0 and below 1, got 1.0"),
    ("plateau", {"patience": -1}, "patience must be at least 0"),
    ("plateau", {"cooldown": 10**400}, "cooldown must be at least 0 and finite"),
    ("step", {"gamma": math.inf}, "gamma must be above 0 and at most 1, got inf"),
    ("plateau", {"monitor": "test_loss"}, "monitor must be one of train_accuracy, train_loss"),
    ("plateau", {"monitor": "validation_los"}, "monitor must be one of train_accuracy, train_loss"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), WRONG)
def test_wrong_arguments_are_refused(name: str, arguments: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=re.escape(message)):
        KINDS["schedule"][name](**arguments)
