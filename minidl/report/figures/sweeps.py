"""A score along a numeric axis of the grid: lines on its scale, with every seed as a dot."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from minidl.report.cell_results import CellResults, as_number
from minidl.report.figures.learning import averaged
from minidl.report.figures.material import Material, missing_note
from minidl.report.figures.style import (
    GREY,
    Look,
    Sheet,
    blank,
    legend,
    looks,
    on_sheets,
    wrap,
)
from minidl.report.spelling import spelled
from minidl.report.statistics.intervals import Interval, finite, summarise

PANELS = 10  # on one sheet
DECADE = 10.0  # the least ratio of an axis's ends that is drawn on a logarithmic scale
TICKS = 18  # characters that fit below a panel: then all values get a tick of their own
WILD = 10.0  # times the span of nine tenths of the dots: what lies farther out is left out
LEAST = 1e-6  # of their size: where dots span less, a frame around them shows nothing
Panel = tuple[str, Sequence[CellResults]]


def sweeps(material: Material) -> Iterator[Sheet]:
    """Yield a figure for each page of a study with a numeric axis."""
    axis = material.scale
    if axis is None:
        return
    others = material.besides(axis)
    for page, cells in others.pages().items():
        for part, own in on_sheets(page, list(others.panels(cells).items()), PANELS):
            yield part, partial(draw_sheet, others, axis, part, own)


def draw_sheet(material: Material, axis: str, part: str, panels: Sequence[Panel]) -> Figure:
    """Draw a panel for each combination of the other axes, and in it a line for each level."""
    look = looks(list(material.levels()))
    columns = min(len(panels), 2)
    rows = math.ceil(len(panels) / columns)
    figure = blank(rows * (1.6 if columns > 1 else 2.2) + 0.8)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for axes, (name, cells) in zip(grid.flat, panels, strict=False):
        draw_panel(axes, material, axis, cells, look)
        axes.set_title(wrap(name, 28))
        axes.grid(axis="y")
        axes.set_xlabel(axis)
        axes.set_ylabel(material.score_label)
        axes.label_outer()
    for axes in grid.flat[len(panels) :]:
        axes.set_axis_off()
    shown = [cell for _, own in panels for cell in own]
    scale_axis(grid[0, 0], sorted({place(cell, axis) for cell in shown}))
    left_out = fit(grid[0, 0], material, shown)
    figure.suptitle(wrap(f"{material.title(part)}: {averaged(material)}", 54))
    whole = material.besides(None)  # its names have the axis, too
    note = " ".join(filter(None, [missing_note(whole, shown), left_out]))
    legend(figure, handles(look), 3, note)
    return figure


def draw_panel(
    axes: Axes,
    material: Material,
    axis: str,
    cells: Sequence[CellResults],
    look: dict[str, Look],
) -> None:
    """Draw the cells of one panel: a line of means with its band for each level, seeds as dots."""
    levels: dict[str, list[CellResults]] = {}
    for cell in sorted(cells, key=lambda cell: place(cell, axis)):
        levels.setdefault(material.level(cell), []).append(cell)
    for level, own in levels.items():
        color, marker, linestyle = look[level]
        dots = [(place(c, axis), v) for c in own for v in finite(c.metric(material.score).values())]
        style: dict[str, Any] = {
            "s": 4,
            "linewidths": 0,
            "alpha": 0.35,
            "rasterized": True,
            "label": f"seeds {level}",
        }
        axes.scatter(*np.array(dots).reshape(-1, 2).T, color=color, marker=marker, **style)
        at, mean, low, high = line_of(own, axis, material.score)
        axes.plot(at, mean, color=color, linestyle=linestyle, label=level)
        axes.fill_between(at, low, high, color=color, alpha=0.2, linewidth=0)


def line_of(cells: Sequence[CellResults], axis: str, score: str) -> np.ndarray:
    """Return places, means and the ends of their 95 % t intervals, each ``(cells,)``."""
    found = [(place(cell, axis), summarise(cell.metric(score).values())) for cell in cells]
    rows = [(at, s.mean, *ends(s.mean_interval)) for at, s in found if s.n]
    return np.array(rows).reshape(-1, 4).T


def ends(interval: Interval) -> tuple[float, float]:
    """Return both ends of an interval."""
    return interval.low, interval.high


def place(cell: CellResults, axis: str) -> float:
    """Return where a cell stands on a numeric axis."""
    number = as_number(cell.values[axis])
    return math.nan if number is None else number


def spans_decades(values: Sequence[float]) -> bool:
    """Whether rising values reach over a factor of ten, in steps more even as ratios."""
    if not (values[0] > 0 and values[-1] >= DECADE * values[0]):
        return False
    plain, logs = np.diff(values), np.diff(np.log(values))
    return bool(logs.std() / logs.mean() < plain.std() / plain.mean())


def scale_axis(axes: Axes, values: Sequence[float]) -> None:
    """Give an axis a logarithmic scale where its values span decades, step by step."""
    if spans_decades(values):
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_locator(LogLocator(numticks=6))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    texts = [f"{value:g}" for value in values]
    if len("".join(texts)) <= TICKS:
        axes.set_xticks(values, texts)


def fit(axes: Axes, material: Material, cells: Sequence[CellResults]) -> str:
    """Fit the vertical axis to the dots; leave out those far from all others, and say so."""
    material.cap(axes)
    dots = finite(v for cell in cells for v in cell.metric(material.score).values())
    if not dots.size:
        return ""
    low, high = np.quantile(dots, [0.05, 0.95])
    span = high - low
    if dots.max() - dots.min() <= WILD * span or span <= LEAST * abs(high):
        return ""
    axes.set_ylim(max(dots.min(), low - span) - 0.05 * span, min(dots.max(), high + span))
    bottom, top = axes.get_ylim()
    count = int(((dots < bottom) | (dots > top)).sum())
    return f"{count} of {dots.size} runs lie outside the frame."


def handles(look: dict[str, Look]) -> list[Line2D]:
    """Return what the legend shows."""
    return [
        Line2D([], [], color=color, linestyle=linestyle, label=spelled(level) or "mean")
        for level, (color, _, linestyle) in look.items()
    ] + [Line2D([], [], color=GREY, marker="o", ls="", markersize=2.5, label="one seed")]
