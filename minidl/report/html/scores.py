"""The tables of scores, shaded, with the published number and its verdict beside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from minidl.report.html.forest import LOOKS
from minidl.report.results import Results
from minidl.report.spelling import AXES, spelled_for, spelled_in
from minidl.report.tables.columns import Column, columns
from minidl.report.tables.scores import axes_of
from minidl.report.tables.table import Table
from minidl.report.verdicts import rules
from minidl.report.verdicts.agreement import CONTRADICTED, IN_TENSION
from minidl.report.verdicts.judgement import Judgement

SHADES = 8
FAR = {  # how the verdict on a published number is shown where it is far from ours
    IN_TENSION: LOOKS[rules.DIFFERENT],
    CONTRADICTED: LOOKS[rules.CONTRADICTED],
}


@dataclass(frozen=True)
class Field:
    """One field of a table: its text, how deep its shade is (None: not at all), a verdict, and
    whether it is the best of its column.
    """

    text: str
    shade: int | None = None
    verdict: str = ""
    best: bool = False

    @property
    def look(self) -> tuple[str, str]:
        """The colour and the sign of its verdict, both empty where nothing is to be marked."""
        return FAR.get(self.verdict, ("", ""))


@dataclass(frozen=True)
class Shaded:
    """A table with its fields; ``cells`` are the numbers of the rows' cells in the study, and the
    first ``labels`` columns say which these are.
    """

    title: str
    header: list[str]
    rows: list[list[Field]]
    cells: list[int]
    notes: list[str]
    labels: int


def shaded_tables(
    results: Results, tables: list[Table], judgement: Judgement | None
) -> list[Shaded]:
    """Return the tables of scores as the page shows them; all share the scale of a shade."""
    shown = columns(results.begun)
    verdicts = verdicts_of(judgement)
    waiting: dict[frozenset[tuple[str, str]], list[int]] = {}
    begun = [number for number, cell in enumerate(results.cells) if cell.begun]
    for number in begun or range(len(results.cells)):  # as results.begun has it
        waiting.setdefault(frozenset(results.cells[number].labels.items()), []).append(number)
    ends = {column.key: ends_of(tables, column) for column in shown}
    made, axes = [], results.study.axes
    names = {cell.labels[axis] for cell in results.cells for axis in AXES if axis in cell.labels}
    for table in tables:
        cells, rows = [], []
        for texts, numbers in zip(table.rows, table.numbers, strict=True):
            labels = {key: numbers[key] for key in axes_of(results) if numbers.get(key)}
            place = frozenset(labels.items())
            cells.append(waiting[place].pop(0))
            beside = {name: word for (own, name), word in verdicts.items() if own == place}
            own = fields(table.header, texts, numbers, shown, ends, beside)
            best = {column for row, column in table.best if row == len(rows)}
            rows.append([replace(field, best=i in best) for i, field in enumerate(own)])
        labels = table.header.index("runs")
        title = spelled_for(axes[0], table.title) if len(axes) > 1 else table.title
        told = [spelled_in(note, names) for note in table.notes]
        made.append(Shaded(title, table.header, rows, cells, told, labels))
    later = [own.notes for own in made[1:]] + [[]]
    return [
        replace(own, notes=[note for note in own.notes if note not in after])
        for own, after in zip(made, later, strict=True)
    ]


def verdicts_of(judgement: Judgement | None) -> dict[tuple[Any, str], str]:
    """Return the verdicts on published numbers, by their cell's labels and their measure."""
    found = [] if judgement is None else judgement.cells
    return {(frozenset(own.labels.items()), own.measure): own.verdict for own in found}


def ends_of(tables: list[Table], column: Column) -> tuple[float, float]:
    """Return the least and the greatest mean of a column in all tables."""
    means = [row[f"{column.key}_mean"] for table in tables for row in table.numbers]
    known = [mean for mean in means if mean is not None]
    return min(known, default=0.0), max(known, default=0.0)


def fields(
    header: list[str],
    texts: list[str],
    numbers: dict[str, Any],
    shown: list[Column],
    ends: dict[str, tuple[float, float]],
    verdicts: dict[str, str],
) -> list[Field]:
    """Return a row's fields: means with their shade, published numbers with their verdict."""
    made = [Field(spelled_for(key, text)) for key, text in zip(header, texts, strict=True)]
    at = len(header)
    for column in reversed(shown):
        beside = header[at - 1] == "paper"
        at -= 1 + beside
        made[at] = Field(texts[at], shade(numbers[f"{column.key}_mean"], *ends[column.key]))
        if beside:
            made[at + 1] = Field(texts[at + 1], None, verdicts.get(column.name, ""))
    return made


def shade(value: float | None, low: float, high: float) -> int | None:
    """Return how deep a value's shade is, from 0 for the least to the greatest."""
    if value is None or not high > low:
        return None
    return round(SHADES * (value - low) / (high - low))
