"""The store: a study, its finished runs, their curves, weights and snapshots of these."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

import minidl.metrics  # noqa: F401  # registers what is known of them
from minidl.registry import KINDS
from minidl.study.errors import InputError
from minidl.study.outline import Outline
from minidl.study.result import RunResult
from minidl.study.run_spec import RunSpec, id_of, settings_text, what_counts
from minidl.study.store.database import Database
from minidl.study.store.json_forms import MAPPING, OUTLINE
from minidl.study.store.looks import Look, enter_look
from minidl.study.store.plan import lay_view, outline_of, read_outline, write_outline
from minidl.study.store.preregistration import Preregistration, enter_preregistration

if TYPE_CHECKING:
    from minidl.study.grid.spec import StudySpec


class UnstorableError(InputError):
    """A run is larger than what a store takes, now or later."""


@dataclass(frozen=True)
class Record:
    """A finished run as the store has it. ``final`` are its scores after the last epoch,
    or, with early stopping, after epoch ``best_at``.

    A number that was NaN or infinite comes back as None; a failed run has no scores.
    """

    id: str
    settings: dict[str, Any]
    seed: int
    status: str
    error: str | None
    diverged_at: int | None
    best_at: int | None
    stopped_at: int | None
    baseline: float | None
    seconds: float
    processor_seconds: float | None
    finished_at: str
    environment_id: int
    final: dict[str, float | None]


COLUMNS = tuple(field.name for field in fields(Record) if field.name != "final")

FINAL_SCORES = (
    "SELECT run, name, value FROM curve JOIN run ON run.number = curve.run "
    "AND epoch = last_epoch JOIN metric ON metric.number = metric ORDER BY run, metric"
)


class Store(Database):
    """An open store: what stands in it, and how runs come in."""

    def check(self) -> None:
        """Read all there is, before anything is written; raises InputError for what is wrong."""
        super().check()
        for _ in self.each_record():
            pass
        self.environments()

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

    def set_outline(self, outline: Outline) -> None:
        """Keep what a reader needs to know of the study, and the view of its runs."""
        with self.explain(), self.connection:
            write_outline(self.connection, outline)
            lay_view(self.connection, outline.axes)

    def records(self) -> dict[str, Record]:
        """Return every run in the store by its id, whether the study still has it or not."""
        return {record.id: record for record in self.each_record()}

    def each_record(self) -> Iterator[Record]:
        """Yield every run in the store; raises InputError at one that cannot be what it says."""
        self.check_curves("epoch = (SELECT last_epoch FROM run WHERE number = curve.run)")
        with (
            closing(self.stream(FINAL_SCORES)) as scores,
            closing(
                self.stream(f"SELECT number, {', '.join(COLUMNS)} FROM run ORDER BY 1")
            ) as rows,
        ):
            yield from self.joined(rows, groupby(scores, lambda row: row[0]))

    def joined(
        self,
        rows: Iterable[tuple[Any, ...]],
        final: Iterator[tuple[int, Iterator[tuple[int, str, float | None]]]],
    ) -> Iterator[Record]:
        """Yield the records of runs with their final scores, both in the order of their numbers."""
        known: dict[str, tuple[dict[str, Any], str]] = {}  # the runs of a cell have the same
        scored, scores = next(final, (None, iter(())))
        for number, *row in rows:
            own = dict(zip(COLUMNS, row, strict=True))
            if (text := own["settings"]) not in known:
                settings = self.decode_settings(text, f"run {own['id']}: settings")
                known[text] = settings, what_counts(settings)
            own["settings"], counts = known[text]
            if (due := id_of(counts, own["seed"])) != own["id"]:
                raise self.damaged(f"run {own['id']}: its settings and seed are those of run {due}")
            numbers: dict[str, float | None] = {}
            if scored == number:
                numbers = {name: value for _, name, value in scores}
                scored, scores = next(final, (None, iter(())))
            yield Record(final=numbers, **own)

    def errors(self) -> dict[str, str | None]:
        """Return the error of every failed run in the store by its id, and None for any other."""
        query = "SELECT id, CASE status WHEN 'failed' THEN coalesce(error, '') END FROM run"
        return dict(self.stream(query))

    def find(self, run_id: str) -> Record:
        """Return the one run whose id begins so; raises InputError for none, or for several."""
        found = [r for key, r in self.records().items() if run_id and key.startswith(run_id)]
        if not found:
            raise InputError(f"{self.path}: no run {run_id!r}; `minidl export` lists their ids")
        if len(found) > 1:
            raise InputError(
                f"{self.path}: {len(found)} runs begin with {run_id!r}; give more of the id"
            )
        return found[0]

    def metrics(self) -> dict[str, str]:
        """Return the names of all scores in the store, with their units, in their order."""
        return {
            row["name"]: row["unit"]
            for row in self.select("SELECT name, unit FROM metric ORDER BY number")
        }

    def better_sides(self) -> dict[str, str]:
        """Return the names of all scores in their order, each with the side that is better."""
        rows = self.select("SELECT name, better FROM metric ORDER BY number")
        return {row["name"]: row["better"] for row in rows}

    def curve(self, run_id: str) -> list[dict[str, Any]]:
        """Return a run's learning curve: rows of epoch and its scores, None for NaN."""
        one = "curve.run = (SELECT number FROM run WHERE id = ?)"
        return self.curves(one, (run_id,)).get(run_id, [])

    def curves(
        self, within: str = "1", values: Sequence[Any] = ()
    ) -> dict[str, list[dict[str, Any]]]:
        """Return the curve of every run that has one, or of those that a condition picks."""
        self.check_curves(within, values)
        query = (
            "SELECT id, epoch, name, value FROM curve JOIN run ON run.number = curve.run JOIN "
            f"metric ON metric.number = metric WHERE {within} ORDER BY run.number, epoch, metric"
        )
        curves: dict[str, list[dict[str, Any]]] = {}
        with self.explain(), closing(self.connection.execute(query, values)) as cursor:
            for run_id, epoch, name, value in cursor:
                curve = curves.setdefault(run_id, [])
                if not curve or curve[-1]["epoch"] != epoch:
                    curve.append({"epoch": epoch})
                curve[-1][name] = value
        return curves

    def weights(self, run_id: str) -> bytes | None:
        """Return a run's weights as the bytes of a safetensors file."""
        rows = self.select("SELECT safetensors FROM weights WHERE run_id = ?", (run_id,))
        return rows[0]["safetensors"] if rows else None

    def snapshots(self, run_id: str) -> dict[int, bytes]:
        """Return a run's weights as they were after earlier epochs, by these, as safetensors."""
        query = "SELECT epoch, safetensors FROM snapshot WHERE run_id = ? ORDER BY epoch"
        return {row["epoch"]: row["safetensors"] for row in self.select(query, (run_id,))}

    def environments(self) -> dict[int, dict[str, Any]]:
        """Return the environments that runs were made in, by their number."""
        rows = self.select("SELECT id, facts FROM environment")
        return {
            row["id"]: self.decode(row["facts"], f"environment {row['id']}", MAPPING)
            for row in rows
        }

    def looks(self) -> list[Look]:
        """Return the looks that were taken, by their numbers of seeds."""
        return [
            Look(**row) for row in self.select("SELECT seeds, planned, at FROM look ORDER BY 1")
        ]

    def take_look(self, seeds: int, planned: int) -> None:
        """Remember that verdicts were asked for; raises InputError where nothing can be written."""
        with self.explain(), self.connection:
            enter_look(self.connection, seeds, planned)

    def preregistration(self) -> Preregistration | None:
        """Return what was planned before the first run, None where nothing was.

        Raises InputError where its digest is that of something else.
        """
        columns = ", ".join(Preregistration._fields)
        for row in self.select(f"SELECT {columns} FROM preregistration"):
            found = Preregistration(**row)
            if not found.is_whole:
                raise self.damaged("the digest of what was planned is that of something else")
            return found
        return None

    def preregister(self, seeds: int) -> Preregistration:
        """Remember the study, its reference and a number of seeds as what is planned."""
        outline = self.outline()
        with self.explain(), self.connection:
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

        Raises UnstorableError when a run is larger than what a store takes.
        """
        try:
            self.add_all(runs, results, environment, components)
        except (sqlite3.DataError, OverflowError) as error:
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
            self.kept([run.id for run in runs])

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
    ) -> None:
        """Insert one run's row, curve and weights, in the transaction of the caller."""
        last = row["best_at"] or (int(curve[-1]["epoch"]) if curve else None)
        row = {**row, "last_epoch": last}
        self.connection.execute("DELETE FROM run WHERE id = ? AND status = 'failed'", (row["id"],))
        cursor = self.connection.execute(
            f"INSERT INTO run ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
            tuple(row.values()),
        )
        numbers = self.metric_numbers(curve[-1] if curve else {})
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

    def metric_numbers(self, names: Iterable[str]) -> dict[str, int]:
        """Return the numbers of some scores; one that is new is entered, and the view widened."""
        known = {name: i for i, name in enumerate(self.metrics(), 1)}
        new = [name for name in names if name != "epoch" and name not in known]
        for name in new:
            unit, better = facts_of(name)
            known[name] = len(known) + 1
            self.connection.execute(
                "INSERT INTO metric VALUES (?, ?, ?, ?)", (known[name], name, unit, better)
            )
        if new:
            lay_view(self.connection, self.axes())
        return known

    def axes(self) -> list[str]:
        """Return the axes of the study, none where there is no study yet."""
        rows = self.select("SELECT outline FROM study WHERE outline IS NOT NULL")
        if not rows:
            return []
        return self.decode(rows[0]["outline"], "the study's outline", OUTLINE)["axes"]


def facts_of(name: str) -> tuple[str, str]:
    """Return the unit of a score, and which side of it is better."""
    metric = KINDS["metric"].get(name.partition("_")[2])
    return ("", "lower") if metric is None else (metric.unit, metric.better)


def number_or_none(value: float | None) -> float | None:
    """Return a number, None for what is missing, NaN or infinite: JSON knows neither."""
    return value if value is not None and math.isfinite(value) else None
