"""The store: a study, and how its finished runs come in, with curves, weights and snapshots."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import minidl.metrics  # noqa: F401  # registers what is known of them
from minidl.registry import KINDS
from minidl.study.errors import InputError
from minidl.study.outline import Outline
from minidl.study.result import RunResult
from minidl.study.run_spec import RunSpec, settings_text
from minidl.study.store.cell_checks import first_misfit, misfit
from minidl.study.store.looks import enter_look
from minidl.study.store.plan import lay_view, outline_of, read_outline, write_outline
from minidl.study.store.preregistration import Preregistration, enter_preregistration
from minidl.study.store.stored_runs import StoredRuns

if TYPE_CHECKING:
    from minidl.study.grid.spec import StudySpec


class UnstorableError(InputError):
    """A run is larger than what a store takes, or has a value that none takes, now or later."""


# Where a run brings values: a table, its column that names the run, and the run's that it names.
BROUGHT = (
    ("run", "id", "id"),
    ("curve", "run", "number"),
    ("environment", "id", "environment_id"),
)

# The name of a score -> its unit, and which side of it is better.
Facts = Callable[[str], tuple[str, str]]


def facts_of(name: str) -> tuple[str, str]:
    """Return the unit of a score, and which side of it is better."""
    metric = KINDS["metric"].get(name.partition("_")[2])
    return ("", "lower") if metric is None else (metric.unit, metric.better)


class Store(StoredRuns):
    """An open store: its study, what stands in it, and how runs come in."""

    def outline(self) -> Outline:
        """Return the study that the store was last run with.

        A store that an older minidl wrote does not hold its cells yet: then the grid is expanded,
        which needs its components, once. Raises InputError when there is no study.
        """
        with self.snapshot():
            rows = self.select("SELECT yaml, outline, reference FROM study")
            if not rows:
                raise InputError(f"{self.path}: holds no study yet")
            if rows[0]["outline"] is not None:
                return read_outline(rows[0], self)
        outline = self.expanded(rows[0]["yaml"])
        with suppress(InputError):  # a store that cannot be written is expanded each time
            self.set_outline(outline)
        return outline

    def expanded(self, text: str) -> Outline:
        """Return the outline of a study from its text."""
        from minidl.study.grid.expand import expand
        from minidl.study.grid.load import parse_study
        from minidl.study.grid.named_files import only_reading

        study = parse_study(text, str(self.path))
        with only_reading():
            return outline_of(study, expand(study))

    def set_study(self, study: StudySpec) -> None:
        """Replace the study; the runs that are finished stay."""
        from minidl.study.grid.expand import expand

        self.set_outline(outline_of(study, expand(study, max_runs=10**9)))

    @contextmanager
    def writing(self, *tables: str) -> Iterator[None]:
        """Write into tables in one transaction.

        Raises InputError, and writes nothing, where whoever opens the store would call it damage.
        """
        with self.explain(), self.connection:
            yield
            if wrong := misfit(self.connection, tables):
                raise InputError(f"{self.path}: cannot hold this: {wrong}")

    def set_outline(self, outline: Outline) -> None:
        """Keep what a reader needs to know of the study, and the view of its runs.

        Raises InputError when it breaks the rules of a store, which then stays as it was.
        """
        # The seeds and ids of the planned runs are right by their making.
        with self.writing("study", "cell", "level"):
            write_outline(self.connection, outline)
            lay_view(self.connection)

    def take_look(self, seeds: int, planned: int) -> None:
        """Remember that verdicts were asked for; raises InputError where nothing can be written."""
        with self.writing("look"):
            enter_look(self.connection, seeds, planned)

    def preregister(self, seeds: int) -> Preregistration:
        """Remember the study, its reference and a number of seeds as what is planned."""
        outline = self.outline()
        with self.writing("preregistration"):
            return enter_preregistration(
                self.connection, seeds, outline.yaml, outline.reference_text or ""
            )

    def add(
        self,
        runs: Iterable[RunSpec],
        results: Iterable[RunResult],
        environment: dict[str, Any],
        components: Callable[[dict[str, Any]], dict[str, str]] = lambda _: {},
    ) -> None:
        """Write finished runs with their curves and weights: all of them, or none.

        ``components`` says of a run's settings which versions of whose files they computed with.
        A failed run is replaced by its later result; any other run is there once.

        Raises UnstorableError when a run is larger than what a store takes, or breaks its rules.
        """
        try:
            self.add_all(runs, results, environment, components)
        except (sqlite3.DataError, OverflowError, UnicodeError) as error:
            raise UnstorableError(str(error)) from None
        except sqlite3.Error:
            with self.explain():
                raise

    def add_all(
        self,
        runs: Iterable[RunSpec],
        results: Iterable[RunResult],
        environment: dict[str, Any],
        components: Callable[[dict[str, Any]], dict[str, str]],
    ) -> None:
        """Write finished runs in one transaction; raises what SQLite raises."""
        finished_at = datetime.now(UTC).isoformat(timespec="seconds")
        with self.connection:
            runs = list(runs)
            for run, result in zip(runs, results, strict=True):
                own = components(run.settings)
                made_with = result.environment or environment
                number = self.environment_id(made_with | ({"components": own} if own else {}))
                row = {
                    "id": run.id,
                    "settings": settings_text(run),
                    "seed": run.seed,
                    "status": result.status,
                    "error": result.error,
                    "diverged_at": result.diverged_at,
                    "best_at": result.best_at,
                    "stopped_at": result.stopped_at,
                    "baseline": result.baseline,
                    "seconds": result.seconds,
                    "processor_seconds": result.processor_seconds,
                    "finished_at": finished_at,
                    "environment_id": number,
                }
                self.insert(row, result.curve, result.weights, result.snapshots)
            self.refuse_misfits(self.kept([run.id for run in runs]))

    def refuse_misfits(self, ids: Sequence[str]) -> None:
        """Raise UnstorableError for a run that would be damage to whoever reads the store again."""
        these = f"(SELECT {{}} FROM run WHERE id IN ({', '.join('?' * len(ids))}))"
        brought = ((table, f"{key} IN {these.format(ours)}", ids) for table, key, ours in BROUGHT)
        for table, within, values in (("metric", "1", ()), *brought):
            if wrong := first_misfit(self.connection, table, within, values):
                raise UnstorableError(wrong)

    def kept(self, ids: Sequence[str]) -> list[str]:
        """Return some ids; raises InputError when a run of one of them is not in the store."""
        for run_id in ids:  # each by the index: there may be a million others
            if not self.select("SELECT id FROM run WHERE id = ?", (run_id,)):
                raise InputError(f"{self.path}: does not keep what is written: run {run_id}")
        return list(ids)

    def environment_id(self, facts: dict[str, Any]) -> int:
        """Return the number of an environment, entering it when it is new."""
        text = json.dumps(facts, sort_keys=True)
        self.connection.execute("INSERT OR IGNORE INTO environment (facts) VALUES (?)", (text,))
        query = "SELECT id FROM environment WHERE facts = ?"
        return self.connection.execute(query, (text,)).fetchone()[0]

    def insert(
        self,
        row: dict[str, Any],
        curve: Sequence[dict[str, Any]],
        weights: bytes | None,
        snapshots: Mapping[int, bytes],
        facts: Facts = facts_of,
    ) -> None:
        """Insert one run's row, curve and weights, in the transaction of the caller.

        ``facts`` says of a score that is new to the store its unit and which side is better.
        """
        last = row["best_at"] or (int(curve[-1]["epoch"]) if curve else None)
        row = {**row, "last_epoch": last}
        self.connection.execute("DELETE FROM run WHERE id = ? AND status = 'failed'", (row["id"],))
        cursor = self.connection.execute(
            f"INSERT INTO run ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
            tuple(row.values()),
        )
        numbers = self.metric_numbers(curve[-1] if curve else {}, facts)
        self.connection.executemany(
            "INSERT INTO curve VALUES (?, ?, ?, ?)",
            [
                (cursor.lastrowid, numbers[name], int(point["epoch"]), number_or_none(value))
                for point in curve
                for name, value in point.items()
                if name != "epoch"
            ],
        )
        if weights is not None:
            self.connection.execute("INSERT INTO weights VALUES (?, ?)", (row["id"], weights))
        self.insert_snapshots(row["id"], snapshots)

    def insert_snapshots(self, run_id: str, snapshots: Mapping[int, bytes]) -> None:
        """Insert a run's weights of earlier epochs, in the transaction of the caller."""
        rows = [(run_id, epoch, taken) for epoch, taken in snapshots.items()]
        self.connection.executemany("INSERT INTO snapshot VALUES (?, ?, ?)", rows)

    def metric_numbers(self, names: Iterable[str], facts: Facts) -> dict[str, int]:
        """Return the numbers of some scores; one that is new is entered, and the view widened."""
        known = {row["name"]: row["number"] for row in self.select("SELECT * FROM metric")}
        new = [name for name in names if name != "epoch" and name not in known]
        for name in new:
            unit, better = facts(name)
            known[name] = max(known.values(), default=0) + 1
            self.connection.execute(
                "INSERT INTO metric VALUES (?, ?, ?, ?)", (known[name], name, unit, better)
            )
        if new:
            lay_view(self.connection)
        return known


def number_or_none(value: float | None) -> float | None:
    """Return a number, None for what is missing, NaN or infinite: JSON knows neither."""
    return value if value is not None and math.isfinite(value) else None
