"""The differences that a study's claims rest on: intervals on one scale, the margins as bands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import isfinite
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from minidl.report.figures.material import Material
from minidl.report.figures.style import (
    BLACK,
    BLUE,
    GREY,
    VERMILLION,
    Sheet,
    blank,
    legend,
    on_sheets,
    wrap,
)
from minidl.report.pages.claims import question
from minidl.report.verdicts import rules
from minidl.report.verdicts.answers import Answer

ROW = 0.42  # inches: a question may take two lines
ROWS = 20  # on one sheet
DIFFERENCE: dict[str, Any] = {"marker": "o", "markersize": 3.5, "linewidth": 1.2}
BAND: dict[str, Any] = {"color": GREY, "alpha": 0.18, "linewidth": 0}
DECIDED, OPEN = BLUE, VERMILLION


def forest(material: Material) -> Iterator[Sheet]:
    """Yield a figure for each unit among the differences that the study's claims rest on."""
    units: dict[str, list[Answer]] = {}
    for claim in material.judgement.claims if material.judgement else []:
        for part in claim.parts:
            if isfinite(part.difference):
                units.setdefault(part.measure.unit, []).append(part)
    for unit, answers in units.items():
        part = unit if len(units) > 1 else ""
        for name, own in on_sheets(part, answers, ROWS):
            yield name, partial(draw_rows, unit, own)


def draw_rows(unit: str, answers: Sequence[Answer]) -> Figure:
    """Draw a row for each difference, the first on top."""
    figure = blank(len(answers) * ROW + 0.8)
    axes = figure.add_subplot()
    for row, answer in enumerate(answers):
        draw_row(axes, answer, row)
    names = [wrap(question(answer), 30) for answer in answers]
    axes.set_yticks(range(len(answers)), names)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(answers) - 0.5, -0.5)
    axes.axvline(0, color=BLACK, linewidth=0.6)
    axes.set_xlabel(f"difference ({unit})" if unit else "difference")
    axes.grid(axis="x")
    legend(figure, handles(), 2)
    return figure


def draw_row(axes: Axes, answer: Answer, row: int) -> None:
    """Draw one difference with its interval, and as a band what is less than its margin."""
    color = color_of(answer)
    if answer.margin:
        axes.fill_betweenx([row - 0.4, row + 0.4], -answer.margin, answer.margin, **BAND)
    interval = answer.interval
    if isfinite(interval.low):
        axes.plot([interval.low, interval.high], [row, row], color=color, linewidth=1.2)
    axes.plot([answer.difference], [row], color=color, **DIFFERENCE)


def color_of(answer: Answer) -> str:
    """Return the colour of an answer: whether it is decided."""
    return OPEN if answer.outcome in (rules.UNDECIDED, rules.NO_VERDICT) else DECIDED


def handles() -> list[Any]:
    """Return what the legend shows."""
    return [
        Line2D([], [], color=DECIDED, label="decided", **DIFFERENCE),
        Line2D([], [], color=OPEN, label="undecided", **DIFFERENCE),
        Patch(label="less than matters", **BAND),
    ]
