"""The lines below a table: what its numbers are, what diverged, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Any

from minidl.report.cell_results import CellResults
from minidl.report.measures.scores import SCORES
from minidl.report.tables.columns import Column


def notes(
    cells: Sequence[CellResults],
    own: list[str],
    numbers: list[dict[str, Any]],
    scores: Sequence[Column],
    paper: str | None,
    more: Sequence[str],
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
        how = how_counted(cells, scores, "accuracy" if percent else "scores")
        lines.append(f"{diverged} {runs} diverged (a weight became NaN or infinite), {how}.")
    lines += [f"{s.title}: {s.note}." for s in scores if s.note]
    lines += [f"{s.title}: the median over seeds." for s in scores if s.robust]
    return [*lines, *more, *missing_lines(cells, own)]


def how_counted(cells: Sequence[CellResults], scores: Sequence[Column], what: str) -> str:
    """Return how runs that diverged enter the means of a table."""
    numbers = [
        value
        for score in scores
        if score.name in SCORES
        for cell in cells
        for value in cell.metric(score.name).values()
    ]
    counted = f"counted with the {what} that such weights give"
    if not any(map(isnan, numbers)):
        return counted
    left_out = "scores that are no number are left out of the means"
    return f"{counted}; {left_out}" if what == "accuracy" else left_out


def missing_lines(cells: Sequence[CellResults], own: list[str]) -> list[str]:
    """Return lines that say which runs are missing: one where all cells lack the same seeds."""
    gaps = {tuple(run.seed for run in cell.missing) for cell in cells}
    if len(cells) > 1 and len(gaps) == 1 and () not in gaps:
        return [missing(cells[0], "each row")]
    named = [(cell, ", ".join(cell.labels[k] for k in own if k in cell.labels)) for cell in cells]
    return [missing(cell, name) for cell, name in named if cell.missing]


def missing(cell: CellResults, name: str) -> str:
    """Return the line that says which runs of a cell are missing, a long list shortened."""
    where = f"Missing in {name}" if name else "Missing"
    seeds = [str(run.seed) for run in cell.missing]
    if not cell.records:
        return f"{where}: all {len(seeds)} runs."
    listed = ", ".join(seeds[:10]) + (", …" if len(seeds) > 10 else "")
    noun = "seed" if len(seeds) == 1 else "seeds"
    return f"{where}: {len(seeds)} of {len(cell.runs)} runs ({noun} {listed})."
