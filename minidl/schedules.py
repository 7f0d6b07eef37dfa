"""Schedules: what the learning rate is in each epoch, in plain numbers for one replica.

They are named after what torch has in ``torch.optim.lr_scheduler`` and scikit-learn in
``MLPClassifier``. A schedule is asked once an epoch, between steps, so it needs no tensors: in a
stack each replica has a schedule of its own, of any kind, and the rate that it would have alone.
"""

from __future__ import annotations

import copy
import math
import sys
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from minidl.optimizers import Optimizer
from minidl.registry import KINDS, register


class Progress(NamedTuple):
    """How far training is: ``epoch`` epochs of ``epochs`` are done, in which ``points`` points
    were seen. ``scores`` are those of this replica after the last epoch, empty before the first
    and where no schedule monitors any.
    """

    epoch: int
    epochs: int
    points: int
    scores: Mapping[str, float]


class Schedule:
    """What the learning rate is. ``monitor`` names the score that it looks at, if any: one on the
    training or the validation set, as the test set chooses nothing.
    """

    monitor = ""

    def rate(self, lr: float, progress: Progress) -> float:
        """Return the rate of the next epoch; ``lr`` is the optimizer's own, the one to begin with.

        It is called once before every epoch.
        """
        raise NotImplementedError


def between(name: str, value: float, low: float, high: float = math.inf) -> float:
    """Return a number; raise ValueError unless it is finite and lies between two others."""
    if not (low <= value <= high and math.isfinite(value)):
        least = "above 0" if low == ABOVE_0 else f"at least {low:g}"
        most = f"at most {high:g}" if math.isfinite(high) else "finite"
        most = "below 1" if high == BELOW_1 else most
        raise ValueError(f"{name} must be {least} and {most}, got {value}")
    return value


CHOOSING = ("train", "validation")  # parts of the data: the test set chooses nothing
# The smallest number that is no denormal: those are 0 where they are flushed.
ABOVE_0, BELOW_1 = sys.float_info.min, math.nextafter(1.0, 0.0)


@register("schedule", "constant")
class Constant(Schedule):
    """The optimizer's own rate in every epoch."""

    def rate(self, lr: float, progress: Progress) -> float:  # noqa: ARG002  # all are asked alike
        return lr


@register("schedule", "step")
class Step(Schedule):
    """``lr * gamma^floor(epoch / step_size)``, counted from epoch 0 (``StepLR``).

    Raises ValueError unless ``step_size >= 1`` and ``0 < gamma <= 1``.
    """

    def __init__(self, step_size: int = 30, gamma: float = 0.1):
        self.step_size = int(between("step_size", step_size, 1))
        self.gamma = between("gamma", gamma, ABOVE_0, 1)

    def rate(self, lr: float, progress: Progress) -> float:
        return lr * self.gamma ** (progress.epoch // self.step_size)


@register("schedule", "multistep")
class MultiStep(Schedule):
    """``lr`` times ``gamma`` for each of the ``milestones``, epochs, that is reached
    (``MultiStepLR``).

    Raises ValueError unless the milestones rise and are at least 1, and ``0 < gamma <= 1``.
    """

    def __init__(
        self,
        milestones: list[int] = [100, 200],  # noqa: B006  # never changed
        gamma: float = 0.1,
    ):
        rising = all(a < b for a, b in zip([0, *milestones], milestones, strict=False))
        if not milestones or not rising:
            raise ValueError(f"milestones must be rising epochs from 1 on, got {milestones}")
        self.milestones = list(milestones)
        self.gamma = between("gamma", gamma, ABOVE_0, 1)

    def rate(self, lr: float, progress: Progress) -> float:
        return lr * self.gamma ** bisect_right(self.milestones, progress.epoch)


@register("schedule", "exponential")
class Exponential(Schedule):
    """``lr * gamma^epoch``, counted from epoch 0 (``ExponentialLR``).

    Raises ValueError unless ``0 < gamma <= 1``.
    """

    def __init__(self, gamma: float = 0.99):
        self.gamma = between("gamma", gamma, ABOVE_0, 1)

    def rate(self, lr: float, progress: Progress) -> float:
        return lr * self.gamma**progress.epoch


@register("schedule", "cosine")
class Cosine(Schedule):
    """``eta_min + (lr - eta_min) (1 + cos(pi epoch / T_max)) / 2``, counted from epoch 0
    (``CosineAnnealingLR``; Loshchilov and Hutter, 2017). ``T_max`` is all epochs if not said.

    Raises ValueError unless ``T_max >= 1`` and ``eta_min >= 0``.
    """

    def __init__(self, T_max: int | None = None, eta_min: float = 0.0):  # noqa: N803  # torch's
        self.T_max = None if T_max is None else int(between("T_max", T_max, 1))
        self.eta_min = between("eta_min", eta_min, 0)

    def rate(self, lr: float, progress: Progress) -> float:
        done = progress.epoch / (self.T_max or progress.epochs)
        return self.eta_min + (lr - self.eta_min) * (1 + math.cos(math.pi * done)) / 2


@register("schedule", "inverse_scaling")
class InverseScaling(Schedule):
    """``lr / (1 + points)^power_t`` after so many points seen, each epoch anew: scikit-learn's
    ``learning_rate="invscaling"``.

    Raises ValueError unless ``power_t >= 0``.
    """

    def __init__(self, power_t: float = 0.5):
        self.power_t = between("power_t", power_t, 0)

    def rate(self, lr: float, progress: Progress) -> float:
        return lr * (1 + progress.points) ** -self.power_t


@register("schedule", "warmup")
class Warmup(Schedule):
    """From ``start_factor * lr`` in epoch 0 in a line to ``end_factor * lr`` in epoch
    ``total_iters``, and so on from there (``LinearLR``).

    Raises ValueError unless ``0 < start_factor <= 1``, ``0 <= end_factor <= 1`` and
    ``total_iters >= 1``.
    """

    def __init__(self, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5):
        self.start_factor = between("start_factor", start_factor, ABOVE_0, 1)
        self.end_factor = between("end_factor", end_factor, 0, 1)
        self.total_iters = int(between("total_iters", total_iters, 1))

    def rate(self, lr: float, progress: Progress) -> float:
        done = min(progress.epoch, self.total_iters) / self.total_iters
        return lr * (self.start_factor + (self.end_factor - self.start_factor) * done)


@register("schedule", "plateau")
class Plateau(Schedule):
    """The rate times ``factor`` whenever the ``monitor`` got no better for more than ``patience``
    epochs (``ReduceLROnPlateau``).

    Better is by more than ``threshold``: of the best so far (``rel``) or as it is (``abs``). For
    ``cooldown`` epochs after a cut nothing is counted; the rate never falls below ``min_lr``, and a
    cut of less than ``eps`` is left out. The score is taken after every epoch, whatever
    ``evaluate_every`` is.

    Raises ValueError unless ``0 < factor < 1``, the others are at least 0, and the monitor is
    ``train_`` or ``validation_`` and ``loss`` or a metric.
    """

    def __init__(
        self,
        monitor: str = "train_loss",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: float = 0.0,
        eps: float = 1e-8,
    ):
        self.sign = direction(monitor)
        self.monitor = monitor
        self.factor = between("factor", factor, ABOVE_0, BELOW_1)
        self.patience = between("patience", patience, 0)
        self.threshold = between("threshold", threshold, 0)
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold_mode must be 'rel' or 'abs', got {threshold_mode!r}")
        self.relative = threshold_mode == "rel"
        self.cooldown = between("cooldown", cooldown, 0)
        self.min_lr = between("min_lr", min_lr, 0)
        self.eps = between("eps", eps, 0)
        self.best, self.bad, self.resting = math.inf, 0, 0
        self.now = math.nan

    def rate(self, lr: float, progress: Progress) -> float:
        if not progress.epoch:
            self.now = lr
        else:
            self.watch(self.sign * progress.scores[self.monitor])
        return self.now

    def watch(self, score: float) -> None:
        """Count an epoch, better or not; less is better here."""
        best, by = self.best, self.threshold
        better = score < (best * (1 - self.sign * by) if self.relative else best - by)
        self.best = score if better else self.best
        self.bad = 0 if better or self.resting else self.bad + 1
        self.resting = max(0, self.resting - 1)
        if self.bad > self.patience:
            self.bad, self.resting, self.now = 0, self.cooldown, self.cut(self.now)

    def cut(self, lr: float) -> float:
        """Return a lower rate, or the same if it would hardly be lower."""
        lower = max(lr * self.factor, self.min_lr)
        return lower if lr - lower > self.eps else lr


def direction(score: str) -> int:
    """Return 1 where less of a score is better, -1 where more is; raise ValueError for what is no
    score on the training or the validation set.
    """
    betters = {name: metric.better for name, metric in KINDS["metric"].items()} | {"loss": "lower"}
    part, _, name = score.partition("_")
    if part not in CHOOSING or name not in betters:
        known = ", ".join(f"{part}_{name}" for part in CHOOSING for name in sorted(betters))
        raise ValueError(f"monitor must be one of {known}, got {score!r}")
    return 1 if betters[name] == "lower" else -1


class Rates:
    """An optimizer's rates over the epochs, by a schedule for all replicas or one for each.

    Without one, or with constant ones alone, the optimizer's rate is never touched. Raises
    ValueError when there is not one schedule for each replica, and when one monitors the test set.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedule: Schedule | Sequence[Schedule] | None,
        epochs: int,
        points: int,
    ):
        lr = optimizer.lr_of_replicas()
        self.shape, self.base = lr.shape, lr.flatten().tolist()
        several = isinstance(schedule, Sequence)
        given = list(schedule) if several else [schedule or Constant()] * len(self.base)
        if len(given) != len(self.base):
            raise ValueError(f"{len(self.base)} replicas need as many schedules, got {len(given)}")
        self.schedules = [copy.deepcopy(own) for own in given]  # they count from the first epoch
        self.optimizer, self.epochs, self.points = optimizer, epochs, points
        self.moves = any(type(own) is not Constant for own in given)
        self.monitors = sorted({own.monitor for own in given if own.monitor})
        if wrong := set(self.parts()).difference(CHOOSING):
            known = " or ".join(CHOOSING)
            raise ValueError(f"a schedule's monitor must be a score on {known}, got {min(wrong)}")
        self.scores: list[dict[str, float]] = [{}] * len(given)

    def begin(self, epoch: int) -> None:
        """Set the rate for an epoch, counted from 1."""
        if self.moves:
            done = epoch - 1
            progress = [Progress(done, self.epochs, done * self.points, own) for own in self.scores]
            rates = [
                own.rate(lr, at)
                for own, lr, at in zip(self.schedules, self.base, progress, strict=True)
            ]
            self.optimizer.lr = torch.tensor(rates, dtype=torch.float64).view(self.shape)

    def parts(self) -> list[str]:
        """Return the parts of the data on which something is monitored."""
        return sorted({monitor.partition("_")[0] for monitor in self.monitors})

    def watch(self, scores: Mapping[str, Tensor]) -> None:
        """Take the scores ``(*stack,)`` after an epoch; raises ValueError when one that is
        monitored is not among them.
        """
        for monitor in self.monitors:
            if monitor not in scores:
                raise ValueError(f"no score {monitor!r}; recorded: {', '.join(scores)}")
        columns = {name: value.flatten().tolist() for name, value in scores.items()}
        self.scores = [
            {name: column[i] for name, column in columns.items()}
            for i in range(len(self.schedules))
        ]
