"""Learning curves: loss and accuracy over the epochs, mean and 95 % band over the seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from minidl.report.cell_results import CellResults
from minidl.report.figures.material import Material, missing_note
from minidl.report.figures.style import LOOKS, Look, Sheet, blank, legend, looks, on_sheets, wrap
from minidl.report.spelling import spelled
from minidl.report.statistics.band import band, ends_early, has_gaps
from minidl.report.statistics.intervals import finite

PANELS = 4  # on one sheet
PARTS = ("train", "test")
MOST = 14  # curves in a panel; of more, as many come together as look different


def learning_curves(material: Material) -> Iterator[Sheet]:
    """Yield a figure for each page, or several where its panels are many."""
    for page, cells in material.pages().items():
        panels = list(in_groups(material, material.panels(cells)))
        for part, own in on_sheets(page, panels, PANELS):
            yield part, partial(draw_sheet, material, part, own)


def in_groups(
    material: Material, panels: dict[str, list[CellResults]]
) -> Iterator[tuple[str, Sequence[CellResults]]]:
    """Yield the panels as they are, or, where too many curves would hide each other, all of them
    with the first few levels, then with the next.
    """
    levels = list(material.levels())
    size = max(1, len(levels)) if len(levels) <= MOST else len(LOOKS)
    for start in range(0, len(levels), size):
        group = set(levels[start : start + size])
        for name, cells in panels.items():
            if own := [cell for cell in cells if material.level(cell) in group]:
                yield name, own


def draw_sheet(
    material: Material, part: str, panels: Sequence[tuple[str, Sequence[CellResults]]]
) -> Figure:
    """Draw rows of loss and accuracy for each panel, train beside test."""
    own = {material.level(cell) for _, cells in panels for cell in cells}
    look = {level: each for level, each in looks(list(material.levels())).items() if level in own}
    lines = sum(max(wrap(name, 26).count("\n") - 1, 0) for name, _ in panels)
    figure = blank(2 * len(panels) * 1.05 + 0.7 + 0.12 * lines)
    grid = figure.subplots(2 * len(panels), 2, squeeze=False, sharex=True, sharey="row")
    for rows, (name, own) in zip(grid.reshape(-1, 2, 2), panels, strict=True):
        draw_panel(rows, material, name, own, look)
    for axes in grid[-1]:
        axes.set_xlabel("epoch")
    figure.suptitle(wrap(f"{material.title(part)}: {averaged(material)}", 54))
    shown = [cell for _, own in panels for cell in own]
    notes = [early_note(material, shown), missing_note(material, shown)]
    legend(figure, handles(look), 4, " ".join(filter(None, notes)))
    return figure


def early_note(material: Material, cells: Sequence[CellResults]) -> str:
    """Return the text that says where means are over fewer seeds than elsewhere; "" if nowhere."""
    curves = [material.curves_of(cell) for cell in cells]
    scores = [f"{part}_loss" for part in PARTS] + [material.on(part) for part in PARTS]
    notes = []
    if any(map(ends_early, curves)):
        notes.append("Where seeds have stopped early, mean and band are over those that went on.")
    if any(has_gaps(own, score) for own in curves for score in scores):
        notes.append("Values that are no number, as of diverged runs, are left out.")
    return " ".join(notes)


def averaged(material: Material) -> str:
    """Return what the curves are: one run's, or a mean."""
    seeds = material.results.study.seeds
    return f"seed {seeds[0]}" if len(seeds) == 1 else "mean over seeds, 95 % band"


def draw_panel(
    rows: np.ndarray,
    material: Material,
    name: str,
    cells: Sequence[CellResults],
    look: dict[str, Look],
) -> None:
    """Draw some cells together: loss above score, train beside test."""
    for part, (loss, score) in zip(PARTS, rows.T, strict=True):
        loss.set_title(wrap(f"{name}: {part}".removeprefix(": "), 26))
        for cell in cells:
            draw_band(loss, material, cell, f"{part}_loss", look)
            draw_band(score, material, cell, material.on(part), look)
    scale_loss(rows[0])
    material.cap(rows[1, 0])
    rows[0, 0].set_ylabel("loss")
    rows[1, 0].set_ylabel(material.metric_label)


def scale_loss(row: np.ndarray) -> None:
    """Give losses that span a factor of ten a logarithmic axis, fitted to the means: a band may
    reach below zero where no loss does.
    """
    means = [line.get_ydata() for axes in row for line in axes.get_lines()]
    shown = finite(np.concatenate([*means, []]))
    if not shown.size or shown.min() < 0:  # somebody's own loss may be negative
        return
    if not shown.max() > 10 * shown.min() > 0:
        row[0].set_ylim(bottom=max(row[0].get_ylim()[0], 0))
        return
    row[0].set_yscale("log")
    row[0].set_ylim(shown.min() / 2, shown.max() * 1.5)
    row[0].yaxis.set_major_locator(LogLocator(subs=(1, 3), numticks=6))
    row[0].yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    row[0].yaxis.set_minor_locator(NullLocator())


def draw_band(
    axes: Axes, material: Material, cell: CellResults, metric: str, look: dict[str, Look]
) -> None:
    """Draw one metric of one cell: a line and a band; nothing when no run has finished."""
    level = material.level(cell)
    color, marker, linestyle = look[level]
    line = band(material.curves_of(cell), metric)
    dot = {"marker": marker, "markersize": 3} if len(line.epochs) == 1 else {}  # it has no line
    axes.plot(line.epochs, line.mean, color=color, linestyle=linestyle, label=level, **dot)
    axes.fill_between(line.epochs, line.low, line.high, color=color, alpha=0.2, linewidth=0)
    axes.grid(axis="y")


def handles(look: dict[str, Look]) -> list[Line2D]:
    """Return what the legend shows."""
    return [
        Line2D([], [], color=color, linestyle=linestyle, label=spelled(level))
        for level, (color, _, linestyle) in look.items()
        if level
    ]
