"""What a study cannot be asked of what a reference claims: known before a run is trained."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from minidl.report.cell_results import CellResults
from minidl.report.levels import find_sides
from minidl.report.reference.questions import Question
from minidl.report.reference.reference import Reference
from minidl.report.statistics.cell_weights import cell_weights
from minidl.report.statistics.pairs import cells_at, others, pair_cells
from minidl.report.verdicts.tuning import check_tuning
from minidl.study.errors import InputError
from minidl.study.run_spec import RunSpec


def cannot_be_asked(reference: Reference, runs: Sequence[RunSpec], seeds: int) -> list[str]:
    """Return a line for each question that a study of some seeds has no cells for, and for a
    setting that it cannot choose, given the first run of each cell; with file and line.
    """
    cells = [CellResults(run.cell, [run], {}) for run in runs]
    lines = []
    if reference.tuning is not None:
        try:
            check_tuning(reference.tuning, cells, seeds)
        except InputError as error:
            lines.append(f"{reference.place(('tuning',))}: nothing will have a verdict: {error}")
    for number, claim in enumerate(reference.claims):
        for at, question in claim.asked():
            try:
                check_question(question, cells, tuned=reference.tuning is not None)
            except InputError as error:
                place = reference.place(("claims", number, *at))
                lines.append(f"{place}: cannot be asked of this study: {error}")
    return lines


def check_question(question: Question, cells: Sequence[CellResults], *, tuned: bool) -> None:
    """Raise InputError for a question that some cells cannot answer.

    Where a setting is chosen first, not before that is it known which cells are pairs.
    """
    factor = question.factor
    sides = find_sides(cells, factor, question.levels)
    if tuned:
        return
    if len(sides) == 1:
        compared = [list(cells_at(cells, factor, list(sides[0].values())).values())]
    else:
        pairs = [pair_cells(cells, factor, two)[0] for two in pairwise(sides)]
        compared = [[first for first, _ in own] for own in pairs]
    if question.weights:
        for groups in compared:
            cell_weights([others(group[0], factor) for group in groups], question.weights)
