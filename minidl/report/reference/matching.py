"""Which published cell is which cell of a study: by resolved settings, not by how they are written.

A published cell meets every cell that has all settings that it names, whether the study varies them
or not. ``sgd`` is so ``sgd(lr=0.2)``, unless the study has several levels that fit: then it is the
one that is called so, or none.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from minidl.report.reference.cells import settings_of, written
from minidl.report.reference.reference import Reference, published
from minidl.report.reference.reported import SCORES, Reported, reported
from minidl.study.errors import InputError
from minidl.study.grid.matching import covers, frozen, look_up
from minidl.study.outline import Outline
from minidl.study.run_spec import RunSpec, label

MOST_LINES = 5
NO_CELL = "meets no cell of the study"
ONLY_EARLIER = "meets only cells that an earlier one gives numbers for"


@dataclass(frozen=True)
class Published:
    """The published numbers of a study's cells, by the id of a cell's first run.

    ``unmet`` are the numbers of the published cells that give none, each with what is wrong.
    """

    reference: Reference
    numbers: dict[str, dict[str, Reported]]
    unmet: dict[int, str]

    def reported(self, run: RunSpec) -> dict[str, Reported]:
        """Return what is published of the cell with this first run, score by score."""
        return self.numbers.get(run.id, {})

    def of(self, run: RunSpec) -> dict[str, float] | None:
        """Return the published scores of the cell with this first run: a number, or a mean."""
        return {name: own.mean for name, own in self.reported(run).items()} or None

    def complaints(self) -> list[str]:
        """Return a line for each published cell that gives no number; of many, a count."""
        cells, place = self.reference.cells, self.reference.place
        lines = [
            f"{place(('cells', number))}: {wrong}: {written(cells[number])}"
            for number, wrong in self.unmet.items()
        ]
        if len(lines) <= MOST_LINES:
            return lines
        kept = lines[: MOST_LINES - 1]
        more = f"so it is for {len(lines) - len(kept)} more of {len(cells)} published cells"
        return [*kept, f"{place(('cells',))}: {more}"]


def published_for(study: Outline) -> Published | None:
    """Return the published numbers of a study, as it was last run; None without a reference."""
    reference = published(study)
    return None if reference is None else match(reference, [runs[0] for runs in study.cells()])


def match(reference: Reference, runs: Sequence[RunSpec]) -> Published:
    """Find the published cells of a study, given the first run of each of its cells.

    Where several published cells meet one cell, the first of them counts.
    """
    known: dict[Hashable, frozenset[int]] = {}  # published cells share most of their values
    numbers: dict[str, dict[str, Reported]] = {}
    unmet: dict[int, str] = {}
    for number, cell in enumerate(reference.cells):
        met = set(range(len(runs)))
        for key, value in settings_of(cell).items():
            at = (key, frozen(value))
            if at not in known:
                known[at] = cells_with(runs, key, value)
            met &= known[at]
        new = [runs[i].id for i in sorted(met) if runs[i].id not in numbers]
        own = {name: reported(cell[name]) for name in SCORES if name in cell}
        numbers |= dict.fromkeys(new, own)
        if not new:
            unmet[number] = ONLY_EARLIER if met else NO_CELL
    return Published(reference, numbers, unmet)


def check_met(found: Published, runs: Sequence[RunSpec]) -> None:
    """Raise InputError, with its place, for the first published cell that none of a study's cells
    is, whose first runs are given.
    """
    number = next((i for i, wrong in found.unmet.items() if wrong == NO_CELL), None)
    if number is None:
        return
    cell, place = found.reference.cells[number], found.reference.place(("cells", number))
    lacking = [key for key, value in settings_of(cell).items() if not cells_with(runs, key, value)]
    has = "".join(f"; {key} is {levels_of(runs, key)} there" for key in lacking)
    raise InputError(f"{place}: {NO_CELL}: {written(cell)}{has}")


def levels_of(runs: Sequence[RunSpec], key: str) -> str:
    """Return the values that runs have of a setting, as a text."""
    values = dict.fromkeys(run.labels.get(key) or label(look_up(run.settings, key)) for run in runs)
    kept = list(values)[:MOST_LINES]
    return " or ".join(kept) + " or another" * (len(values) > len(kept))


def foreign(found: Published, runs: Sequence[RunSpec], own: Collection[str]) -> list[RunSpec]:
    """Return those first runs of cells that have published numbers, but are none of a study's own,
    which are given by their ids.
    """
    return [run for run in runs if run.id in found.numbers and run.id not in own]


def cells_with(runs: Sequence[RunSpec], key: str, wanted: Any) -> frozenset[int]:
    """Return which runs have a value of a setting, of the one level that it means on an axis."""
    fitting = {i for i, run in enumerate(runs) if covers(look_up(run.settings, key), wanted)}
    levels = {frozen(runs[i].place[key]) for i in fitting if key in runs[i].labels}
    if len(levels) > 1:
        fitting = {i for i in fitting if runs[i].labels.get(key) == label(wanted)}
    return frozenset(fitting)
