"""What matters: how the variance of a single evaluation is shared out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from matplotlib.figure import Figure

from minidl.report.figures.material import Material
from minidl.report.figures.style import BLUE, Sheet, blank, wrap
from minidl.report.statistics.shares import variance_shares

ROW = 0.24  # inches


def shares(material: Material) -> Iterator[Sheet]:
    """Yield one figure, of a study with two cells, seeds and evaluations at least."""
    if variance_shares(material.results, material.score):
        yield "", partial(draw_shares, material)


def draw_shares(material: Material) -> Figure:
    """Draw a bar for each source of variance, the greatest on top."""
    found = sorted(variance_shares(material.results, material.score), key=lambda s: -s.share)
    figure = blank(len(found) * ROW + 0.9)
    axes = figure.add_subplot()
    at = range(len(found))
    axes.barh(at, [100 * each.share for each in found], height=0.7, color=BLUE)
    for row, each in enumerate(found):
        place = {"xytext": (2, 0), "textcoords": "offset points", "va": "center"}
        axes.annotate(f"{each.share:.0%}", (100 * each.share, row), **place)
    axes.set_yticks(at, [wrap(each.source, 26) for each in found])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.set_xlim(0, 112)
    axes.set_xlabel("share of the variance of one evaluation (%)")
    axes.set_title(f"What matters for {material.score_label}")
    axes.grid(axis="x")
    return figure
