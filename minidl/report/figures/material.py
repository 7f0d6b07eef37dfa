"""What all pictures are drawn from, and how a grid's axes become pages, panels and colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from minidl.metrics import metric_called
from minidl.registry import KINDS
from minidl.report.cell_results import CellResults, scale_of
from minidl.report.reference.matching import Published, published_for
from minidl.report.reference.reference import published
from minidl.report.results import Results, read_results
from minidl.report.tables.scores import axes_of
from minidl.report.verdicts.judgement import Judgement, judge_results
from minidl.study.errors import InputError
from minidl.study.result import headline
from minidl.study.store.store import Store


@dataclass
class Material:
    """A study's results with everything that a picture may ask for.

    ``besides_axis`` is one that pages, panels and colours leave out: the picture draws it itself.
    ``seed`` is the one whose data and networks are shown. A picture appends to ``notes`` what it
    could not draw.
    """

    results: Results
    store: Store
    curves: dict[str, list[dict[str, Any]]]
    published: Published | None
    seed: int
    notes: list[str] = field(default_factory=list)
    besides_axis: str | None = None

    @cached_property
    def judgement(self) -> Judgement | None:
        """What becomes of the study's claims, None where it names no reference."""
        reference = published(self.results.study)
        return None if reference is None else judge_results(self.results, reference)

    @property
    def cells(self) -> list[CellResults]:
        """The cells of the study's grid."""
        return self.results.cells

    @property
    def score(self) -> str:
        """The score on new points that pictures show: ``test_accuracy``, ``test_r2``."""
        return headline(self.results.scores or ["test_accuracy"])

    @property
    def metric(self) -> Any:
        """The metric behind it."""
        return metric_called(self.score.partition("_")[2])

    def on(self, part: str) -> str:
        """The name of its score on a part of the data."""
        return f"{part}_{self.score.partition('_')[2]}"

    @property
    def metric_label(self) -> str:
        """How an axis names it: ``accuracy (%)``."""
        return (
            f"{self.metric.title} ({self.metric.unit})" if self.metric.unit else self.metric.title
        )

    def cap(self, axes: Axes) -> None:
        """Let a vertical axis of scores end a little above the best one: a band may reach beyond
        it, a score does not.
        """
        if self.metric.best is not None and self.metric.better == "higher":
            axes.set_ylim(top=min(axes.get_ylim()[1], 1.02 * self.metric.best))

    @property
    def score_label(self) -> str:
        """How an axis names the score: ``test accuracy (%)``."""
        return f"{self.score.partition('_')[0]} {self.metric_label}"

    @cached_property
    def axes(self) -> list[str]:
        """The axes of the grid."""
        return [axis for axis in axes_of(self.results) if axis != self.besides_axis]

    @cached_property
    def scale(self) -> str | None:
        """The axis that is a scale of numbers, three at least, in every cell: the longest one."""
        return scale_of(self.cells, self.axes)

    def besides(self, axis: str | None) -> Material:
        """Return the same without an axis, for a picture that draws along it; None: with all."""
        return replace(self, besides_axis=axis)

    @cached_property
    def hue(self) -> str | None:
        """The axis that is told by colour: the optimizer, or else the last."""
        return "optimizer" if "optimizer" in self.axes else (self.axes or [None])[-1]

    @cached_property
    def page(self) -> str | None:
        """The axis that gets a figure for each value: the first, when there are three or more."""
        others = [axis for axis in self.axes if axis != self.hue]
        return others[0] if len(others) > 1 else None

    def pages(self) -> dict[str, list[CellResults]]:
        """Return the cells by the value of the page axis; one page, named "", without one."""
        return group(self.cells, self.page)

    def page_of(self, cell: CellResults) -> str:
        """Return a cell's value on the page axis."""
        return value(cell, self.page)

    def levels(self) -> dict[str, list[CellResults]]:
        """Return the cells by the value of the colour axis."""
        return group(self.cells, self.hue)

    def level(self, cell: CellResults) -> str:
        """Return a cell's value on the colour axis."""
        return value(cell, self.hue)

    def panels(self, cells: Sequence[CellResults]) -> dict[str, list[CellResults]]:
        """Return a page's cells by their values on the axes that are neither page nor colour."""
        panels: dict[str, list[CellResults]] = {}
        for cell in cells:
            panels.setdefault(self.name(cell, without=(self.page, self.hue)), []).append(cell)
        return panels

    def curves_of(self, cell: CellResults) -> list[list[dict[str, Any]]]:
        """Return the learning curves of a cell's finished runs."""
        return [self.curves.get(record.id, []) for record in cell.records.values()]

    def name(self, cell: CellResults, *, without: Iterable[str | None] = ()) -> str:
        """Return a cell's values as one text: ``mse, sgd, lr=0.1``."""
        axes = [axis for axis in self.axes if axis in cell.values and axis not in without]
        return ", ".join(value(cell, axis) for axis in axes)

    def title(self, part: str) -> str:
        """Return what a sheet is called: by its page's value, or, without pages, the study."""
        return part if self.page else f"{self.results.study.name} {part}".rstrip()


def read_material(store: Store, folder: Path, seed: int | None) -> Material:
    """Read everything from an open store; raises InputError for a seed that the study has not."""
    results = read_results(folder)
    seeds = results.study.seeds
    if seed is not None and seed not in seeds:
        known = ", ".join(map(str, seeds[:10])) + (", …" if len(seeds) > 10 else "")
        raise InputError(f"--seed {seed}: not in this study; its seeds are {known}")
    chosen = seeds[0] if seed is None else seed
    return Material(results, store, store.curves(), published_for(results.study), chosen)


def value(cell: CellResults, axis: str | None) -> str:
    """Return a cell's value on an axis, with the setting's name unless the value is a component's:
    ``adam``, ``lr=0.1``; a dash where the cell has none, "" without an axis.
    """
    if axis is None:
        return ""
    text = cell.labels.get(axis, "–")
    return text if axis in KINDS else f"{axis.split('.')[-1]}={text}"


def group(cells: Sequence[CellResults], axis: str | None) -> dict[str, list[CellResults]]:
    """Return cells by their value on an axis."""
    groups: dict[str, list[CellResults]] = {}
    for cell in cells:
        groups.setdefault(value(cell, axis), []).append(cell)
    return groups


def missing_note(material: Material, cells: Sequence[CellResults], limit: int = 8) -> str:
    """Return the text that says which of the cells' runs are missing; "" when none is."""
    texts = []
    for cell in cells:
        if cell.missing:
            seeds = ", ".join(str(run.seed) for run in cell.missing[:10])
            more = ", …" if len(cell.missing) > 10 else ""
            noun = "seed" if len(cell.missing) == 1 else "seeds"
            what = f"{noun} {seeds}{more}" if cell.records else "all runs"
            texts.append(f"{material.name(cell)} ({what})".lstrip())
    rest = f"; and in {len(texts) - limit} more cells" if len(texts) > limit else ""
    return f"Missing: {'; '.join(texts[:limit])}{rest}." if texts else ""
