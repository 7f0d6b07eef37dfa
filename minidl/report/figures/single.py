"""One network: what it answers beside how it learned, and a question of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from minidl.report.figures.decisions import NOTE, draw_answers, draw_plane
from minidl.report.figures.decisions import handles as decision_handles
from minidl.report.figures.fits import draw_curve, draw_data
from minidl.report.figures.fits import handles as fit_handles
from minidl.report.figures.paired import draw_differences
from minidl.report.figures.style import BLUE, VERMILLION, blank, legend, own_settings, save, wrap
from minidl.report.networks.points import has_plane, is_curve
from minidl.report.verdicts.answers import Answer
from minidl.study.grid.data import source_of
from minidl.study.result import RunResult, headline
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.weights import restore

LOOKS = {"train": (BLUE, "-"), "validation": ("black", ":"), "test": (VERMILLION, "--")}


def draw_run(run: RunSpec, result: RunResult, title: str, path: Path) -> list[str]:
    """Draw one network into a file; returns what matplotlib warned of."""
    with own_settings():
        return save(lambda: of_run(run, result, title), path, path.parent)


def draw_answers_to(answers: Sequence[Answer], path: Path) -> list[str]:
    """Draw the differences that answers are about, seed by seed, into a file."""
    with own_settings():
        return save(lambda: draw_differences(answers), path, path.parent)


def of_run(run: RunSpec, result: RunResult, title: str) -> Figure:
    """Return the figure of a network: its answers, where they can be drawn, loss and score."""
    source = source_of(run.settings["data"])
    plane, curve = has_plane(source), is_curve(source)
    shown = 1 if plane or curve else 0
    figure = blank(2.9, 2.3 * (2 + shown))
    grid = figure.subplots(1, 2 + shown)
    if shown and result.weights is not None:
        prepare, draw = (draw_plane, draw_answers) if plane else (draw_data, draw_curve)
        prepare(grid[0], run)
        draw(grid[0], run, restore(run.settings, result.weights))
    score = headline(result.final).partition("_")[2]
    for axes, name in zip(grid[shown:], ("loss", score), strict=True):
        draw_learning(axes, result, name)
    figure.suptitle(wrap(title, 90))
    handles = decision_handles(run) if plane else fit_handles(run) if curve else []
    lines = [line for line in grid[-1].get_lines() if not str(line.get_label()).startswith("_")]
    legend(figure, [*handles, *lines], 6, NOTE if plane else "")
    return figure


def draw_learning(axes: Axes, result: RunResult, name: str) -> None:
    """Draw a score of each part of the data by epoch."""
    epochs = [row["epoch"] for row in result.curve]
    for part, (color, style) in LOOKS.items():
        if (key := f"{part}_{name}") in result.final:
            values = [row[key] for row in result.curve]
            dot = "." if len(epochs) == 1 else ""  # which makes no line
            axes.plot(epochs, values, color=color, linestyle=style, marker=dot, label=part)
    axes.set_xlabel("epoch")
    axes.set_ylabel(name.replace("_", " "))
    axes.grid(axis="y")
