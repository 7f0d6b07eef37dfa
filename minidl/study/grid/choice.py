"""What may choose something: the validation set, and the score that early stopping watches."""

from __future__ import annotations

from typing import Any

from minidl.metrics import fitting
from minidl.study.files.complaints import unknown
from minidl.study.length import held_out


def wrong_choice(settings: dict[str, Any], task: str) -> tuple[str, str] | None:
    """Return what is wrong with the validation set, or with what early stopping watches."""
    n = settings["data"]["train"]
    if settings["validation"] is not None and not 0 < held_out(n, settings["validation"]) < n:
        return "validation", (
            f"validation of {settings['validation']} takes "
            f"{held_out(n, settings['validation']):,} of {n:,} training points; some must be left "
            "on both sides"
        )
    if settings["early_stopping"] is None:
        return None
    monitor, known = monitor_of(settings), choosing(settings, task)
    if monitor.startswith("test_"):
        text = f"must not be {monitor!r}: the test set chooses nothing; known: {', '.join(known)}"
        return "early_stopping.monitor", f"early_stopping.monitor {text}"
    if monitor not in known:
        return "early_stopping.monitor", unknown("early_stopping.monitor", monitor, known)
    return None


def monitor_of(settings: dict[str, Any]) -> str:
    """Return the score that early stopping watches."""
    default = "train_loss" if settings["validation"] is None else "validation_loss"
    return settings["early_stopping"]["monitor"] or default


def choosing(settings: dict[str, Any], task: str) -> list[str]:
    """Return the scores that may choose something: all but those on the test set."""
    parts = ("train",) if settings["validation"] is None else ("train", "validation")
    return [f"{part}_{name}" for part in parts for name in ("loss", *fitting(task))]
