"""All runs and cells, as plain data, and how they were made."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable
from shlex import quote
from typing import Any

from minidl.metrics import metric_called
from minidl.report.measures import MEASURES
from minidl.report.results import Results
from minidl.report.runs import finite, flat
from minidl.report.spelling import spelled_for
from minidl.report.words import counted
from minidl.study.grid.matching import frozen
from minidl.study.store.stored_runs import Record

COMMAND = "minidl run --grid study.yaml --out again"


def cells_data(results: Results) -> list[dict[str, Any]]:
    """Return each cell's labels and settings, and the words that choose it from its study.

    Its ``place`` has a number for its value on each axis, the same for the same value.
    """
    seen: dict[Hashable, int] = {}
    return [
        {
            "labels": {axis: spelled_for(axis, own) for axis, own in cell.labels.items()},
            "place": {
                axis: seen.setdefault(frozen(value), len(seen))
                for axis, value in cell.runs[0].place.items()
            },
            "settings": flat(cell.runs[0].settings),
            "only": " ".join(f"--only {quote(only(key, v))}" for key, v in cell.values.items()),
        }
        for cell in results.cells
    ]


def only(key: str, value: Any) -> str:
    """Return what ``--only`` is told of a level."""
    return f"{key}={value if isinstance(value, str) else json.dumps(value)}"


def runs_data(results: Results, records: dict[str, Record]) -> list[dict[str, Any]]:
    """Return every run that the study plans, with its numbers where it has any."""
    return [
        run_data(number, run.id, run.seed, records.get(run.id), results.scores)
        for number, cell in enumerate(results.cells)
        for run in cell.runs
    ]


def run_data(
    cell: int, run_id: str, seed: int, record: Record | None, scores: list[str]
) -> dict[str, Any]:
    """Return a run as plain data; what is not known is left out."""
    facts: dict[str, Any] = {"cell": cell, "id": run_id, "seed": seed, "status": "missing"}
    if record is None:
        return facts
    facts |= {"status": record.status, "seconds": round(record.seconds, 3)}
    facts |= {"made": record.environment_id, "finished": record.finished_at}
    facts["scores"] = [finite(record.final.get(score)) for score in scores]
    told = {"diverged_at": record.diverged_at, "error": record.error}
    return facts | {key: value for key, value in told.items() if value is not None}


def scores_data(results: Results) -> list[dict[str, Any]]:
    """Return what the page needs to know of each score."""
    return [
        {
            "name": score,
            "title": MEASURES[score].title,
            "digits": MEASURES[score].places,
            "better": MEASURES[score].better,
            "difference": {"digits": MEASURES[score].digits, "unit": MEASURES[score].unit},
            "unit": unit_of(score),
            "accuracy": score.endswith("_accuracy")
            and unit_of(score) == "%",  # its error: 100 − it
        }
        for score in results.scores
    ]


def unit_of(score: str) -> str:
    """Return the unit of a score's values, empty for none: a loss, or a metric without one."""
    name = score.partition("_")[2]
    return "" if name == "loss" else metric_called(name).unit


def state_text(results: Results, records: dict[str, Record]) -> str:
    """Return where the study stands, in a sentence."""
    runs = results.study.runs
    counts = Counter(records[run.id].status if run.id in records else "missing" for run in runs)
    parts = [f"{counts[s]} {s}" for s in ("diverged", "failed", "missing") if counts[s]]
    done = counts["done"] + counts["diverged"]
    told = f" ({', '.join(parts)})" if parts else ""
    text = f"{done:,} of {counted(len(runs), 'run')} are there{told}."
    return text if counts["missing"] else text.replace("are there", "have ended")


def made_block(
    results: Results, records: dict[str, Record], environments: dict[int, dict[str, Any]]
) -> dict[str, Any]:
    """Return how the runs were made: grid file, environments, time, the command."""
    own = [records[run.id] for run in results.study.runs if run.id in records]
    used = Counter(record.environment_id for record in own)
    return {
        "command": COMMAND,
        "yaml": results.study.yaml,
        "environments": [
            {"runs": count, "facts": {key: told(value) for key, value in environments[i].items()}}
            for i, count in used.most_common()
            if i in environments
        ],
        "seconds": sum(record.seconds for record in own),
        "first": moment(min((record.finished_at for record in own), default=None)),
        "last": moment(max((record.finished_at for record in own), default=None)),
    }


def moment(time: str | None) -> str | None:
    """Return a time as a person writes it; a store may say anything."""
    return time and time.replace("T", " at ").replace("+00:00", " UTC")


def told(fact: Any) -> str:
    """Return a fact about an environment as a text."""
    return "–" if fact is None else str(fact)
