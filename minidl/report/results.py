"""A study's own runs, cell by cell, as the reports read them from a store."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from minidl.report.cell_results import CellResults
from minidl.report.measures import learn
from minidl.study.outline import Outline
from minidl.study.run_spec import RunSpec
from minidl.study.store.looks import Look
from minidl.study.store.preregistration import Preregistration
from minidl.study.store.store import Store
from minidl.study.store.stored_runs import Record


@dataclass(frozen=True)
class Results:
    """A study and what has been found of it so far; ``scores`` are the names that its runs have.

    ``tried`` are the seeds of which every run has ended, well or not; ``looks`` are those that have
    been taken at verdicts; ``preregistered`` is what was planned before, and ``finished`` are the
    times at which runs of the study ended.
    """

    study: Outline
    cells: list[CellResults]
    folder: Path
    scores: list[str] = field(default_factory=list)
    tried: list[int] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    numerical: dict[int, tuple[str, ...]] = field(default_factory=dict)
    preregistered: Preregistration | None = None
    finished: list[str] = field(default_factory=list)

    @property
    def mixed(self) -> list[CellResults]:
        """The cells whose runs were made in more than one numerical environment.

        There the same seed has other bits, so such runs are not quite each other's repetitions.
        """
        return [cell for cell in self.cells if len(self.made_in(cell)) > 1]

    def made_in(self, cell: CellResults) -> set[tuple[str, ...] | None]:
        """Return the numerical environments of a cell's runs."""
        return {self.numerical.get(record.environment_id) for record in cell.records.values()}

    @property
    def begun(self) -> Results:
        """The same without the cells of which no run was ever made, unless that is all of them."""
        cells = [cell for cell in self.cells if cell.begun]
        return replace(self, cells=cells) if cells else self

    @property
    def missing(self) -> list[RunSpec]:
        """All runs of the study without numbers."""
        return [run for cell in self.cells for run in cell.missing]


def read_results(folder: Path) -> Results:
    """Read the runs that belong to the study in a folder; raises InputError without a store.

    Whatever scores they have are measures from then on.
    """
    with Store(folder) as store:
        study, records, better = store.outline(), store.records(), store.better_sides()
        facts, looks, planned = store.environments(), store.looks(), store.preregistration()
    numerical = {number: numerical_part(own) for number, own in facts.items()}
    cells = [gather(runs, records) for runs in study.cells()]
    used = {name for cell in cells for record in cell.records.values() for name in record.final}
    learn(better)
    scores = [name for name in better if name in used]
    ended = [records[run.id].finished_at for run in study.runs if run.id in records]
    return Results(
        *(study, cells, folder, scores, tried(study, records), looks, numerical, planned, ended)
    )


def tried(study: Outline, records: dict[str, Record]) -> list[int]:
    """Return the seeds of which every run has ended, in their order."""
    open_seeds = {run.seed for run in study.runs if run.id not in records}
    return [seed for seed in study.seeds if seed not in open_seeds]


def gather(runs: list[RunSpec], records: dict[str, Record]) -> CellResults:
    """Join a cell's runs with their records."""
    found = {run.seed: records[run.id] for run in runs if run.id in records}
    finished = {seed: record for seed, record in found.items() if record.status != "failed"}
    return CellResults(runs[0].cell, runs, finished, len(found) - len(finished))


def numerical_part(environment: dict[str, Any]) -> tuple[str, ...]:
    """Return those facts of an environment that decide about the last bits of a number."""
    keys = ("torch", "capability", "MKL_CBWR", "components")
    return tuple(str(environment.get(key)) for key in keys)
