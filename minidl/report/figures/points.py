"""Figure 1 of the paper: the test points with their true labels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from minidl.data import Dataset, DataSource
from minidl.report.figures.material import Material
from minidl.report.figures.style import BLACK, CLASSES, WIDTH, Sheet, blank, legend, wrap
from minidl.report.networks.points import (
    class_names,
    has_plane,
    labels_of,
    limits,
    points_of,
    run_of,
    true_boundary,
)
from minidl.study.errors import InputError
from minidl.study.grid.data import source_of
from minidl.study.run_spec import RunSpec

TRUTH: dict[str, Any] = {
    "color": BLACK,
    "linestyle": (0, (4, 2)),
    "linewidth": 0.7,
    "label": "true boundary",
    "zorder": 2.5,
}


def test_points(material: Material) -> Iterator[Sheet]:
    """Yield the seed's points, one figure for each way in which the study makes its data.

    Data with other than two inputs, or without classes, has no such figure.
    """
    others = [axis for axis in material.axes if axis.split(".")[0] != "data"]
    distinct = {json.dumps(cell.runs[0].settings["data"]): cell for cell in material.cells}
    for cell in distinct.values():
        run = run_of(cell, material.seed)
        if (source := source_at_hand(material, run)) and has_plane(source):
            name = material.name(cell, without=others)
            yield name, partial(draw_points_of, run, name)


def draw_points_of(run: RunSpec, name: str) -> Figure:
    """Draw a run's points."""
    figure = blank(WIDTH + 0.1)
    axes = figure.add_subplot()
    source = source_of(run.settings["data"])
    part, data = points_of(run)
    draw_points(axes, source, data.x.numpy(), labels_of(data), s=6)
    frame(axes, data)
    draw_truth(axes, run)
    what = ", ".join(filter(None, [name, f"seed {run.seed}"]))
    axes.set_title(wrap(f"{part} points with their true labels ({what})", 66))
    legend(figure, [*class_handles(source), *truth_handles(source)], columns=3)
    return figure


def source_at_hand(material: Material, run: RunSpec) -> DataSource | None:
    """Return a run's data source; None, and a note, for somebody's own whose file nobody named."""
    try:
        return source_of(run.settings["data"])
    except InputError as error:
        material.notes.append(f"points and networks: not drawn, {error}")
        return None


def draw_points(
    axes: Axes, source: DataSource, x: np.ndarray, labels: np.ndarray, **look: Any
) -> None:
    """Draw points ``(n, 2)``, each in the look of its class ``(n,)``; the last class first."""
    for number, name in reversed(list(enumerate(class_names(source)))):
        color, marker = CLASSES[number % len(CLASSES)]
        own = x[labels == number]
        style = {"linewidths": 0, "label": name, "rasterized": True} | look
        axes.scatter(own[:, 0], own[:, 1], c=color, marker=marker, **style)


def frame(axes: Axes, data: Dataset) -> None:
    """Make the axes fit a data set: a square a little larger than its points, both inputs to one
    scale unless one spans far more than the other.
    """
    low, high = limits(data)
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])
    axes.set_box_aspect(1)
    axes.locator_params(nbins=3)
    axes.set_xlabel("$x_1$", parse_math=True)
    axes.set_ylabel("$x_2$", parse_math=True)


def draw_truth(axes: Axes, run: RunSpec) -> None:
    """Draw the true boundary, where the data set has one, in the inputs' own units."""
    boundary = true_boundary(run)
    if boundary is not None:
        axes.plot(*boundary.T, **TRUTH)


def class_handles(source: DataSource) -> list[Line2D]:
    """Return what a legend shows of the classes."""
    looks = ((name, *CLASSES[i % len(CLASSES)]) for i, name in enumerate(class_names(source)))
    return [
        Line2D([], [], color=color, marker=marker, ls="", markersize=3, label=name)
        for name, color, marker in looks
    ][:: -1 if source.d_out == 1 else 1]


def truth_handles(source: DataSource) -> list[Line2D]:
    """Return what a legend shows of the true boundary, if there is one."""
    return [] if source.boundary() is None else [Line2D([], [], **TRUTH)]
