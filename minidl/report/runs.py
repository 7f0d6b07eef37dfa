"""Runs as flat rows, for JSON and CSV."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from minidl.study.grid.expand import expand
from minidl.study.grid.settings import RunSpec
from minidl.study.result import METRICS, RunResult
from minidl.study.store.store import Record, Store


def run_row(run: RunSpec, found: RunResult | Record | None = None) -> dict[str, Any]:
    """Return a run's settings in short and, where there is a result, its numbers.

    Accuracies are in percent. A number that is NaN or infinite, or that a failed run lacks, is
    None.
    """
    settings = run.settings
    row = {
        "id": run.id,
        **{key: label_of(settings[key]) for key in ("activation", "loss", "optimizer")},
        **{axis: plain(run.cell[axis], text) for axis, text in run.labels.items()},
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


def plain(value: Any, text: str) -> Any:
    """Return a setting as it is when it is a single value, and its short text otherwise."""
    return text if isinstance(value, (dict, list)) else value


def finite(number: float | None) -> float | None:
    """Return a number, or None where JSON has no word for it."""
    return number if number is not None and math.isfinite(number) else None


def export(folder: Path, *, curves: bool = False) -> tuple[list[str], Iterator[dict[str, Any]]]:
    """Return the columns and a row for each finished run of a study, or for each evaluation.

    Evaluations, which can be many, are read run by run as the rows are asked for.
    """
    with Store(folder) as store:
        study, records = store.study(), store.records()
    rows = [
        run_row(run, record) | {"finished_at": record.finished_at}
        for run in expand(study, max_runs=10**9)
        if (record := records.get(run.id)) is not None
    ]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    if not curves:
        return columns, iter(rows)
    plain = [column for column in columns if column not in METRICS]
    return [*plain, "epoch", *METRICS], evaluations(folder, rows)


def evaluations(folder: Path, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row for each evaluation of each run."""
    with Store(folder) as store:
        for row in rows:
            plain = {key: value for key, value in row.items() if key not in METRICS}
            yield from (plain | point for point in store.curve(row["id"]))


def everything(store: Store, record: Record) -> dict[str, Any]:
    """Return all that a store knows of a run."""
    environment = store.environments().get(record.environment_id)
    return asdict(record) | {"environment": environment, "curve": store.curve(record.id)}


def flat(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested settings with dotted keys."""
    rows: dict[str, Any] = {}
    for key, value in settings.items():
        nested = isinstance(value, dict)
        rows |= flat(value, f"{prefix}{key}.") if nested else {f"{prefix}{key}": value}
    return rows


def differences(first: Record, second: Record) -> list[tuple[str, Any, Any]]:
    """Return where two runs differ, in settings and in results: key, first value, second value."""
    sides = []
    for record in (first, second):
        numbers = {"seed": record.seed, "status": record.status, "diverged_at": record.diverged_at}
        sides.append(flat(record.settings) | numbers | record.final)
    keys = list(dict.fromkeys([*sides[0], *sides[1]]))
    pairs = [(key, sides[0].get(key), sides[1].get(key)) for key in keys]
    return [pair for pair in pairs if pair[1] != pair[2]]
