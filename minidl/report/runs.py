"""Runs as flat rows, for JSON and CSV."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from minidl.report.measures.scores import SCORES
from minidl.study.errors import InputError
from minidl.study.files.complaints import unknown
from minidl.study.length import epochs
from minidl.study.result import RunResult
from minidl.study.run_spec import RunSpec, label
from minidl.study.store.store import Store
from minidl.study.store.stored_runs import Record

AT_ONCE = 200  # runs whose curves are read together


def run_row(
    run: RunSpec, found: RunResult | Record | None = None, scores: Sequence[str] = ()
) -> dict[str, Any]:
    """Return a run's settings in short and, where there is a result, its numbers.

    ``scores`` are the columns of numbers; accuracies are in percent. A number that is NaN or
    infinite, or that a run lacks, is None.
    """
    settings = run.settings
    row = {
        "id": run.id,
        **{key: settings[key]["name"] for key in ("activation", "loss", "optimizer")},
        **({"activation": None} if settings["model"].get("layers") else {}),
        **{axis: plain(run.cell[axis], text) for axis, text in run.labels.items()},
        "seed": run.seed,
        "epochs": epochs(settings),
    }
    if found is None:
        return row
    return row | {
        "status": found.status,
        **{name: finite(found.final.get(name)) for name in scores or found.final},
        "diverged": found.status == "diverged",
        "diverged_at": found.diverged_at,
        **(
            {"best_at": found.best_at, "stopped_at": found.stopped_at}
            if settings.get("early_stopping")
            else {}
        ),
        "seconds": found.seconds,
        **({} if (own := found.processor_seconds) is None else {"processor_seconds": own}),
        **({"error": found.error} if found.error else {}),
    }


def every_score(found: Iterable[str]) -> list[str]:
    """Return the scores that were found and all others of training and test set: what a row has
    for any task, None where a score does not fit it.
    """
    others = (name for name in SCORES if not name.startswith("validation_"))
    return list(dict.fromkeys([*found, *others]))


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
        study, records, scores = store.outline(), store.records(), list(store.metrics())
    rows = [
        run_row(run, record, scores) | {"finished_at": record.finished_at}
        for run in study.runs
        if (record := records.get(run.id)) is not None
    ]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    if not curves:
        return columns, iter(rows)
    plain = [column for column in columns if column not in scores]
    return [*plain, "epoch", *scores], evaluations(folder, rows, scores)


def evaluations(
    folder: Path, rows: Sequence[dict[str, Any]], scores: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield a row for each evaluation of each run."""
    with Store(folder) as store:
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            curves = store.curves_of([row["id"] for row in some])
            for row in some:
                plain = {key: value for key, value in row.items() if key not in scores}
                yield from (plain | point for point in curves.get(row["id"], []))


def everything(store: Store, record: Record) -> dict[str, Any]:
    """Return all that a store knows of a run."""
    environment = store.environments().get(record.environment_id)
    facts = {key: value for key, value in asdict(record).items() if key != "final"}
    return {**facts, **record.final, "environment": environment, "curve": store.curve(record.id)}


def flat(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested settings with dotted keys."""
    rows: dict[str, Any] = {}
    for key, value in settings.items():
        nested = isinstance(value, dict)
        rows |= flat(value, f"{prefix}{key}.") if nested else {f"{prefix}{key}": value}
    return rows


def differences(first: Record, second: Record) -> list[tuple[str, Any, Any]]:
    """Return where two runs differ, in settings and then in results: key, first value, second."""
    records = (first, second)
    numbers = [{key: getattr(r, key) for key in ("seed", "status", "diverged_at")} for r in records]
    parts = [[flat(r.settings) for r in records], numbers, [r.final for r in records]]
    pairs = [
        (key, one.get(key), two.get(key))
        for one, two in parts
        for key in dict.fromkeys([*one, *two])
    ]
    return [pair for pair in pairs if pair[1] != pair[2]]


def told(value: Any) -> str:
    """Return a setting or a result as a reader wants it: rounded, in the words of YAML."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.4g}"
    return label(value)


def told_settings(settings: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the settings that differ from their defaults, and the others, as texts; without those
    that are not set.
    """
    from minidl.study.grid.defaults import differs

    rows = {key: value for key, value in flat(settings).items() if value is not None}
    own = {key for key, value in rows.items() if differs(settings, key, value)}
    parts: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for key, value in rows.items():
        parts[key not in own][key.removesuffix(".name")] = told(value)
    return parts


def table_of(
    rows: Sequence[dict[str, Any]], sort: str | None, limit: int | None
) -> list[dict[str, Any]]:
    """Return rows sorted by a column, downwards after a minus, and only the first of them.

    Rows without a value come last. Raises InputError for a column that there is not.
    """
    if sort and rows:
        column = sort.removeprefix("-")
        known = dict.fromkeys(key for row in rows for key in row)  # includes may add keys
        if column not in known:
            raise InputError(f"--sort: {unknown('column', column, known)}")
        there = [row for row in rows if row.get(column) is not None]
        texts = any(isinstance(row[column], str) for row in there)
        there.sort(
            key=lambda row: str(row[column]) if texts else row[column], reverse=sort[0] == "-"
        )
        rows = [*there, *(row for row in rows if row.get(column) is None)]
    return list(rows[:limit])
