"""Where a study stands: what is done, what is missing, what failed, and what belongs to no cell.

There may be a million runs: of each no more is kept at hand than its id and what became of it.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from minidl.report.results import numerical_part
from minidl.study.outline import Outline
from minidl.study.run_spec import RunSpec, describe
from minidl.study.store.lock import writer
from minidl.study.store.store import Store


def status(folder: Path) -> dict[str, Any]:
    """Return counts by status, the missing and failed runs, the ids of left-over runs, and who
    trains now.

    A left-over run is in the store, but the study as it is now does not have it.
    """
    with Store(folder) as store:
        study, environments = store.outline(), store.environments()
        found = {
            record.id: (record.status, record.environment_id) for record in store.each_record()
        }
        errors = {run_id: error for run_id, error in store.errors().items() if error is not None}
    own = {run.id for run in study.runs}
    counts = Counter(found[run.id][0] for run in study.runs if run.id in found)
    missing = [run for run in study.runs if run.id not in found]
    failed = [run for run in study.runs if run.id in errors]
    numerical = {number: numerical_part(facts) for number, facts in environments.items()}
    made_in = {
        i: numerical.get(number) for i, (state, number) in found.items() if state != "failed"
    }
    return {
        "name": study.name,
        "runs": len(study.runs),
        **{state: counts[state] for state in ("done", "diverged", "failed")},
        "missing": len(missing),
        "mixed": mixed(study, made_in),
        "training": writer(folder),
        "left_over": sorted(set(found) - own),
        "missing_runs": dict(Counter(describe(run) for run in missing)),
        "failed_runs": [
            {"id": run.id, "run": named(run), "error": errors[run.id]} for run in failed
        ],
    }


def mixed(study: Outline, made_in: dict[str, Any]) -> int:
    """Return how many cells have runs that were made in more than one numerical environment."""
    each = ({made_in[run.id] for run in cell if run.id in made_in} for cell in study.cells())
    return sum(len(environments) > 1 for environments in each)


def named(run: RunSpec) -> str:
    """Return a run's cell and seed as a text."""
    return f"{describe(run)}, seed {run.seed}"
