"""Figure 1 of the paper: the test points with their true labels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from minidl.data import Dataset, DataSource
from minidl.report.figures.material import Material
from minidl.report.figures.style import BLACK, BLUE, ORANGE, WIDTH, Sheet, blank, legend, wrap
from minidl.report.results import CellResults
from minidl.study.errors import InputError
from minidl.study.grid.data import source_of
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.build import build_data, build_model

# Colour and marker of the answers 0 and 1: they differ in print without colours too.
LOOKS = ((ORANGE, "s"), (BLUE, "o"))
TRUTH: dict[str, Any] = {
    "color": BLACK,
    "linestyle": (0, (4, 2)),
    "linewidth": 0.7,
    "label": "true boundary",
    "zorder": 2.5,
}


def test_points(material: Material) -> Iterator[Sheet]:
    """Yield the seed's test set, one figure for each way in which the study makes its data."""
    others = [axis for axis in material.axes if axis.split(".")[0] != "data"]
    distinct = {json.dumps(cell.runs[0].settings["data"]): cell for cell in material.cells}
    for cell in distinct.values():
        name = material.name(cell, without=others)
        run = run_of(cell, material.seed)
        if (why := undrawable(run)) is None:
            yield name, partial(draw_test_set, run, test_set(run), name)
        else:
            material.notes.append(f"test points: not drawn, {why}")


def run_of(cell: CellResults, seed: int) -> RunSpec:
    """Return a cell's run of a seed."""
    return next(run for run in cell.runs if run.seed == seed)


def test_set(run: RunSpec) -> Dataset:
    """Return a run's test points."""
    return made_test_set(json.dumps(run.settings["data"]), run.seed)


@lru_cache(maxsize=16)
def made_test_set(settings: str, seed: int) -> Dataset:
    """Make a test set, or have it at hand: all cells of a page share it."""
    return build_data(json.loads(settings), seed)[1]


def draw_test_set(run: RunSpec, test: Dataset, name: str) -> Figure:
    """Draw a test set."""
    figure = blank(WIDTH + 0.1)
    axes = figure.add_subplot()
    source = source_of(run.settings["data"])
    draw_points(axes, source, test.x.numpy(), test.y.numpy()[:, 0] >= 0.5, s=6)
    frame(axes, test)
    draw_truth(axes, run)
    what = ", ".join(filter(None, [name, f"seed {run.seed}"]))
    axes.set_title(wrap(f"Test points with their true labels ({what})", 66))
    legend(figure, [*class_handles(source), *truth_handles(source)], columns=3)
    return figure


def undrawable(run: RunSpec) -> str | None:
    """Return why a run's points cannot be drawn, None if they can."""
    try:
        source = source_of(run.settings["data"])
    except InputError as error:  # somebody's own, whose file was not named
        return str(error)
    fits = source.d_in == 2 and source.task == "binary"
    return None if fits else "they need two inputs and two classes"


def unknown_part(run: RunSpec) -> str | None:
    """Return which part of a run's network is somebody's own and not at hand, None if all are."""
    try:
        build_model(run.settings, run.seed)
    except InputError as error:
        return str(error)
    return None


def draw_points(
    axes: Axes, source: DataSource, x: np.ndarray, answers: np.ndarray, **look: Any
) -> None:
    """Draw points ``(n, 2)``, each in the look of its answer ``(n,)``; 1 first."""
    for answer in (1, 0):
        (color, marker), name = LOOKS[answer], source.classes[answer]
        own = x[answers == answer]
        style = {"linewidths": 0, "label": name} | look
        axes.scatter(own[:, 0], own[:, 1], c=color, marker=marker, **style)


def frame(axes: Axes, data: Dataset) -> None:
    """Make the axes fit a data set: square, a little larger than its points."""
    low, high = data.x.numpy().min(axis=0), data.x.numpy().max(axis=0)
    margin = 0.03 * (high - low)
    axes.set_xlim(low[0] - margin[0], high[0] + margin[0])
    axes.set_ylim(low[1] - margin[1], high[1] + margin[1])
    axes.set_aspect("equal")
    axes.locator_params(nbins=3)
    axes.set_xlabel("$x_1$")
    axes.set_ylabel("$x_2$")


def draw_truth(axes: Axes, run: RunSpec) -> None:
    """Draw the true boundary, where the data set has one, in the inputs' own units."""
    boundary = source_of(run.settings["data"]).boundary()
    if boundary is None:
        return
    shift, scale = preparation(run.settings, run.seed)
    axes.plot(*((boundary.numpy() - shift) / scale).T, **TRUTH)


def preparation(settings: dict[str, Any], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what the test inputs were shifted and divided by when they were standardised."""
    data = settings["data"]
    _, raw = build_data({**data, "normalize": "none"}, seed)
    _, ready = build_data(data, seed, settings.get("validation"))
    scale = (raw.x.std(dim=0) / ready.x.std(dim=0)).numpy()
    return raw.x.mean(dim=0).numpy() - ready.x.mean(dim=0).numpy() * scale, scale


def class_handles(source: DataSource, prefix: str = "") -> list[Line2D]:
    """Return what a legend shows of the two classes."""
    return [
        Line2D([], [], color=color, marker=marker, ls="", markersize=3, label=f"{prefix}{name}")
        for name, (color, marker) in reversed(list(zip(source.classes, LOOKS, strict=True)))
    ]


def truth_handles(source: DataSource) -> list[Line2D]:
    """Return what a legend shows of the true boundary, if there is one."""
    return [] if source.boundary() is None else [Line2D([], [], **TRUTH)]
