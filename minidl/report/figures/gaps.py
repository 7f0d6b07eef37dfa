"""The gap between training and test accuracy over all cells, seed by seed, and the paper's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from minidl.report.figures.accuracies import MEAN, PAPER, ROW, label_rows
from minidl.report.figures.material import Material
from minidl.report.figures.style import BLUE, GREY, Sheet, blank, legend
from minidl.report.verdicts.together import Together, together


def gaps(material: Material) -> Iterator[Sheet]:
    """Yield one figure: a row for each group of cells that the published numbers speak of.

    A dot is one seed's mean over the cells; the bar is where one more run of all of them would lie
    in 95 % of cases.
    """
    paper = material.published
    groups = together(material.results, paper.reference) if paper else []
    if groups:
        yield "", partial(draw_groups, groups)


def draw_groups(groups: Sequence[Together]) -> Figure:
    """Draw a row for each group."""
    figure = blank(len(groups) * ROW * 1.5 + 0.9)
    axes = figure.add_subplot()
    for row, group in enumerate(groups):
        gap = group.agreements[-1]
        heights = [row + 0.5 * ((i + 0.5) / len(gap.values) - 0.5) for i in range(len(gap.values))]
        axes.scatter(gap.values, heights, s=6, c=BLUE, linewidths=0, alpha=0.65, rasterized=True)
        ahead = gap.near
        axes.plot([ahead.low, gap.summary.mean, ahead.high], [row] * 3, markevery=[1], **MEAN)
        axes.plot([gap.published], [row], **PAPER)
    names = [
        ", ".join(f"{key.split('.')[-1]}={value}" for key, value in group.labels.items())
        for group in groups
    ]
    label_rows(axes, names, [])
    axes.set_xlabel("train − test accuracy (points)")
    axes.grid(axis="x")
    shown = [
        Line2D([], [], color=GREY, marker="o", ls="", markersize=3, label="one seed, all cells"),
        Line2D([], [], label="one more run, 95 %", **MEAN),
        Line2D([], [], label="paper", **PAPER),
    ]
    legend(figure, shown, 3)
    return figure
