"""How every figure looks: sizes for one column of print, colours for every eye, atomic files."""

from __future__ import annotations

import io
import math
import textwrap
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from minidl.report.spelling import spelled
from minidl.study.errors import InputError
from minidl.study.files.folder import write_inside

ENTRIES = 21  # that a legend shows
LONGEST = 50  # characters of an entry: what fits into a line
LEGEND = 0.6  # inches of height that every figure has to spare
WIDTH = 3.4  # inches: one column of a two-column page
RC: dict[Any, Any] = {  # matplotlib's keys have a type of their own
    "font.size": 7,
    "text.parse_math": False,  # names may have dollar signs
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
# The classes of a data set: they differ in print without colours too.
CLASSES = (
    *((ORANGE, "s"), (BLUE, "o"), (GREEN, "^"), (PURPLE, "D"), (VERMILLION, "v")),
    *((SKY, "P"), (GREY, "X"), (BLACK, "*"), ("#F0E442", "p")),
)

Sheet = tuple[str, Callable[[], Figure]]
T = TypeVar("T")


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
    defaults: dict[Any, Any] = {
        key: value for key, value in mpl.rcParamsDefault.items() if key != "backend"
    }
    with mpl.rc_context():
        with warnings.catch_warnings(action="ignore"):  # of defaults that matplotlib will drop
            mpl.rcParams.update({**defaults, **RC})
        yield


def looks(levels: Sequence[str]) -> dict[str, Look]:
    """Return how each level is drawn: from the eighth on colours come again, each round with other
    lines and markers; from the fiftieth on all of it.
    """
    n = len(LOOKS)
    return {
        level: LOOKS[(i + i // n) % n]._replace(color=LOOKS[i % n].color)
        for i, level in enumerate(levels)
    }


def blank(height: float, width: float = WIDTH) -> Figure:
    """Return an empty figure, in inches, that lays itself out."""
    return Figure(figsize=(width, height), layout="constrained")


def legend(figure: Figure, handles: Sequence[Line2D], columns: int, note: str = "") -> None:
    """Put a legend below everything, and above it, small, what a reader must know.

    It has as many of the columns as fit, and what is tall makes the figure taller; of very
    many entries the last are left out, in words.
    """
    shown = list(handles[:ENTRIES])
    if rest := len(handles) - len(shown):
        shown.append(Line2D([], [], ls="", label=f"… and {rest} more"))
    for handle in shown:
        handle.set_label(cut(str(handle.get_label()), LONGEST))
    for number in range(columns, 0, -1):
        made = figure.legend(
            handles=shown,
            ncols=number,
            loc="outside lower center",
            handlelength=2.5,
            title=wrap(note, int(figure.get_figwidth() * 20), 6),
            title_fontproperties={"size": 5.5},
        )
        size = made.get_window_extent()
        if number == 1 or size.width <= figure.bbox.width:
            taller = max(0.0, size.height / figure.dpi - LEGEND)
            figure.set_figheight(figure.get_figheight() + taller)
            return
        made.remove()


def on_sheets(part: str, things: Sequence[T], most: int) -> Iterator[tuple[str, Sequence[T]]]:
    """Deal things out on sheets of like size, ``most`` on each; number the sheets if several."""
    count = math.ceil(len(things) / most)
    size = math.ceil(len(things) / max(count, 1))
    for number in range(count):
        own = things[number * size : (number + 1) * size]
        yield (f"{part} {number + 1} of {count}".lstrip() if count > 1 else part), own


def wrap(text: str, width: int, lines: int = 3) -> str:
    """Break a text into lines; what does not fit on so many is cut, and an ellipsis says so."""
    return textwrap.fill(spelled(text), width, max_lines=lines, placeholder=" …")


def short(text: str, length: int) -> str:
    """Return a label as people write it, without its middle if it is too long."""
    return cut(spelled(text), length)


def cut(text: str, length: int) -> str:
    """Return a text, without its middle if it is too long."""
    half = (length - 1) // 2
    return text if len(text) <= length else f"{text[:half]}…{text[-half:]}"


def save(draw: Callable[[], Figure], path: Path, folder: Path) -> list[str]:
    """Draw a figure and write it in the format of the path's suffix: whole, or not at all.

    ``folder`` is the one that the user has named: below it no link is followed. Returns what
    matplotlib warned of, such as characters that its font has not. Raises InputError when the file
    cannot be written.
    """
    format, drawn = path.suffix[1:], io.BytesIO()
    try:
        with warnings.catch_warnings(record=True, action="always") as caught:
            draw().savefig(drawn, format=format, metadata=METADATA.get(format))
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from None
    write_inside(folder, path.relative_to(folder), drawn.getvalue())
    return list(dict.fromkeys(" ".join(str(warning.message).split()) for warning in caught))
