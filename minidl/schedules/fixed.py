"""Schedules that are fixed before training: functions of the epoch, or of the points seen."""

from __future__ import annotations

import math
from bisect import bisect_right

from minidl.registry import register
from minidl.schedules.schedule import ABOVE_0, Progress, Schedule, between


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
    """``lr``, multiplied by ``gamma`` at each of the epochs in ``milestones`` (``MultiStepLR``).

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
    (``CosineAnnealingLR``; Loshchilov and Hutter, 2017). ``T_max`` is all epochs if not given.

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
    """``lr / (1 + points)^power_t``, set each epoch from the points seen so far: scikit-learn's
    ``learning_rate="invscaling"``.

    Raises ValueError unless ``power_t >= 0``.
    """

    def __init__(self, power_t: float = 0.5):
        self.power_t = between("power_t", power_t, 0)

    def rate(self, lr: float, progress: Progress) -> float:
        return lr * (1 + progress.points) ** -self.power_t


@register("schedule", "warmup")
class Warmup(Schedule):
    """Linear from ``start_factor * lr`` in epoch 0 to ``end_factor * lr`` in epoch ``total_iters``,
    and constant from there (``LinearLR``).

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
