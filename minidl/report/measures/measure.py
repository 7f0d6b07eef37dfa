"""What a measure is, and how the curves of a run are read for one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from minidl.report.cell_results import CellResults
from minidl.study.store.store import Store

HOLD = 3  # evaluations in a row
LAST = 5  # evaluations at the end of a run


@dataclass(frozen=True)
class Options:
    """What a measure may be told.

    ``target`` is the value to reach, by default the one that the metric brings; ``monitor`` the
    score that is to reach it, by default the first metric; ``hold`` for how many evaluations in a
    row. ``last`` is how many evaluations a late score is the mean of.
    """

    target: float | None = None
    hold: int = HOLD
    last: int = LAST
    monitor: str | None = None


@dataclass(frozen=True)
class Measured:
    """One number per run: for each cell a dict from seed to value, NaN where a run had NaN.

    ``horizon`` is set for the measures of time: a value equal to it means not reached by then, and
    ``target`` says what was to be reached. ``note`` is what a reader must know of the numbers.
    """

    values: list[dict[int, float]]
    horizon: float | None = None
    target: str = ""
    note: str = ""


@dataclass(frozen=True)
class Measure:
    """A number that every run has.

    ``better`` says which way is good (``higher`` or ``lower``); ``margin`` is the smallest
    difference that matters in practice unless a question brings its own; ``digits`` are the
    decimals worth printing of a difference, ``places`` those of a value. ``of(cells, folder,
    options)`` measures runs. ``robust`` measures of spread are summed up by their median.
    """

    name: str
    title: str
    unit: str
    better: str
    margin: float
    digits: int
    places: int
    of: Callable[[Sequence[CellResults], Path, Options], Measured]
    robust: bool = False


Points = list[tuple[int, float | None]]  # epoch and value, evaluation by evaluation


def curves_of(folder: Path, score: str) -> dict[str, Points]:
    """Return a score's values in every run of a store, by the run's id; None for NaN."""
    of_score = "curve.metric = (SELECT number FROM metric WHERE name = ?)"
    with Store(folder) as store:
        curves = store.curves(of_score, (score,))
    return {run: [(row["epoch"], row[score]) for row in curve] for run, curve in curves.items()}
