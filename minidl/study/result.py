"""What a run produced: the contract between training, jobs and store."""

from __future__ import annotations

from dataclasses import dataclass, field

METRICS = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")


@dataclass
class RunResult:
    """What a run produced. ``curve`` has a row for each evaluation: epoch and the four metrics.

    ``status`` is ``done``, ``diverged`` (after epoch ``diverged_at`` a weight was NaN or infinite)
    or ``failed`` (with the error; there are no numbers then).
    """

    id: str
    status: str
    seconds: float
    curve: list[dict[str, float]] = field(default_factory=list)
    diverged_at: int | None = None
    error: str | None = None
    weights: bytes | None = None

    @property
    def final(self) -> dict[str, float]:
        """The metrics after the last epoch; empty for a failed run."""
        return {key: self.curve[-1][key] for key in METRICS} if self.curve else {}
