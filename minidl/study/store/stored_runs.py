"""A store that is open: what stands in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from itertools import groupby
from sys import intern
from typing import Any

from minidl.study.errors import InputError
from minidl.study.run_spec import id_of, what_counts
from minidl.study.store.database import Database
from minidl.study.store.json_forms import MAPPING
from minidl.study.store.looks import Look
from minidl.study.store.preregistration import Preregistration


@dataclass(frozen=True, slots=True)
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


class StoredRuns(Database):
    """The runs of an open store, their curves, weights and snapshots, and what was looked at."""

    def check(self) -> None:
        """Read all there is, before anything is written; raises InputError for what is wrong."""
        super().check()
        for _ in self.each_record():
            pass
        self.environments()

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
            own |= {key: intern(own[key]) for key in ("status", "finished_at")}  # few are different
            if (due := id_of(counts, own["seed"])) != own["id"]:
                raise self.damaged(f"run {own['id']}: its settings and seed are those of run {due}")
            numbers: dict[str, float | None] = {}
            if scored == number:
                numbers = {intern(name): value for _, name, value in scores}
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
        return self.curves_of([run_id]).get(run_id, [])

    def curves_of(self, run_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """Return the curve of each of some runs that has one; a thousand runs at most."""
        marks = ", ".join("?" * len(run_ids))
        some = f"curve.run IN (SELECT number FROM run WHERE id IN ({marks}))"
        return self.curves(some, run_ids)

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
