"""Runs as flat rows, for JSON and CSV."""

from __future__ import annotations

import math
from typing import Any

from minidl.study.execute import METRICS, RunResult
from minidl.study.settings import RunSpec, label
from minidl.study.store import Record


def run_row(run: RunSpec, found: RunResult | Record | None = None) -> dict[str, Any]:
    """Return a run's settings in short and, where there is a result, its numbers.

    Accuracies are in percent. A number that is NaN or infinite, or that a failed run lacks, is
    None.
    """
    settings = run.settings
    row = {
        "id": run.id,
        **{key: label_of(settings[key]) for key in ("activation", "loss", "optimizer")},
        **{axis: plain(value) for axis, value in run.cell.items()},
        "seed": run.seed,
        "epochs": settings["epochs"],
    }
    if found is None:
        return row
    return row | {
        "status": found.status,
        **{metric: finite(found.final.get(metric)) for metric in METRICS},
        "diverged": found.status == "diverged",
        "diverged_at": found.diverged_at,
        "seconds": found.seconds,
        **({"error": found.error} if found.error else {}),
    }


def label_of(component: dict[str, Any]) -> str:
    """Return a component's name."""
    return component["name"]


def plain(value: Any) -> Any:
    """Return a setting as it is when it is a single value, and as a short text otherwise."""
    return label(value) if isinstance(value, (dict, list)) else value


def finite(number: float | None) -> float | None:
    """Return a number, or None where JSON has no word for it."""
    return number if number is not None and math.isfinite(number) else None
