"""Early stopping: each replica of a stack ends at its own best, and none disturbs another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from minidl.metrics import Metric, name_of
from minidl.module import Module
from minidl.registry import KINDS


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when a score has not improved for ``patience`` evaluations; keep the best weights.

    ``monitor`` names a score on the training or the validation set. An evaluation improves it when
    it is better than the best so far by more than ``min_delta``, as in Keras and Lightning.

    Raises ValueError when ``patience`` is not at least 1 or ``min_delta`` not at least 0, and when
    the monitor is a score on the test set, which must choose nothing.
    """

    monitor: str = "validation_loss"
    patience: int = 10
    min_delta: float = 0.0

    def __post_init__(self) -> None:
        if self.monitor.startswith("test_"):
            raise ValueError(f"monitor must not be {self.monitor!r}: the test set chooses nothing")
        if self.patience < 1:
            raise ValueError(f"patience must be at least 1, got {self.patience}")
        if not self.min_delta >= 0:
            raise ValueError(f"min_delta must be at least 0, got {self.min_delta}")

    def sign(self, metrics: Sequence[Metric] = ()) -> int:
        """Return 1 where a lower score is better, -1 where a higher one is.

        ``metrics`` are those that are recorded: they need not be registered.
        """
        name = self.monitor.partition("_")[2]
        recorded = {name_of(metric): metric for metric in metrics}
        metric = recorded.get(name) or KINDS["metric"].get(name)
        return -1 if metric is not None and metric.better == "higher" else 1


class Best:
    """Each replica at its best: its weights, its scores and the epoch.

    ``best_at`` and ``stopped_at`` are ``(*stack,)``; ``stopped_at`` is 0 where training goes on.
    A replica that has stopped is still trained with the others, but its results no longer count.
    """

    def __init__(self, rule: EarlyStopping, model: Module, metrics: Sequence[Metric] = ()):
        self.rule, self.param, self.sign = rule, model.param(), rule.sign(metrics)
        first = self.param[0][0]
        zeros = torch.zeros(first.shape[:-2], dtype=torch.int64)
        self.best_at, self.stopped_at, self.waited = zeros, zeros, zeros
        self.best = torch.full(zeros.shape, math.inf, dtype=torch.float64)
        self.weights = [value.clone() for value, _ in self.param]
        self.scores: dict[str, Tensor] = {}

    def see(self, epoch: int, curves: dict[str, list[Tensor]]) -> None:
        """Take in an evaluation, the last one of ``curves``.

        In it, the scores of a replica that has stopped are replaced by those that it had at its
        best. Raises ValueError when the monitored score is not recorded.
        """
        if self.rule.monitor not in curves:
            raise ValueError(f"no score {self.rule.monitor!r}; recorded: {', '.join(curves)}")
        running, score = self.stopped_at == 0, self.sign * curves[self.rule.monitor][-1]
        improved = (score < self.best - self.rule.min_delta) | (self.best_at == 0)
        better = running & improved
        self.best = torch.where(better & score.isfinite(), score, self.best)
        self.best_at = torch.where(better, epoch, self.best_at)
        self.waited = torch.where(better, 0, self.waited + 1)
        self.stopped_at = torch.where(
            running & (self.waited >= self.rule.patience), epoch, self.stopped_at
        )
        for name, values in curves.items():
            old, now = self.scores.get(name, values[-1]), values[-1]
            self.scores[name] = torch.where(better, now, old)
            values[-1] = torch.where(running, now, old)
        for kept, (value, _) in zip(self.weights, self.param, strict=True):
            kept.copy_(torch.where(better[..., None, None], value, kept))

    def all_stopped(self) -> bool:
        """Whether every replica has stopped."""
        return bool((self.stopped_at > 0).all())

    def put_back(self) -> None:
        """Give every replica its best weights."""
        for kept, (value, _) in zip(self.weights, self.param, strict=True):
            value.copy_(kept)
