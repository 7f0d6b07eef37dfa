"""A regression of one input: the curve that each network learned, its points, and the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from minidl import Sequential
from minidl.report.cell_results import CellResults
from minidl.report.figures.material import Material
from minidl.report.figures.panels import PANELS, draw_panels, drawable
from minidl.report.figures.points import TRUTH
from minidl.report.figures.style import BLUE, GREY, Sheet, on_sheets
from minidl.report.networks.points import is_curve, points_of, run_of, truth_of
from minidl.study.run_spec import RunSpec

RESOLUTION = 400  # points at which a network is asked
CURVE: dict[str, Any] = {"color": BLUE, "linewidth": 1.2, "label": "network", "zorder": 3}
TRUE: dict[str, Any] = {**TRUTH, "label": "truth"}
DOT: dict[str, Any] = {
    "color": GREY,
    "marker": "o",
    "ls": "",
    "markersize": 2,
    "mew": 0,
    "alpha": 0.5,
    "rasterized": True,
}


def fits(material: Material) -> Iterator[Sheet]:
    """Yield a figure for each page of the grid, with a panel for each of its cells whose data is a
    regression of one input.
    """
    for page, cells in material.pages().items():
        for part, own in on_sheets(page, drawable(material, cells, is_curve), PANELS):
            yield part, partial(draw_page, material, part, own)


def draw_page(material: Material, part: str, cells: Sequence[CellResults]) -> Figure:
    """Draw the cells of one page."""
    shown = handles(run_of(cells[0], material.seed))
    return draw_panels(material, part, cells, draw_data, draw_curve, shown)


def handles(run: RunSpec) -> list[Line2D]:
    """Return what the legend shows."""
    return [
        Line2D([], [], **DOT, label=f"{points_of(run)[0].lower()} points"),
        Line2D([], [], **CURVE),
        *([] if truth_of(run, np.zeros(1)) is None else [Line2D([], [], **TRUE)]),
    ]


def draw_data(axes: Axes, run: RunSpec) -> None:
    """Draw the points, and the truth where the data set knows it."""
    data = points_of(run)[1]
    x, y = data.x.numpy()[:, 0], data.y.numpy()[:, 0]
    axes.plot(x, y, **DOT)
    low, high = x.min(), x.max()
    axes.set_xlim(low - 0.03 * (high - low), high + 0.03 * (high - low))
    axes.set_ylim(*axes.get_ylim())  # a wild network does not hide the points
    axes.set_xlabel("$x$", parse_math=True)
    axes.set_ylabel("$y$", parse_math=True)
    at = np.linspace(low, high, RESOLUTION)
    truth = truth_of(run, at)
    if truth is not None:
        axes.plot(at, truth, **TRUE)


def draw_curve(axes: Axes, run: RunSpec, model: Sequential) -> None:  # noqa: ARG001  # as panels are
    """Draw what the network says over the whole of the axis."""
    x = torch.linspace(*axes.get_xlim(), RESOLUTION)[:, None]
    axes.plot(x[:, 0].numpy(), model.forward(x).numpy()[:, 0], **CURVE)
