"""What a run produced: the contract between training, jobs and store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class RunResult:
    """What a run produced. ``curve`` has a row for each evaluation: epoch and the scores.

    ``status`` is ``done``, ``diverged`` (after epoch ``diverged_at`` a weight was NaN or infinite)
    or ``failed`` (with the error; there are no numbers then).
    ``seconds`` is the run's share of the time that its stack took, ``processor_seconds`` of the
    processor's. ``baseline`` is what the best constant answer to the training set scores in the
    first metric. With early stopping the weights are those after epoch ``best_at``, and training
    ended after epoch ``stopped_at`` unless it went on to the end. ``snapshots`` are its weights
    after earlier epochs, where they were asked for. ``environment``
    says what it was made with, None where it was made here.
    """

    id: str
    status: str
    seconds: float
    curve: list[dict[str, float]] = field(default_factory=list)
    diverged_at: int | None = None
    error: str | None = None
    weights: bytes | None = None
    baseline: float | None = None
    processor_seconds: float | None = None
    best_at: int | None = None
    stopped_at: int | None = None
    environment: dict[str, Any] | None = None
    snapshots: dict[int, bytes] = field(default_factory=dict)

    @property
    def final(self) -> dict[str, float]:
        """The scores of the weights that are kept; empty for a failed run."""
        last = self.curve[self.kept] if self.curve else {}
        return {key: value for key, value in last.items() if key != "epoch"}

    @property
    def kept(self) -> int:
        """Which row of the curve tells of the weights that are kept: the best one, or the last."""
        rows = (i for i, row in enumerate(self.curve) if row["epoch"] == self.best_at)
        return next(rows, -1)


def headline(scores: Iterable[str]) -> str:
    """Return the score that says most about a run: the first metric on new points.

    ``test_accuracy`` of two or more classes, ``test_r2`` of a regression.
    """
    metrics = [name for name in scores if not name.endswith("_loss")]
    return next((name for name in metrics if name.startswith("test_")), metrics[0])
