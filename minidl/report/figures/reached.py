"""The share of runs that have reached a target on their training set, by epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from minidl.report.cell_results import CellResults
from minidl.report.figures.material import Material, missing_note
from minidl.report.figures.style import Sheet, blank, legend, looks
from minidl.report.measures import HOLD, first_held
from minidl.report.spelling import spelled
from minidl.report.words import counted

Curve = list[dict[str, Any]]


def reached(material: Material) -> Iterator[Sheet]:
    """Yield one figure, of a study whose metric has a target."""
    if material.metric.target is not None:
        yield "", partial(draw_staircases, material)


def draw_staircases(material: Material) -> Figure:
    """Draw a staircase for each level of the colour axis, over all other axes.

    A run has reached the target at the first evaluation from which on it held it for ``HOLD``. Each
    staircase ends, with a marker, where the training of its runs ends.
    """
    levels, common = balanced(material)
    look = looks(list(levels))
    figure = blank(2.5)
    axes = figure.add_subplot()
    metric = material.metric
    for level, cells in levels.items():
        curves = [curve for cell in cells for curve in material.curves_of(cell)]
        if not curves:
            continue
        color, marker, linestyle = look[level]
        epochs, share = shares(curves, material.on("train"), metric.target)
        count = f"{round(share[-1] * len(curves) / 100)} of {len(curves)} runs"
        text = f"{spelled(level)}: {count}".removeprefix(": ")
        axes.step(epochs, share, where="post", color=color, linestyle=linestyle, label=text)
        axes.plot(epochs[-1:], share[-1:], color=color, marker=marker, markersize=3.5)
    target = f"{metric.target:g} {metric.unit}".rstrip()
    axes.set_title(f"Runs that have reached, and held, {target} training {metric.title}")
    axes.set_xlabel("epoch")
    axes.set_ylabel("share of runs (%)")
    axes.set_ylim(-3, 103)
    axes.set_xlim(left=0)
    axes.grid(axis="y")
    lines = [line for line in axes.get_lines() if line.get_drawstyle() == "steps-post"]
    shown = [cell for cells in levels.values() for cell in cells]
    legend(figure, lines, 2, " ".join(filter(None, [common, missing_note(material, shown)])))
    return figure


def balanced(material: Material) -> tuple[dict[str, list[CellResults]], str]:
    """Return the cells of each level that are pooled, and what must be known of them: those alone
    that every level has a like of, so that no level looks better for its other settings.
    """
    levels, hue = material.levels(), material.hue
    own = {at: {material.name(c, without=[hue]) for c in cells} for at, cells in levels.items()}
    common = set.intersection(*own.values()) if own else set()
    if all(names == common for names in own.values()):
        return levels, ""
    if not common:
        return levels, "The runs of each have other settings beside it."
    kept = {
        at: [cell for cell in cells if material.name(cell, without=[hue]) in common]
        for at, cells in levels.items()
    }
    left = sum(map(len, levels.values())) - sum(map(len, kept.values()))
    return kept, f"Without {counted(left, 'cell')} that not all of them have."


def shares(curves: Sequence[Curve], score: str, target: float) -> tuple[np.ndarray, np.ndarray]:
    """Return epochs, from 0, and the percentage of runs that had reached the target by each."""
    points = [[(point["epoch"], point.get(score)) for point in curve] for curve in curves]
    firsts = [first_held(own, target, HOLD) for own in points]
    first = np.array([np.inf if epoch is None else epoch for epoch in firsts])
    epochs = np.unique([0, *(point["epoch"] for curve in curves for point in curve)])
    return epochs, (first[:, None] <= epochs).mean(axis=0) * 100
