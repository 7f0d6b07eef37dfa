"""Every seed's score on new points, cell by cell, with the interval of the mean and the paper's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from minidl.report.cell_results import CellResults
from minidl.report.figures.material import Material, missing_note
from minidl.report.figures.style import (
    BLACK,
    GREY,
    Look,
    Sheet,
    blank,
    legend,
    looks,
    on_sheets,
    short,
)
from minidl.report.statistics.intervals import summarise

ROW = 0.2  # inches
CELLS = 40  # on one sheet
NAME = 40  # characters of a row's name
MEAN: dict[str, Any] = {"color": BLACK, "marker": "|", "markersize": 6, "linewidth": 1}
DIVERGED: dict[str, Any] = {"color": BLACK, "marker": "x", "label": "diverged"}
PAPER: dict[str, Any] = {
    "marker": "D",
    "markersize": 3.5,
    "markerfacecolor": "white",
    "markeredgecolor": BLACK,
    "markeredgewidth": 0.8,
    "linestyle": "",
}


def accuracies(material: Material) -> Iterator[Sheet]:
    """Yield one figure with a row for each cell, under a heading for each page of the grid.

    A study along a scale of numbers has lines instead: see ``sweeps``.
    """
    if material.scale is not None:
        return
    cells = [cell for page in material.pages().values() for cell in page]
    for part, own in on_sheets("", cells, CELLS):
        yield part, partial(draw_sheet, material, own)


def draw_sheet(material: Material, shown: Sequence[CellResults]) -> Figure:
    """Draw some of the cells."""
    look = looks(list(material.levels()))
    names: list[str] = []
    headings: list[int] = []
    pages = {page: list(own) for page, own in groupby(shown, material.page_of)}
    figure = blank((len(shown) + len(pages)) * ROW + 0.8)
    axes = figure.add_subplot()
    for page, cells in pages.items():
        if page:
            headings.append(len(names))
            names.append(page)
        for cell in cells:
            draw_row(axes, material, cell, len(names), look[material.level(cell)])
            names.append(material.name(cell, without=[material.page]))
    label_rows(axes, names, headings)
    axes.set_xlabel(material.score_label)
    axes.grid(axis="x")
    legend(figure, handles(material, shown), 2, missing_note(material, shown))
    return figure


def label_rows(axes: Axes, names: list[str], headings: list[int]) -> None:
    """Name the rows from top to bottom, and set off the headings."""
    axes.set_yticks(range(len(names)), [short(name, NAME) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    for row in headings:
        axes.get_yticklabels()[row].set_fontweight("bold")
        if row:
            axes.axhline(row - 0.5, color=GREY, linewidth=0.4)


def draw_row(axes: Axes, material: Material, cell: CellResults, row: int, look: Look) -> None:
    """Draw a cell: a seed has the same height within every row, so that pairs can be followed."""
    seeds = material.results.study.seeds
    height = {seed: row + 0.7 * ((i + 0.5) / len(seeds) - 0.5) for i, seed in enumerate(seeds)}
    values = cell.metric(material.score)
    lost = {record.seed for record in cell.diverged}
    dots = [(value, height[seed]) for seed, value in values.items() if seed not in lost]
    crosses = [(value, height[seed]) for seed, value in values.items() if seed in lost]
    style: dict[str, Any] = {
        "s": 6,
        "linewidths": 0,
        "alpha": 0.65,
        "rasterized": True,
        "label": material.name(cell),
    }
    axes.scatter(
        *zip(*dots, strict=True) if dots else ([], []), c=look.color, marker=look.marker, **style
    )
    if crosses:
        axes.scatter(*zip(*crosses, strict=True), s=8, linewidths=0.8, **DIVERGED)
    summary = summarise(values.values())
    interval = summary.mean_interval
    axes.plot([interval.low, summary.mean, interval.high], [row] * 3, markevery=[1], **MEAN)
    if published := published_number(material, cell):
        axes.plot([published], [row], **PAPER)


def published_number(material: Material, cell: CellResults) -> float | None:
    """Return the number that the paper gives for a cell, None when it gives none."""
    numbers = material.published.of(cell.runs[0]) if material.published else None
    return (numbers or {}).get(material.score)


def handles(material: Material, shown_cells: Sequence[CellResults]) -> list[Line2D]:
    """Return what the legend shows."""
    shown = [
        Line2D([], [], color=GREY, marker="o", ls="", markersize=3, label="one seed"),
        Line2D([], [], label="mean and its 95 % interval", **MEAN),
    ]
    if any(cell.diverged for cell in shown_cells):
        shown.append(Line2D([], [], ls="", markersize=3, **DIVERGED))
    if any(published_number(material, cell) for cell in shown_cells):
        shown.append(Line2D([], [], label="paper", **PAPER))
    return shown
