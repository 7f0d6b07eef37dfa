"""Every level at its own best: a setting is chosen on some seeds, and judged on the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite, nan
from statistics import fmean

from minidl.report.cell_results import CellResults
from minidl.report.measures import MEASURES, measure_runs
from minidl.report.reference.claims import Tuning
from minidl.report.results import Results
from minidl.report.words import counted
from minidl.study.errors import InputError
from minidl.study.files.complaints import unknown
from minidl.study.run_spec import describe


@dataclass(frozen=True)
class Chosen:
    """The best value of a setting for each level of a factor, and the seeds that chose it.

    ``at_edge`` are the levels whose best value is the smallest or the largest that was tried: a
    better one may lie beyond.
    """

    tuning: Tuning
    best: dict[str, str]
    seeds: list[int]
    at_edge: list[str]


def tune(results: Results, tuning: Tuning) -> tuple[Results, Chosen]:
    """Return the study at each level's best value, without the seeds that chose it.

    A choice made on the judged seeds would favour the level that had more values to choose from.
    Raises InputError as ``check_tuning`` does, and where runs are missing that choose.
    """
    check_tuning(tuning, results.cells, len(results.study.seeds))
    seeds = results.study.seeds[: tuning.seeds]
    tuned = [cell for cell in results.cells if {tuning.axis, tuning.factor} <= set(cell.values)]
    check_choosers(tuned, seeds)
    by_level: dict[str, list[CellResults]] = {}
    for cell in tuned:
        by_level.setdefault(cell.labels[tuning.factor], []).append(cell)
    best = {level: best_value(cells, tuning, results, seeds) for level, cells in by_level.items()}
    kept = [
        judged(cell, tuning.axis, seeds)
        for cell in results.cells
        if best.get(cell.labels.get(tuning.factor, "")) == cell.labels.get(tuning.axis)
    ]
    edge = [lv for lv, cells in by_level.items() if best[lv] in ends(cells, tuning.axis)]
    return replace(results, cells=kept), Chosen(tuning, best, seeds, edge)


def check_tuning(tuning: Tuning, cells: Sequence[CellResults], seeds: int) -> None:
    """Raise InputError when a study does not vary the settings, or no seed is left to judge."""
    axes = dict.fromkeys(axis for cell in cells for axis in cell.values)
    for axis in (tuning.axis, tuning.factor):
        if axis not in axes:
            raise InputError(f"tuning: {unknown('factor', axis, axes)}")
    if seeds <= tuning.seeds:
        raise InputError(
            f"tuning: {tuning.seeds} seeds choose, so the study needs more than those, got {seeds}"
        )


def check_choosers(cells: Sequence[CellResults], seeds: Sequence[int]) -> None:
    """Raise InputError when a run that chooses is missing: its value may be the best one."""
    runs = [(cell, run) for cell in cells for run in cell.runs if run.seed in seeds]
    missing = [run for cell, run in runs if run.seed not in cell.records]
    if missing:
        first = f"{describe(missing[0])}, seed {missing[0].seed}"
        more = "" if len(missing) == 1 else ", and others"
        raise InputError(
            f"tuning: {len(missing)} of the {counted(len(runs), 'run')} that choose "
            f"{'is' if len(missing) == 1 else 'are'} missing: {first}{more}"
        )


def ends(cells: list[CellResults], axis: str) -> set[str]:
    """Return the labels of the smallest and the largest number on an axis, none for other values.

    One value alone has not been chosen.
    """
    tried = {cell.labels[axis]: cell.values[axis] for cell in cells}
    numbers = all(type(value) in (int, float) for value in tried.values())
    if not numbers or len(tried) < 2:
        return set()
    return {min(tried, key=tried.__getitem__), max(tried, key=tried.__getitem__)}


def best_value(cells: list[CellResults], tuning: Tuning, results: Results, seeds: list[int]) -> str:
    """Return the value of the tuned setting with the best mean over some cells and seeds.

    A value of which some run has no number, as the loss of one that diverged, is never the best.
    """
    measured = measure_runs(tuning.measure, cells, results.folder)
    numbers: dict[str, list[float]] = {}
    for cell, column in zip(cells, measured.values, strict=True):
        own = numbers.setdefault(cell.labels[tuning.axis], [])
        own.extend(column.get(seed, nan) for seed in seeds)
    sign = 1 if MEASURES[tuning.measure].better == "higher" else -1
    means = {value: sign * fmean(own) for value, own in numbers.items()}
    usable = {value: mean for value, mean in means.items() if isfinite(mean)}
    if not usable:
        raise InputError(
            f"tuning: at {tuning.factor} {cells[0].labels[tuning.factor]} no value of "
            f"{tuning.axis} has a {tuning.measure} in each run of the seeds that choose"
        )
    return max(usable, key=usable.__getitem__)


def judged(cell: CellResults, axis: str, seeds: list[int]) -> CellResults:
    """Return a cell without the tuned setting and without the seeds that chose its value."""
    return CellResults(
        {key: value for key, value in cell.values.items() if key != axis},
        [run for run in cell.runs if run.seed not in seeds],
        {seed: record for seed, record in cell.records.items() if seed not in seeds},
    )
