"""Figure 1 of the paper: the test points with their true labels."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from minidl.data import Dataset, DataSource
from minidl.report.figures.material import Material
from minidl.report.figures.style import BLACK, CLASSES, WIDTH, Sheet, blank, legend, wrap
from minidl.report.results import CellResults
from minidl.study.errors import InputError
from minidl.study.grid.data import source_of
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.build import build_data

ALIKE = 4  # times that one input may span the other, and still be drawn to the same scale
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


def run_of(cell: CellResults, seed: int) -> RunSpec:
    """Return a cell's run of a seed."""
    return next(run for run in cell.runs if run.seed == seed)


def points_of(run: RunSpec) -> tuple[str, Dataset]:
    """Return a run's test points, or those it was trained on where it has no others."""
    parts = made_data(json.dumps(run.settings["data"]), run.seed, run.settings.get("validation"))
    return ("Test", parts[1]) if len(parts[1].x) else ("Training", parts[0])


@lru_cache(maxsize=16)
def made_data(settings: str, seed: int, validation: float | None) -> tuple[Dataset, Dataset]:
    """Make training and test set, or have them at hand: all cells of a page share them."""
    return build_data(json.loads(settings), seed, validation)


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


def has_plane(source: DataSource) -> bool:
    """Whether data has two inputs and classes: whether the plane shows all of it."""
    return source.d_in == 2 and source.task != "regression"


def labels_of(data: Dataset) -> np.ndarray:
    """Return the number of each point's true class ``(n,)``."""
    y = data.y.numpy()
    return y.argmax(axis=-1) if y.shape[-1] > 1 else (y[:, 0] >= 0.5).astype(int)


def draw_points(
    axes: Axes, source: DataSource, x: np.ndarray, labels: np.ndarray, **look: Any
) -> None:
    """Draw points ``(n, 2)``, each in the look of its class ``(n,)``; the last class first."""
    for number, name in reversed(list(enumerate(class_names(source)))):
        color, marker = CLASSES[number % len(CLASSES)]
        own = x[labels == number]
        style = {"linewidths": 0, "label": name} | look
        axes.scatter(own[:, 0], own[:, 1], c=color, marker=marker, **style)


def class_names(source: DataSource) -> Sequence[str]:
    """Return the names of a source's classes, numbers where it names too few."""
    count = max(source.d_out, 2)
    return source.classes if len(source.classes) == count else [str(i) for i in range(count)]


def frame(axes: Axes, data: Dataset) -> None:
    """Make the axes fit a data set: a square a little larger than its points, both inputs to one
    scale unless one spans far more than the other.
    """
    low, high = data.x.numpy().min(axis=0), data.x.numpy().max(axis=0)
    spans = np.maximum(high - low, 1e-6)
    if spans.max() <= ALIKE * spans.min():
        spans = np.full(2, spans.max())
    middle, half = (low + high) / 2, 0.53 * spans
    axes.set_xlim(middle[0] - half[0], middle[0] + half[0])
    axes.set_ylim(middle[1] - half[1], middle[1] + half[1])
    axes.set_box_aspect(1)
    axes.locator_params(nbins=3)
    axes.set_xlabel("$x_1$")
    axes.set_ylabel("$x_2$")


def draw_truth(axes: Axes, run: RunSpec) -> None:
    """Draw the true boundary, where the data set has one, in the inputs' own units."""
    boundary = source_of(run.settings["data"]).boundary()
    if boundary is None:
        return
    shift, scale = preparation(run)
    axes.plot(*((boundary.numpy() - shift) / scale).T, **TRUTH)


def preparation(run: RunSpec) -> tuple[np.ndarray, np.ndarray]:
    """Return what a run's inputs were shifted and divided by when they were prepared."""
    _, ready = points_of(run)
    settings = {**run.settings["data"], "normalize": "none"}
    validation = run.settings.get("validation")
    raw = next(part for part in reversed(build_data(settings, run.seed, validation)) if len(part.x))
    ends = [np.stack([d.x.numpy().min(axis=0), d.x.numpy().max(axis=0)]) for d in (raw, ready)]
    spans = [high - low for low, high in ends]
    scale = np.where(spans[1] > 0, spans[0] / np.where(spans[1] > 0, spans[1], 1), 1)
    return ends[0][0] - ends[1][0] * scale, scale


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
