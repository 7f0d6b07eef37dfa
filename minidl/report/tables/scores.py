"""Tables like the paper's: scores by cell, mean and spread over seeds, published ones beside."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from statistics import fmean, stdev
from typing import Any, NamedTuple

import minidl.metrics  # noqa: F401  # registers them, without torch
from minidl.registry import KINDS
from minidl.report.reference.matching import Published, published_for
from minidl.report.results import CellResults, Results
from minidl.report.tables.formats import FORMATS, render
from minidl.report.tables.table import Table
from minidl.report.words import mixed_note

__all__ = ["FORMATS", "Table", "render", "tables"]


class Column(NamedTuple):
    """One score in a table: its name, the stem of its keys, its heading and its decimals."""

    name: str
    key: str
    title: str
    digits: int


def columns(results: Results) -> list[Column]:
    """Return a study's metrics, training before test; its losses where it has no metric.

    The keys of an accuracy are short: ``train_mean`` and ``test_sd`` are percent.
    """
    known = {f"{part}_{n}": m for part in ("train", "test") for n, m in KINDS["metric"].items()}
    scores = [name for name in results.scores if not name.endswith("_loss")]
    if not results.scores:
        scores = ["train_accuracy", "test_accuracy"]  # nothing has been run yet
    return [
        Column(
            name,
            name.removesuffix("_accuracy"),
            f"{name.partition('_')[0]} {known[name].title if name in known else name}",
            known[name].digits if name in known else 4,
        )
        for name in scores or results.scores
    ]


def tables(results: Results) -> list[Table]:
    """Return a study's tables: one for each value of the grid's first axis, if it has several axes.

    Accuracies are in percent, over all finished runs: a diverged run counts with the accuracy that
    its weights give, a missing run with nothing. Raises InputError when the study names a reference
    that cannot be read.
    """
    paper = published_for(results.study)
    axes = axes_of(results)
    shared = axes[:1] if len(results.study.axes) > 1 else []
    groups: dict[str | None, list[CellResults]] = {}
    for cell in results.cells:
        groups.setdefault(cell.labels.get(shared[0]) if shared else None, []).append(cell)
    return [
        make_table(
            f"Table {number}: {heading(results, shared, value)}",
            axes,
            shared,
            cells,
            columns(results),
            paper,
            sum(len(results.made_in(cell)) > 1 for cell in cells),
        )
        for number, (value, cells) in enumerate(groups.items(), start=1)
    ]


def axes_of(results: Results) -> list[str]:
    """Return the axes of the grid, and after them the keys that an include adds to cells."""
    keys = [key for cell in results.cells for key in cell.values]
    return list(dict.fromkeys([*results.study.axes, *keys]))


def heading(results: Results, shared: list[str], value: str | None) -> str:
    """Return what a table is about: the axis value that its cells share, or the study."""
    if not shared:
        return results.study.name
    return f"{shared[0]} {value}" if value is not None else f"cells without {shared[0]}"


def make_table(
    title: str,
    axes: list[str],
    shared: list[str],
    cells: Sequence[CellResults],
    scores: Sequence[Column],
    paper: Published | None,
    mixed: int = 0,
) -> Table:
    """Build the table of some cells."""
    numbers = [measure(cell, axes, scores, paper) for cell in cells]
    own = [axis for axis in axes if axis not in shared]
    beside = [any(row[f"paper_{score.key}"] is not None for row in numbers) for score in scores]
    if any(beside):  # the paper's numbers stand beside all of ours, or beside none
        beside = [True] * len(scores)
    header = [*own, "runs"]
    for score, theirs in zip(scores, beside, strict=True):
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
    return Table(title, header, rows, notes(cells, own, numbers, scores, source, mixed), numbers)


def measure(
    cell: CellResults, axes: list[str], scores: Sequence[Column], paper: Published | None
) -> dict[str, Any]:
    """Return a cell's numbers, unrounded."""
    theirs = (paper.of(cell.runs[0]) if paper else None) or {}
    row: dict[str, Any] = {axis: cell.labels.get(axis) for axis in axes}
    row |= {"n": len(cell.records), "diverged": len(cell.diverged), "missing": len(cell.missing)}
    for name, key, *_ in scores:
        values = [value for value in cell.metric(name).values() if not isnan(value)]
        row[f"{key}_mean"] = fmean(values) if values else None
        row[f"{key}_sd"] = stdev(values) if len(values) > 1 else None
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
    own = own if sd is None else f"{own} ± {decimal(sd, score.digits)}"
    return [own, decimal(row[f"paper_{score.key}"], score.digits)] if beside else [own]


def decimal(value: float | None, digits: int) -> str:
    """Return a number with so many decimals, a dash for none."""
    return "–" if value is None else f"{value:.{digits}f}"


def notes(
    cells: Sequence[CellResults],
    own: list[str],
    numbers: list[dict[str, Any]],
    scores: Sequence[Column],
    paper: str | None,
    mixed: int,
) -> list[str]:
    """Return the lines below a table."""
    spread = any(row[f"{score.key}_sd"] is not None for row in numbers for score in scores)
    over = ["mean ± standard deviation over seeds"] if spread else []
    percent = ["accuracy in percent"] if any(s.name.endswith("_accuracy") for s in scores) else []
    text = ", ".join([*percent, *over])
    lines = [f"{text[0].upper()}{text[1:]}."] if text else []
    if paper:
        lines.append(f"paper: {paper}.")
    if diverged := sum(row["diverged"] for row in numbers):
        runs = "run" if diverged == 1 else "runs"
        lines.append(
            f"{diverged} {runs} diverged (a weight became NaN or infinite), "
            "counted with the accuracy that such weights give."
        )
    if mixed:
        lines.append(mixed_note(mixed))
    return lines + [missing(cell, own) for cell in cells if cell.missing]


def missing(cell: CellResults, own: list[str]) -> str:
    """Return the line that says which runs of a cell are missing, a long list shortened."""
    name = ", ".join(cell.labels[axis] for axis in own if axis in cell.labels)
    where = f"Missing in {name}" if name else "Missing"
    seeds = [str(run.seed) for run in cell.missing]
    if not cell.records:
        return f"{where}: all {len(seeds)} runs."
    listed = ", ".join(seeds[:10]) + (", …" if len(seeds) > 10 else "")
    noun = "seed" if len(seeds) == 1 else "seeds"
    return f"{where}: {len(seeds)} of {len(cell.runs)} runs ({noun} {listed})."
