"""A schedule that looks at how training goes."""

from __future__ import annotations

import math
from typing import Literal

from minidl.registry import KINDS, register
from minidl.schedules.schedule import ABOVE_0, BELOW_1, CHOOSING, Progress, Schedule, between


@register("schedule", "plateau")
class Plateau(Schedule):
    """The rate is multiplied by ``factor`` whenever the ``monitor`` has not improved for more than
    ``patience`` epochs (``ReduceLROnPlateau``).

    An improvement must exceed ``threshold``, as a share of the best so far (``rel``) or as it is
    (``abs``). For ``cooldown`` epochs after a cut no epoch counts towards ``patience``; the rate
    never falls below ``min_lr``, and a cut of ``eps`` or less is left out. The score is taken
    after every epoch, whatever ``evaluate_every`` is.

    Raises ValueError unless ``0 < factor < 1``, the others are at least 0, and the monitor is
    ``train_`` or ``validation_`` followed by ``loss`` or a metric.
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
        """Count an epoch as better or not; here a lower score is always better."""
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
    """Return 1 where a lower score is better, -1 where a higher one is; raise ValueError for
    anything that is not a score on the training or the validation set.
    """
    betters = {name: metric.better for name, metric in KINDS["metric"].items()} | {"loss": "lower"}
    part, _, name = score.partition("_")
    if part not in CHOOSING or name not in betters:
        known = ", ".join(f"{part}_{name}" for part in CHOOSING for name in sorted(betters))
        raise ValueError(f"monitor must be one of {known}, got {score!r}")
    return 1 if betters[name] == "lower" else -1
