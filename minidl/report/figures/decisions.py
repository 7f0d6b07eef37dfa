"""Figures 2-4 of the paper: what each network answers in the plane, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from minidl import Sequential
from minidl.report.cell_results import CellResults
from minidl.report.figures.material import Material
from minidl.report.figures.panels import OTHERS, PANELS, draw_panels, drawable
from minidl.report.figures.points import (
    class_handles,
    draw_points,
    draw_truth,
    frame,
    truth_handles,
)
from minidl.report.figures.style import BLACK, Sheet, on_sheets
from minidl.report.figures.surface import draw_boundary, draw_surface
from minidl.report.networks.points import has_plane, labels_of, points_of, run_of
from minidl.report.networks.surface import Surface
from minidl.report.words import counted
from minidl.study.grid.data import source_of
from minidl.study.run_spec import RunSpec

WRONG: dict[str, Any] = {"edgecolors": BLACK, "linewidths": 0.6, "label": "wrong", "zorder": 3}
NOTE = "Shade: the network's answer, paler where it is less sure."


def decisions(material: Material) -> Iterator[Sheet]:
    """Yield a figure for each page of the grid, with a panel for each of its cells whose data has
    two inputs and classes.
    """
    for page, cells in material.pages().items():
        for part, own in on_sheets(page, drawable(material, cells, has_plane), PANELS):
            yield part, partial(draw_page, material, part, own)


def draw_page(material: Material, part: str, cells: Sequence[CellResults]) -> Figure:
    """Draw the cells of one page."""
    shown = handles(run_of(cells[0], material.seed))
    others = min(max(len(cell.records) for cell in cells) - 1, OTHERS)
    note = f"{NOTE} Thin: boundaries of {counted(others, 'other seed')}." if others > 0 else NOTE
    return draw_panels(material, part, cells, draw_plane, draw_answers, shown, note, draw_boundary)


def draw_plane(axes: Axes, run: RunSpec) -> None:
    """Draw what is there without a network: the frame and the true boundary."""
    frame(axes, points_of(run)[1])
    draw_truth(axes, run)


def draw_answers(axes: Axes, run: RunSpec, model: Sequential) -> None:
    """Draw the network's answers as a surface with its boundary, and the points in the colours of
    their true classes: the wrong ones larger and edged.
    """
    surface = Surface(run.settings, model)
    draw_surface(axes, surface)
    data, source = points_of(run)[1], source_of(run.settings["data"])
    x, labels = data.x.numpy(), labels_of(data)
    wrong = surface.answers(data.x) != labels
    draw_points(axes, source, x[~wrong], labels[~wrong], s=1.8)
    draw_points(axes, source, x[wrong], labels[wrong], s=11, **WRONG)


def handles(run: RunSpec) -> list[Line2D]:
    """Return what the legend shows."""
    source = source_of(run.settings["data"])
    edge: dict[str, Any] = {"markeredgecolor": BLACK, "markeredgewidth": 0.6}
    return [
        *class_handles(source),
        Line2D([], [], color="none", marker="o", markersize=3.8, label="wrong", **edge),
        Line2D([], [], color=BLACK, linewidth=0.9, label="its boundary"),
        *truth_handles(source),
    ]
