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
    first metric. ``environment`` says what it was made with, None where it was made here.
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
    environment: dict[str, Any] | None = None

    @property
    def final(self) -> dict[str, float]:
        """The scores after the last epoch; empty for a failed run."""
        last = self.curve[-1] if self.curve else {}
        return {key: value for key, value in last.items() if key != "epoch"}


def headline(scores: Iterable[str]) -> str:
    """Return the score that says most about a run: the first metric on new points.

    ``test_accuracy`` of two or more classes, ``test_r2`` of a regression.
    """
    metrics = [name for name in scores if not name.endswith("_loss")]
    return next((name for name in metrics if name.startswith("test_")), metrics[0])
