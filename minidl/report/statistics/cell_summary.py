"""One cell of the grid in numbers: where its runs lie, and how many went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from minidl.report.results import CellResults, Results
from minidl.report.statistics.intervals import Summary, summarise

COLLAPSED = 60.0  # percent of training accuracy; a constant answer to two even classes has some 50
ACCURACIES = ("train_accuracy", "test_accuracy")


@dataclass(frozen=True)
class CellSummary:
    """A cell's accuracies, in percent, and its runs that are missing, diverged or collapsed.

    A collapsed run has a training accuracy near that of a constant answer. Diverged and collapsed
    runs count with the accuracy that they have.
    """

    labels: dict[str, str]
    accuracies: dict[str, Summary]
    missing: list[int]
    diverged: int
    collapsed: int

    @property
    def suspect(self) -> bool:
        """Whether a tenth or more of the runs collapsed, so that no interval can be trusted.

        With two clusters of values a 95 % t interval of ten runs covers the mean in 66 % of cases.
        """
        n = self.accuracies["train_accuracy"].n
        return self.collapsed > 0 and 10 * self.collapsed >= n


def summarise_cells(results: Results, *, rounding: float = 0.0) -> list[CellSummary]:
    """Summarise every cell of a study; ``rounding`` is the unit of the numbers compared with."""
    return [summarise_cell(cell, rounding) for cell in results.cells]


def summarise_cell(cell: CellResults, rounding: float = 0.0) -> CellSummary:
    """Summarise a cell. Prediction intervals are widened by half the rounding unit."""
    training = cell.metric("train_accuracy").values()
    return CellSummary(
        labels=cell.labels,
        accuracies={
            name: summarise(cell.metric(name).values(), half_unit=rounding / 2)
            for name in ACCURACIES
        },
        missing=[run.seed for run in cell.missing],
        diverged=len(cell.diverged),
        collapsed=sum(accuracy < COLLAPSED for accuracy in training),
    )
