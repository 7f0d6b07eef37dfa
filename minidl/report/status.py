"""Where a study stands: what is done, what is missing, what failed, and what belongs to no cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from minidl.report.rows import run_row
from minidl.study.execute import METRICS
from minidl.study.grid import describe, expand
from minidl.study.settings import RunSpec
from minidl.study.store import Record, Store


def status(folder: Path) -> dict[str, Any]:
    """Return counts by status, the missing and failed runs, and the ids of left-over runs.

    A left-over run is in the store, but the study as it is now does not have it.
    """
    with Store(folder) as store:
        study, records = store.study(), store.records()
    runs = expand(study, max_runs=10**9)
    own = {run.id for run in runs}
    counts = Counter(records[run.id].status for run in runs if run.id in records)
    missing = [run for run in runs if run.id not in records]
    failed = [run for run in runs if run.id in records and records[run.id].status == "failed"]
    return {
        "name": study.name,
        "runs": len(runs),
        **{state: counts[state] for state in ("done", "diverged", "failed")},
        "missing": len(missing),
        "left_over": sorted(set(records) - own),
        "missing_runs": dict(Counter(describe(run) for run in missing)),
        "failed_runs": [
            {"id": run.id, "run": named(run), "error": records[run.id].error} for run in failed
        ],
    }


def named(run: RunSpec) -> str:
    """Return a run's cell and seed as a text."""
    return f"{describe(run)}, seed {run.seed}"


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
