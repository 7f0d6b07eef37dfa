"""The pictures: time per network and step against stack, width and batch; growth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

mpl.use("Agg")
mpl.rcParams["svg.hashsalt"] = "minidl"  # the same file for the same figures

STYLE = {
    "torch.nn": ("#7f7f7f", "s"),
    "torch.func": ("#9467bd", "v"),
    "JAX": ("#d95f02", "^"),
    "minidl alone": ("#66a61e", "D"),
    "minidl": ("#1b6ca8", "o"),
    "C++ limit": ("#000000", "*"),
}


def draw_curves(curves: dict[str, Any], folder: Path) -> None:
    """Draw the three curves side by side."""
    figure, axes = plt.subplots(1, 3, figsize=(12, 4), layout="constrained")
    labels = {"stack": "networks in the stack", "width": "width of the hidden layers"}
    for ax, what in zip(axes, ("stack", "width", "batch"), strict=True):
        draw_lines(ax, curves[what])
        ax.set_xlabel(labels.get(what, "batch size"))
    axes[0].set_ylabel("µs per network and step")
    axes[0].legend(frameon=False, fontsize=8)
    axes[1].set_title("54 networks", fontsize=9)
    axes[2].set_title("54 networks", fontsize=9)
    save(figure, folder / "curves.svg")


def draw_lines(ax: Axes, lines: dict[str, dict[str, float]]) -> None:
    """Draw one line for each contender; a single point becomes a line across."""
    for name, points in lines.items():
        colour, marker = STYLE[name]
        if len(points) == 1:
            ax.axhline(next(iter(points.values())), color=colour, lw=1, ls=":", label=name)
        else:
            x, y = [float(key) for key in points], list(points.values())
            ax.plot(x, y, color=colour, marker=marker, ms=4, lw=1.3, label=name)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.grid(alpha=0.3)


def draw_growth(growth: dict[str, Any], folder: Path) -> None:
    """Draw seconds and memory against networks, epochs, points and width."""
    figure, axes = plt.subplots(2, 4, figsize=(12, 5), layout="constrained", sharex="col")
    for column, (what, cases) in zip(axes.T, growth.items(), strict=True):
        x = [float(value) for value in cases]
        for ax, key in zip(column, ("seconds", "grown_mib"), strict=True):
            ax.plot(x, [case[key] for case in cases.values()], color="#1b6ca8", marker="o", ms=4)
            ax.set_xscale("log")
            ax.grid(alpha=0.3)
        column[0].set_yscale("log")
        column[0].yaxis.set_minor_formatter(NullFormatter())
        column[1].set_ylim(bottom=0)
        column[1].set_xlabel(what)
    axes[0, 0].set_ylabel("processor seconds")
    axes[1, 0].set_ylabel("memory taken, MiB")
    save(figure, folder / "growth.svg")


def save(figure: Any, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
