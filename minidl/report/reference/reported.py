"""A published number: a single run's, or the mean and the deviation of several."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from statistics import fmean, stdev
from typing import Any

import minidl.metrics  # noqa: F401  # registers them, without torch
from minidl.registry import KINDS
from minidl.study.files.complaints import shown, unknown

SCORES = tuple(f"{part}_{n}" for part in ("train", "test") for n in (*KINDS["metric"], "loss"))
TOP = 100  # percent
LARGEST = 1e50  # its fourth power is a number still
PARTS = ("mean", "sd", "runs")
FORMS = "{mean, sd, runs} or a list of runs"


@dataclass(frozen=True)
class Reported:
    """What is published of a score: the ``mean`` of ``runs`` runs and their deviation ``sd``.

    A single run has no deviation. ``values`` are the runs' own numbers, where they are published.
    """

    mean: float
    sd: float | None = None
    runs: int = 1
    values: tuple[float, ...] | None = None


def check_number(score: str, value: Any) -> None:
    """Raise ValueError for what cannot be published of a score."""
    if isinstance(value, dict):
        check_several(score, value)
        value = value["mean"]
    if isinstance(value, list):
        check_each(score, value)
        return
    if type(value) not in (int, float):
        raise ValueError(f"{score} must be a number or {FORMS}, got {shown(value)}")
    if score.endswith("_accuracy") and not 0 <= value <= TOP:  # nor is NaN
        raise ValueError(f"{score} must be from 0 to {TOP}, in percent, got {shown(value)}")
    if not isfinite(value):
        raise ValueError(f"{score} must be finite, got {shown(value)}")
    if abs(value) > LARGEST:
        raise ValueError(f"{score} must be at most {LARGEST:g} in size, got {shown(value)}")


def check_each(score: str, values: list[Any]) -> None:
    """Raise ValueError for runs that are too few, or one whose number cannot be published."""
    if len(values) < 2:
        raise ValueError(f"{score}: a list must hold two runs or more, got {shown(values)}")
    for value in values:
        if isinstance(value, (dict, list)):
            raise ValueError(f"{score} must be a number in each run, got {shown(value)}")
        check_number(score, value)


def check_several(score: str, value: dict[Any, Any]) -> None:
    """Raise ValueError for the mean of several runs without all that a test needs."""
    for key in value:
        if key not in PARTS:
            raise ValueError(unknown(f"key of {score}", key, PARTS))
    if missing := [key for key in PARTS if key not in value]:
        raise ValueError(f"{score} needs mean, sd and runs, got no {missing[0]}")
    sd, runs = value["sd"], value["runs"]
    if type(sd) not in (int, float) or not (sd >= 0 and isfinite(sd)):
        raise ValueError(f"{score}: sd must be at least 0 and finite, got {shown(sd)}")
    if sd > LARGEST:
        raise ValueError(f"{score}: sd must be at most {LARGEST:g}, got {shown(sd)}")
    if type(runs) is not int or not 2 <= runs <= LARGEST:
        raise ValueError(f"{score}: runs must be a whole number from 2 on, got {shown(runs)}")


def reported(value: Any) -> Reported:
    """Return a number of a reference file, which is checked already."""
    if isinstance(value, dict):
        return Reported(float(value["mean"]), float(value["sd"]), value["runs"])
    if isinstance(value, list):
        x = tuple(map(float, value))
        return Reported(fmean(x), stdev(x), len(x), x)
    return Reported(float(value))
