"""The store: a study, its finished runs, their curves and their weights."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from minidl.study.errors import InputError
from minidl.study.grid.load import parse_study
from minidl.study.grid.settings import RunSpec
from minidl.study.grid.spec import StudySpec
from minidl.study.result import METRICS, RunResult
from minidl.study.store.database import StoreFile


@dataclass(frozen=True)
class Record:
    """A finished run as the store has it. A number that was NaN or infinite comes back as None."""

    id: str
    settings: dict[str, Any]
    seed: int
    status: str
    error: str | None
    diverged_at: int | None
    train_loss: float | None
    train_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None
    seconds: float
    finished_at: str
    environment_id: int

    @property
    def final(self) -> dict[str, float | None]:
        """The metrics after the last epoch."""
        return {metric: getattr(self, metric) for metric in METRICS}


class Store(StoreFile):
    """An open store: what stands in it, and how runs come in."""

    def study(self) -> StudySpec:
        """Return the study that the store was last run with."""
        rows = self.select("SELECT yaml FROM study")
        if not rows:
            raise InputError(f"{self.path}: holds no study yet")
        return parse_study(rows[0]["yaml"], str(self.path))

    def set_study(self, study: StudySpec) -> None:
        """Replace the study; the runs stay."""
        with self.explain(), self.connection:
            self.connection.execute(
                "INSERT OR REPLACE INTO study (id, yaml) VALUES (1, ?)", (study.to_yaml(),)
            )

    def records(self) -> dict[str, Record]:
        """Return every run in the store by its id, whether the study still has it or not."""
        rows = self.select("SELECT * FROM run")
        return {
            row["id"]: Record(**{**row, "settings": self.decode(row["settings"])}) for row in rows
        }

    def curve(self, run_id: str) -> list[dict[str, Any]]:
        """Return a run's learning curve: rows of epoch and the four metrics, None for NaN."""
        columns = ", ".join(("epoch", *METRICS))
        return self.select(
            f"SELECT {columns} FROM curve WHERE run_id = ? ORDER BY epoch", (run_id,)
        )

    def curves(self) -> dict[str, list[dict[str, Any]]]:
        """Return the learning curve of every run that has one."""
        curves: dict[str, list[dict[str, Any]]] = {}
        for row in self.select("SELECT * FROM curve ORDER BY run_id, epoch"):
            curves.setdefault(row.pop("run_id"), []).append(row)
        return curves

    def weights(self, run_id: str) -> bytes | None:
        """Return a run's weights as the bytes of a safetensors file."""
        rows = self.select("SELECT safetensors FROM weights WHERE run_id = ?", (run_id,))
        return rows[0]["safetensors"] if rows else None

    def environments(self) -> dict[int, dict[str, Any]]:
        """Return the environments that runs were made in, by their number."""
        rows = self.select("SELECT id, facts FROM environment")
        return {row["id"]: self.decode(row["facts"]) for row in rows}

    def add(
        self, runs: Iterable[RunSpec], results: Iterable[RunResult], environment: dict[str, Any]
    ) -> None:
        """Write finished runs with their curves and weights: all of them, or none.

        A failed run is replaced by its later result; any other run is there once.
        """
        finished_at = datetime.now(UTC).isoformat(timespec="seconds")
        with self.explain(), self.connection:
            number = self.environment_id(environment)
            for run, result in zip(runs, results, strict=True):
                row = {
                    "id": run.id,
                    "settings": json.dumps(run.settings),
                    "seed": run.seed,
                    "status": result.status,
                    "error": result.error,
                    "diverged_at": result.diverged_at,
                    **dict(zip(METRICS, numbers(result.final), strict=True)),
                    "seconds": result.seconds,
                    "finished_at": finished_at,
                    "environment_id": number,
                }
                self.insert(row, result.curve, result.weights)

    def environment_id(self, facts: dict[str, Any]) -> int:
        """Return the number of an environment, entering it when it is new."""
        text = json.dumps(facts, sort_keys=True)
        self.connection.execute("INSERT OR IGNORE INTO environment (facts) VALUES (?)", (text,))
        query = "SELECT id FROM environment WHERE facts = ?"
        return self.connection.execute(query, (text,)).fetchone()[0]

    def insert(
        self, row: dict[str, Any], curve: Iterable[dict[str, Any]], weights: bytes | None
    ) -> None:
        """Insert one run's row, curve and weights, in the transaction of the caller."""
        self.connection.execute("DELETE FROM run WHERE id = ? AND status = 'failed'", (row["id"],))
        self.connection.execute(
            f"INSERT INTO run ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
            tuple(row.values()),
        )
        self.connection.executemany(
            "INSERT INTO curve VALUES (?, ?, ?, ?, ?, ?)",
            [(row["id"], point["epoch"], *numbers(point)) for point in curve],
        )
        if weights is not None:
            self.connection.execute("INSERT INTO weights VALUES (?, ?)", (row["id"], weights))


def numbers(point: dict[str, float]) -> list[float | None]:
    """Return the four metrics, None for what is missing, NaN or infinite: JSON knows neither."""
    values = [point.get(metric) for metric in METRICS]
    return [value if value is not None and math.isfinite(value) else None for value in values]
