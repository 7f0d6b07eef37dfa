"""Tables like the paper's: scores by cell, mean and spread over seeds, published ones beside."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from statistics import fmean, median, stdev
from typing import Any

from minidl.report.cell_results import CellResults
from minidl.report.measures import MEASURES, Options
from minidl.report.reference.matching import Published, published_for
from minidl.report.results import Results
from minidl.report.tables.columns import Column, columns
from minidl.report.tables.formats import FORMATS, render
from minidl.report.tables.notes import notes
from minidl.report.tables.table import Table
from minidl.report.words import decimal, mixed_note

__all__ = ["FORMATS", "Table", "render", "tables"]

NO_TEST = "No test set: every number is of points that the networks were trained on."


def tables(
    results: Results, names: Sequence[str] = (), options: Options | None = None
) -> list[Table]:
    """Return a study's tables: one for each value of the grid's first axis, if it has several axes.

    ``names`` are the measures that they show, by default the scores that the study needs.
    Accuracies are in percent, over all finished runs: a diverged run counts with the accuracy that
    its weights give, a missing run with nothing. Raises InputError when the study names a reference
    that cannot be read, and for a name that is no measure.
    """
    paper = published_for(results.study)
    axes = axes_of(results)
    shared = axes[:1] if len(results.study.axes) > 1 else []
    shown = columns(results, names, options)
    groups: dict[str | None, list[tuple[CellResults, dict[str, Any]]]] = {}
    for number, cell in enumerate(results.cells):
        row = measure(cell, axes, number, shown, paper)
        groups.setdefault(cell.labels.get(shared[0]) if shared else None, []).append((cell, row))
    every = len(results.study.cells())
    part = f"Shown are {len(results.cells)} of the grid's {every} cells."
    testless = bool(results.scores) and not any(s.startswith("test_") for s in results.scores)
    return [
        make_table(
            f"Table {number}: {heading(results, shared, value)}",
            [axis for axis in axes if axis not in shared],
            [cell for cell, _ in pairs],
            [row for _, row in pairs],
            shown,
            paper,
            [
                *([NO_TEST] if testless else []),
                *(mixed_note(count) for count in [mixed(results, pairs)] if count),
                *([part] if len(results.cells) < every and number == len(groups) else []),
            ],
        )
        for number, (value, pairs) in enumerate(groups.items(), start=1)
    ]


def axes_of(results: Results) -> list[str]:
    """Return what varies: the axes of the grid, and after them the keys that an include adds."""
    return results.study.axes_of(cell.values for cell in results.cells)


def heading(results: Results, shared: list[str], value: str | None) -> str:
    """Return what a table is about: the axis value that its cells share, or the study."""
    if not shared:
        return results.study.name
    return f"{shared[0]} {value}" if value is not None else f"cells without {shared[0]}"


def mixed(results: Results, pairs: Sequence[tuple[CellResults, Any]]) -> int:
    """Return how many cells have runs of several numerical environments."""
    return sum(len(results.made_in(cell)) > 1 for cell, _ in pairs)


def make_table(
    title: str,
    own: list[str],
    cells: Sequence[CellResults],
    numbers: list[dict[str, Any]],
    scores: Sequence[Column],
    paper: Published | None,
    more: Sequence[str],
) -> Table:
    """Build the table of some cells."""
    beside = [any(row[f"paper_{score.key}"] is not None for row in numbers) for score in scores]
    header, best = [*own, "runs"], []
    for score, theirs in zip(scores, beside, strict=True):
        best += [(row, len(header)) for row in best_rows(score, numbers)]
        header += [score.title, "paper"] if theirs else [score.title]
    rows = [
        [
            *(row[axis] or "–" for axis in own),
            count(row),
            *(
                text
                for score, theirs in zip(scores, beside, strict=True)
                for text in shown(row, score, theirs)
            ),
        ]
        for row in numbers
    ]
    source = paper.reference.title if any(beside) and paper else None
    return Table(
        title, header, rows, notes(cells, own, numbers, scores, source, more), numbers, best
    )


def best_rows(score: Column, numbers: Sequence[dict[str, Any]]) -> list[int]:
    """Return the rows with the best mean of a score, none where there is nothing to choose."""
    means = {i: row[f"{score.key}_mean"] for i, row in enumerate(numbers)}
    known = {i: round(mean, score.digits) for i, mean in means.items() if mean is not None}
    if len(set(known.values())) < 2:
        return []
    top = (max if MEASURES[score.name].better == "higher" else min)(known.values())
    return [i for i, mean in known.items() if mean == top]


def measure(
    cell: CellResults,
    axes: list[str],
    number: int,
    scores: Sequence[Column],
    paper: Published | None,
) -> dict[str, Any]:
    """Return the numbers of a study's cell, unrounded."""
    theirs = (paper.of(cell.runs[0]) if paper else None) or {}
    row: dict[str, Any] = {axis: cell.labels.get(axis) for axis in axes}
    row |= {"n": len(cell.records), "diverged": len(cell.diverged), "missing": len(cell.missing)}
    for score in scores:
        values = [value for value in score.values[number].values() if not isnan(value)]
        typical = median if score.robust else fmean
        row[f"{score.key}_mean"] = typical(values) if values else None
        row[f"{score.key}_sd"] = stdev(values) if len(values) > 1 and not score.robust else None
    return row | {f"paper_{score.key}": theirs.get(score.name) for score in scores}


def count(row: dict[str, Any]) -> str:
    """Return how many runs a cell has: ``10``, ``8 of 10``, ``10, 2 diverged``."""
    n, missing, diverged = row["n"], row["missing"], row["diverged"]
    text = f"{n} of {n + missing}" if missing else f"{n}"
    return f"{text}, {diverged} diverged" if diverged else text


def shown(row: dict[str, Any], score: Column, beside: bool) -> list[str]:
    """Return a score as text, with the paper's beside it where there are any."""
    mean, sd = row[f"{score.key}_mean"], row[f"{score.key}_sd"]
    own = decimal(mean, score.digits)
    if sd is not None:
        own = f"{own} ± {sd:.1e}" if "e" in own else f"{own} ± {sd:.{score.digits}f}"
    return [own, decimal(row[f"paper_{score.key}"], score.digits)] if beside else [own]
