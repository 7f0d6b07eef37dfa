"""From schedules to the rates of an optimizer, epoch by epoch."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from minidl.optimizers import Optimizer
from minidl.schedules.fixed import Constant
from minidl.schedules.schedule import CHOOSING, Progress, Schedule


class Rates:
    """An optimizer's rates over the epochs, by one schedule for all replicas or one for each.

    Without a schedule, or with constant ones only, the optimizer's rate is never touched. Raises
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
        """Take the scores ``(*stack,)`` after an epoch; raises ValueError when a monitored score is
        missing.
        """
        for monitor in self.monitors:
            if monitor not in scores:
                raise ValueError(f"no score {monitor!r}; recorded: {', '.join(scores)}")
        columns = {name: value.flatten().tolist() for name, value in scores.items()}
        self.scores = [
            {name: column[i] for name, column in columns.items()}
            for i in range(len(self.schedules))
        ]
