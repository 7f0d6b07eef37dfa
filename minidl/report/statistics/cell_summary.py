"""One cell of the grid in numbers: where its runs lie, and how many went wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass

from minidl.report.cell_results import CellResults
from minidl.report.results import Results
from minidl.report.statistics.intervals import Summary, summarise
from minidl.study.store.stored_runs import Record

CONSTANT = 60.0  # percent, where a run of an older minidl does not say what a constant answer has
ACCURACIES = ("train_accuracy", "test_accuracy")


@dataclass(frozen=True)
class CellSummary:
    """A cell's accuracies, in percent, and its runs that are missing, diverged or collapsed.

    ``runs`` counts those that are there, of a regression too, which has no accuracies. A collapsed
    run is no better on its training set than the best constant answer. Diverged and collapsed runs
    count with the accuracy that they have.
    """

    labels: dict[str, str]
    runs: int
    accuracies: dict[str, Summary]
    missing: list[int]
    diverged: int
    collapsed: int

    @property
    def suspect(self) -> bool:
        """Whether a tenth or more of the runs collapsed, so that no interval can be trusted.

        With two clusters of values a 95 % t interval of ten runs covers the mean in 66 % of cases.
        """
        return self.collapsed > 0 and 10 * self.collapsed >= self.runs


def summarise_cells(results: Results, *, rounding: float = 0.0) -> list[CellSummary]:
    """Summarise every cell of a study; ``rounding`` is the unit of the numbers compared with."""
    return [summarise_cell(cell, rounding) for cell in results.cells]


def summarise_cell(cell: CellResults, rounding: float = 0.0) -> CellSummary:
    """Summarise a cell. Prediction intervals are widened by half the rounding unit."""
    return CellSummary(
        labels=cell.labels,
        runs=len(cell.records),
        accuracies={
            name: summarise(cell.metric(name).values(), half_unit=rounding / 2)
            for name in ACCURACIES
        },
        missing=[run.seed for run in cell.missing],
        diverged=len(cell.diverged),
        collapsed=sum(map(collapsed, cell.records.values())),
    )


def collapsed(record: Record) -> bool:
    """Whether a run scores no better on its training set than the best constant answer.

    A training set of two even classes has a baseline of some 50 %; where none was recorded, an
    accuracy below ``CONSTANT`` counts.
    """
    names = [name for name in record.final if name.startswith("train_") and name != "train_loss"]
    value = record.final[names[0]] if names else None
    if value is None:
        return False
    if record.baseline is None:
        return names[0] == "train_accuracy" and value < CONSTANT
    # 57 of 100 may round to 57 in the one and to 56.99999999999999 in the other.
    return value <= record.baseline or math.isclose(value, record.baseline, rel_tol=1e-9)
