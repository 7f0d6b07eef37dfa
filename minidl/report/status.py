"""Where a study stands: what is done, what is missing, what failed, and what belongs to no cell."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from minidl.report.results import read_results
from minidl.study.run_spec import RunSpec, describe
from minidl.study.store.store import Store


def status(folder: Path) -> dict[str, Any]:
    """Return counts by status, the missing and failed runs, and the ids of left-over runs.

    A left-over run is in the store, but the study as it is now does not have it.
    """
    results = read_results(folder)
    with Store(folder) as store:
        records = store.records()
    study, runs = results.study, results.study.runs
    own = {run.id for run in runs}
    counts = Counter(records[run.id].status for run in runs if run.id in records)
    missing = [run for run in runs if run.id not in records]
    failed = [run for run in runs if run.id in records and records[run.id].status == "failed"]
    return {
        "name": study.name,
        "runs": len(runs),
        **{state: counts[state] for state in ("done", "diverged", "failed")},
        "missing": len(missing),
        "mixed": len(results.mixed),
        "left_over": sorted(set(records) - own),
        "missing_runs": dict(Counter(describe(run) for run in missing)),
        "failed_runs": [
            {"id": run.id, "run": named(run), "error": records[run.id].error} for run in failed
        ],
    }


def named(run: RunSpec) -> str:
    """Return a run's cell and seed as a text."""
    return f"{describe(run)}, seed {run.seed}"
