"""Figures 2-4 of the paper: what each network answers on the test points, and its own boundary."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from minidl import Dataset, Sequential
from minidl.report.figures.material import Material
from minidl.report.figures.points import (
    class_handles,
    draw_points,
    draw_truth,
    frame,
    run_of,
    test_set,
    truth_handles,
    undrawable,
    unknown_part,
)
from minidl.report.figures.style import BLACK, Sheet, blank, legend, on_sheets, wrap
from minidl.report.results import CellResults
from minidl.study.grid.data import source_of
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.weights import restore

PANEL = 1.7  # inches
PANELS = 24  # on one sheet
RESOLUTION = 150  # points along each side at which a network is asked for its boundary
WRONG: dict[str, Any] = {"edgecolors": BLACK, "linewidths": 0.6, "label": "wrong", "zorder": 3}


def decisions(material: Material) -> Iterator[Sheet]:
    """Yield a figure for each page of the grid, with a panel for each of its cells."""
    for page, cells in material.pages().items():
        runs = [run_of(cell, material.seed) for cell in cells]
        why = next((w for run in runs if (w := undrawable(run) or unknown_part(run))), None)
        if why is None:
            for part, own in on_sheets(page, cells, PANELS):
                yield part, partial(draw_page, material, part, own)
        else:
            material.notes.append(f"decisions {page}: not drawn, {why}")


def draw_page(material: Material, page: str, cells: Sequence[CellResults]) -> Figure:
    """Draw the cells of one page."""
    columns = min(len(cells), 2 if len(cells) <= 8 else 4)
    rows = math.ceil(len(cells) / columns)
    side = PANEL if columns > 1 else 2 * PANEL
    figure = blank(rows * (side + 0.15) + 0.5, columns * side)
    panels = figure.subplots(rows, columns, squeeze=False)
    spare = panels.T.flat[len(cells) :]
    for axes, cell in zip(panels.T.flat, cells, strict=False):
        draw_cell(axes, material, cell)
        axes.label_outer()
    for axes in spare:
        axes.set_axis_off()
    figure.suptitle(wrap(f"{material.title(page)} (seed {material.seed})", 54))
    legend(figure, handles(run_of(cells[0], material.seed)), columns=3)
    return figure


def draw_cell(axes: Axes, material: Material, cell: CellResults) -> None:
    """Draw one network's answers; a panel without points that says so when the run is missing."""
    run = run_of(cell, material.seed)
    record, weights, test = (
        cell.records.get(run.seed),
        material.store.weights(run.id),
        test_set(run),
    )
    title = wrap(material.name(cell, without=[material.page]), 28)
    frame(axes, test)
    draw_truth(axes, run)
    if record is None or weights is None:
        axes.set_title(f"{title}\nmissing".lstrip())
        material.notes.append(f"decisions: {material.name(cell)}, seed {run.seed} is missing")
        return
    mark = "\ndiverged" if record.status == "diverged" else ""
    train, test_accuracy = record.final["train_accuracy"], record.final["test_accuracy"]
    accuracies = f"train {train:.1f}, test {test_accuracy:.1f} %"
    axes.set_title(f"{title}\n{accuracies}{mark}".lstrip())
    draw_answers(axes, run, restore(run.settings, weights), test)


def draw_answers(axes: Axes, run: RunSpec, model: Sequential, test: Dataset) -> None:
    """Draw the test points as the network sees them, the wrong ones larger and edged, and its
    boundary: where its output crosses the threshold.
    """
    source, threshold = source_of(run.settings["data"]), run.settings["model"]["threshold"]
    x, answers = test.x.numpy(), (model.forward(test.x) >= threshold).numpy()[:, 0]
    wrong = answers != (test.y.numpy()[:, 0] >= 0.5)
    draw_points(axes, source, x[~wrong], answers[~wrong], s=1.8)
    draw_points(axes, source, x[wrong], answers[wrong], s=11, **WRONG)
    sides = [np.linspace(*limits, RESOLUTION) for limits in (axes.get_xlim(), axes.get_ylim())]
    points = np.stack(np.meshgrid(*sides), axis=-1).astype(np.float32)
    outputs = model.forward(torch.from_numpy(points).flatten(0, 1)).numpy()
    if outputs.min() < threshold <= outputs.max():
        surface = outputs.reshape(points.shape[:2])
        axes.contour(*sides, surface, levels=[threshold], colors=BLACK, linewidths=0.9, zorder=2.5)


def handles(run: RunSpec) -> list[Line2D]:
    """Return what the legend shows."""
    source = source_of(run.settings["data"])
    edge: dict[str, Any] = {"markeredgecolor": BLACK, "markeredgewidth": 0.6}
    return [
        *class_handles(source, "answers "),
        Line2D([], [], color="none", marker="o", markersize=3.8, label="wrong", **edge),
        Line2D([], [], color=BLACK, linewidth=0.9, label="its boundary"),
        *truth_handles(source),
    ]
