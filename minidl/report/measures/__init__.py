"""What can be compared between runs. ``MEASURES`` has them all: a new one is one entry."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from minidl.report.cell_results import CellResults
from minidl.report.measures.measure import HOLD, LAST, Measure, Measured, Options
from minidl.report.measures.scores import GAP, measures_of, score_measures
from minidl.report.measures.times import SECONDS, TIMES, first_held
from minidl.study.errors import InputError
from minidl.study.files.complaints import unknown

__all__ = ["HOLD", "LAST", "MEASURES", "Measure", "Measured", "Options", "first_held"]

MEASURES: dict[str, Measure] = {
    measure.name: measure for measure in (*score_measures(), GAP, *TIMES, *SECONDS)
}


def learn(better: dict[str, str]) -> None:
    """Make measures of scores that a store holds and no metric here tells of: somebody's own."""
    for score, side in better.items():
        if score not in MEASURES:
            MEASURES.update((measure.name, measure) for measure in measures_of(score, side))


def check_measure(name: str) -> str:
    """Return a measure's name; raises InputError when there is no such measure."""
    if name not in MEASURES:
        raise InputError(unknown("measure", name, MEASURES))
    return name


def measure_runs(
    name: str, cells: Sequence[CellResults], folder: Path, options: Options | None = None
) -> Measured:
    """Return a measure of every finished run of some cells.

    Raises InputError for a measure of time without a target.
    """
    return MEASURES[name].of(cells, folder, options or Options())
