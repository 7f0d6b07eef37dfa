"""How every figure looks: sizes for one column of print, colours for every eye, atomic files."""

from __future__ import annotations

import os
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

WIDTH = 3.4  # inches: one column of a two-column page
RC: dict[Any, Any] = {  # matplotlib's keys have a type of their own
    "font.size": 7,
    "axes.titlesize": 7,
    "axes.labelsize": 7,
    "figure.titlesize": 8,
    "xtick.labelsize": 6,
    "ytick.labelsize": 6,
    "legend.fontsize": 6.5,
    "legend.frameon": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.linewidth": 0.3,
    "grid.alpha": 0.6,
    "lines.linewidth": 1.1,
    "savefig.dpi": 300,
    "svg.hashsalt": "minidl",  # the same study gives the same file
    "pdf.fonttype": 42,  # fonts that can be searched and edited
}
# Creation dates, by format, left out for the same reason.
METADATA: dict[str, dict[str, None]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}

# Okabe and Ito, "Color Universal Design" (2008), without its yellow: too pale for thin lines.
BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, BLACK, GREY = "#E69F00", "#56B4E9", "#000000", "#666666"


class Look(NamedTuple):
    """How one level of an axis is drawn, told apart by more than its colour."""

    color: str
    marker: str
    linestyle: Any


LOOKS = [
    Look(BLUE, "o", "-"),
    Look(VERMILLION, "s", (0, (5, 1.5))),
    Look(GREEN, "^", (0, (1, 1))),
    Look(PURPLE, "D", (0, (5, 1, 1, 1))),
    Look(ORANGE, "v", (0, (3, 1, 1, 1, 1, 1))),
    Look(SKY, "P", (0, (8, 2))),
    Look(BLACK, "X", (0, (2, 2))),
]


@contextmanager
def own_settings() -> Iterator[None]:
    """Draw with matplotlib's defaults and ``RC`` on top, whatever the user has set."""
    defaults = {key: value for key, value in mpl.rcParamsDefault.items() if key != "backend"}
    with mpl.rc_context():
        with warnings.catch_warnings(action="ignore"):  # of defaults that matplotlib will drop
            mpl.rcParams.update({**defaults, **RC})
        yield


def looks(levels: Sequence[str]) -> dict[str, Look]:
    """Return how each level is drawn; from the eighth on, looks come again."""
    return {level: LOOKS[i % len(LOOKS)] for i, level in enumerate(levels)}


def blank(height: float, width: float = WIDTH) -> Figure:
    """Return an empty figure, in inches, that lays itself out."""
    return Figure(figsize=(width, height), layout="constrained")


def legend(figure: Figure, handles: Sequence[Line2D], columns: int, note: str = "") -> None:
    """Put a legend below everything, and above it, small, what a reader must know."""
    figure.legend(
        handles=handles,
        ncols=columns,
        loc="outside lower center",
        handlelength=2.5,
        title=textwrap.fill(note, int(figure.get_figwidth() * 20)),
        title_fontproperties={"size": 5.5},
    )


def save(figure: Figure, path: Path) -> None:
    """Write a figure in the format of the path's suffix: whole, or not at all."""
    format = path.suffix[1:]
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        figure.savefig(unfinished, format=format, metadata=METADATA.get(format))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
