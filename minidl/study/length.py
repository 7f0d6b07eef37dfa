"""How long a run trains, in epochs and in updates, as its settings say it."""

from __future__ import annotations

import math
from typing import Any


def training_points(settings: dict[str, Any]) -> int:
    """Return how many points a run trains on."""
    n = settings["data"]["train"]
    return n - held_out(n, settings.get("validation"))


def held_out(n: int, validation: float | None) -> int:
    """Return how many of n points are kept for validation: a share of them, or a count."""
    if validation is None:
        return 0
    return validation if isinstance(validation, int) else round(n * validation)


def updates_per_epoch(settings: dict[str, Any]) -> int:
    """Return how many training steps an epoch of a run has."""
    return math.ceil(training_points(settings) / settings["batch_size"])


def updates(settings: dict[str, Any]) -> int:
    """Return how many training steps a run has in all."""
    given = settings.get("updates")
    return given or settings["epochs"] * updates_per_epoch(settings)


def epochs(settings: dict[str, Any]) -> int:
    """Return how many epochs a run has, the last one cut short where ``updates`` say so."""
    return settings["epochs"] or math.ceil(settings["updates"] / updates_per_epoch(settings))
