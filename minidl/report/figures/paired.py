"""A difference seed by seed: every dot is a pair of the same data, weights and order of batches."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from minidl.report.figures.forest import BAND, color_of
from minidl.report.figures.material import Material
from minidl.report.figures.style import BLACK, GREY, Sheet, blank, legend, on_sheets, short, wrap
from minidl.report.verdicts.answers import Answer

PANELS = 8  # on one sheet
TITLE = 15  # characters of a level above a panel
SEED: dict[str, Any] = {"color": GREY, "marker": "o", "ls": "", "markersize": 3, "mew": 0}
MEAN: dict[str, Any] = {"color": BLACK, "linewidth": 1.2}


def paired(material: Material) -> Iterator[Sheet]:
    """Yield figures with a panel for each difference that the study's claims rest on."""
    claims = material.judgement.claims if material.judgement else []
    answers = [part for claim in claims for part in claim.parts if part.n > 1]
    for part, own in on_sheets("", answers, PANELS):
        yield part, partial(draw_differences, own)


def draw_differences(answers: Sequence[Answer]) -> Figure:
    """Draw a panel for each answer."""
    columns = min(len(answers), 2)
    rows = math.ceil(len(answers) / columns)
    figure = blank(rows * (1.6 if columns > 1 else 2.2) + 0.8)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, answer in zip(grid.flat, answers, strict=False):
        draw_seeds(axes, answer)
    for axes in grid.flat[len(answers) :]:
        axes.set_axis_off()
    legend(figure, handles(), 3)
    return figure


def draw_seeds(axes: Axes, answer: Answer) -> None:
    """Draw a dot for each seed, from the least difference to the greatest, and the mean."""
    differences = np.sort(answer.differences)
    at = np.arange(1, len(differences) + 1)
    low, high = answer.interval.low, answer.interval.high
    axes.fill_between([0.3, len(at) + 0.7], -answer.margin, answer.margin, **BAND)
    axes.axhline(0, color=BLACK, linewidth=0.6)
    axes.plot(at, differences, **SEED)
    axes.plot([0.3, len(at) + 0.7], [answer.difference] * 2, **{**MEAN, "color": color_of(answer)})
    if math.isfinite(low):
        band = {"color": color_of(answer), "alpha": 0.2, "linewidth": 0}
        axes.fill_between([0.3, len(at) + 0.7], low, high, **band)
    axes.set_xlim(0.3, len(at) + 0.7)
    axes.set_xticks([])
    axes.set_title(title_of(answer))
    axes.set_xlabel(f"{len(at)} seeds, in order")
    unit = f" ({answer.measure.unit})" if answer.measure.unit else ""
    axes.set_ylabel(wrap(f"{answer.measure.title}{unit}", 26))
    axes.grid(axis="y")


def title_of(answer: Answer) -> str:
    """Return the two levels, in one line or two."""
    first, second = (short(level, TITLE) for level in answer.question.levels)
    return f"{first} − {second}" if len(first + second) < TITLE else f"{first}\n− {second}"


def handles() -> list[Any]:
    """Return what the legend shows."""
    return [
        Line2D([], [], label="one seed", **SEED),
        Line2D([], [], label="mean, 95 % interval", **MEAN),
        Patch(label="less than matters", **BAND),
    ]
