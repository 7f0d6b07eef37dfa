"""A study's own runs, cell by cell, as the reports read them from a store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minidl.study.grid.expand import expand
from minidl.study.grid.settings import RunSpec
from minidl.study.grid.spec import StudySpec
from minidl.study.store.store import Record, Store


@dataclass(frozen=True)
class CellResults:
    """One cell of the grid: its values, its runs, and the records of those that have finished.

    ``records`` maps a seed to the run's record; it holds done and diverged runs only.
    """

    values: dict[str, Any]
    runs: list[RunSpec]
    records: dict[int, Record]

    @property
    def labels(self) -> dict[str, str]:
        """The cell's values as short texts."""
        return {axis: self.runs[0].labels[axis] for axis in self.values}

    @property
    def missing(self) -> list[RunSpec]:
        """The runs without numbers: not run yet, or failed."""
        return [run for run in self.runs if run.seed not in self.records]

    @property
    def diverged(self) -> list[Record]:
        """The runs whose weights became NaN or infinite."""
        return [record for record in self.records.values() if record.status == "diverged"]

    def metric(self, name: str) -> dict[int, float]:
        """Return one of the four metrics by seed, NaN where the run had NaN."""
        values = {seed: getattr(record, name) for seed, record in self.records.items()}
        return {seed: float("nan") if v is None else v for seed, v in sorted(values.items())}


@dataclass(frozen=True)
class Results:
    """A study and what has been found of it so far."""

    study: StudySpec
    cells: list[CellResults]
    folder: Path

    @property
    def missing(self) -> list[RunSpec]:
        """All runs of the study without numbers."""
        return [run for cell in self.cells for run in cell.missing]


def read_results(folder: Path) -> Results:
    """Read the runs that belong to the study in a folder; raises InputError without a store."""
    with Store(folder) as store:
        study, records = store.study(), store.records()
    cells: dict[int, list[RunSpec]] = {}
    for run in expand(study, max_runs=10**9):
        cells.setdefault(id(run.cell), []).append(run)
    return Results(study, [gather(runs, records) for runs in cells.values()], folder)


def gather(runs: list[RunSpec], records: dict[str, Record]) -> CellResults:
    """Join a cell's runs with their records."""
    found = {run.seed: records[run.id] for run in runs if run.id in records}
    finished = {seed: record for seed, record in found.items() if record.status != "failed"}
    return CellResults(runs[0].cell, runs, finished)
