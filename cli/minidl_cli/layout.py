"""Tables, prose and intervals as text: as wide as the terminal, and nothing in them cut."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Collection, Iterable, Sequence
from math import isfinite

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from minidl_cli.output import printable

PROSE = 100  # columns that a line of prose has at most
BAR = 15  # columns of an interval's bar
LONG = 2000  # rows from which on a table is printed plainly
LEAST = 22  # columns that wrapped prose needs in a table
BEST = "*"
NUMBER = re.compile(r"[<+−-]? ?\d[\d.,]*(e[+-]?\d+)?%?( .*)?")
STYLES = {
    "supported": "bold green",
    "different": "bold green",
    "contradicted": "bold red",
    "undecided": "bold yellow",
    "no difference": "bold cyan",
    "partly": "bold yellow",
    "no verdict": "bold",
    "consistent": "green",
    "in tension": "yellow",
}


def console() -> Console:
    """Return where data is printed: without limits to its width where that is no terminal."""
    width = None if sys.stdout.isatty() else 10**6
    return Console(width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def print_text(text: Text | str) -> None:
    """Print a line of text, whatever its style and however long."""
    shown = text if isinstance(text, Text) else Text(printable(text))
    console().print(shown, soft_wrap=True)


def print_prose(text: str, indent: int = 0) -> None:
    """Print a text: wrapped at words on a terminal, as one line elsewhere."""
    for line in wrapped(printable(text), " " * indent, " " * indent):
        print(line)


def wrapped(text: str, first: str, later: str) -> list[str]:
    """Return a text as lines with their indentations, none of whose words is broken."""
    width = min(PROSE, console().width) if sys.stdout.isatty() else 10**6
    own = textwrap.TextWrapper(
        width=max(width, 20),
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return own.wrap(text)


def print_table(
    title: str | None,
    header: Sequence[str],
    rows: Iterable[Iterable[object]],
    notes: Sequence[str] = (),
    best: Collection[tuple[int, int]] = (),
    prose: str | None = None,
) -> None:
    """Print a table, numbers to the right and the best of a column marked; where it is wider than
    the terminal, a line for each value instead. A column of ``prose`` may be wrapped before that.
    """
    shown = [[printable(str(value)) for value in row] for row in rows]
    for row, column in best:
        shown[row][column] += BEST
    own = console()
    if title is not None:
        print_title(title)
    widths = [max(map(len, column)) for column in zip(header, *shown, strict=True)]
    too_wide = sum(widths) + 2 * len(widths) > own.width
    narrowed = None if prose is None or not too_wide else header.index(prose)
    if narrowed is not None:
        widths[narrowed] = min(widths[narrowed], LEAST)
    if len(shown) > LONG:
        print_plain(header, shown, widths)
    elif sum(widths) + 2 * len(widths) - 2 <= own.width:
        table = as_table([printable(name) for name in header], shown, best)
        if narrowed is not None:
            table.columns[narrowed].no_wrap = False
        with own.capture() as text:
            own.print(table)
        for line in text.get().splitlines():
            print(line.rstrip())
    else:
        print_records(header, shown)
    for note in notes:
        print_prose(note)


def print_plain(
    header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]
) -> None:
    """Print very many rows, which takes a thousandth of the time without styles and wrapping."""
    sides = [">" if is_right(rows, number) else "<" for number in range(len(header))]
    columns = "  ".join(f"{{:{side}{width}}}" for side, width in zip(sides, widths, strict=True))
    for line in (columns.format(*header), "─" * (sum(widths) + 2 * len(widths) - 1)):
        print(line.rstrip())
    for row in rows:
        print(columns.format(*row).rstrip())


def print_title(title: str) -> None:
    """Print what follows is called."""
    for line in wrapped(printable(title), "", ""):
        print_text(Text(line, style="bold"))


def as_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], best: Collection[tuple[int, int]]
) -> Table:
    """Return a table with a line below its header and none besides."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, header_style="bold")
    for number, name in enumerate(header):
        right = is_right(rows, number)
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    marked = {column for _, column in best}
    for i, row in enumerate(rows):
        table.add_row(*(as_cell(text, (i, j) in best, j in marked) for j, text in enumerate(row)))
    return table


def is_right(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whether a column holds numbers, and nothing else but gaps."""
    own = [row[column] for row in rows if row[column] not in ("", "–")]
    return bool(own) and all(NUMBER.fullmatch(text.removesuffix(BEST)) for text in own)


def as_cell(text: str, is_best: bool, in_marked: bool) -> Text:
    """Return a cell: a verdict in its colour, the best of a column in bold."""
    if in_marked:
        return Text(text if is_best else f"{text} ", style="bold" if is_best else "")
    return Text(text, style=style_of(text))


def style_of(verdict: str) -> str:
    """Return the colour of a verdict, "" for any other text."""
    return next((style for start, style in STYLES.items() if verdict.startswith(start)), "")


def print_records(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a line for each value of each row, with its column's name before it."""
    width = max(map(len, header), default=0)
    for number, row in enumerate(rows):
        if number:
            print()
        for name, value in zip(header, row, strict=True):
            start = f"{name:<{width}}  "
            for line in wrapped(value, start, " " * len(start)) or [start]:
                print_text(Text(line[: len(start)]).append(line[len(start) :], style_of(value)))


def bar(low: float, mean: float, high: float, margin: float, ends: tuple[float, float]) -> Text:
    """Return an interval as a bar from the left end of a scale to the right one: its mean, zero,
    and shaded what is less than the margin.
    """
    if not all(map(isfinite, (low, mean, high, *ends))) or ends[0] >= ends[1]:
        return Text(" " * BAR)

    def place(value: float) -> int:
        share = (value - ends[0]) / (ends[1] - ends[0])
        return min(max(round(share * (BAR - 1)), 0), BAR - 1)

    shade = range(place(-margin), place(margin) + 1) if margin else range(0)
    cells = ["░" if i in shade else " " for i in range(BAR)]
    cells[place(0.0)] = "│"
    for i in range(place(low), place(high) + 1):
        cells[i] = "─" if cells[i] != "│" else "┼"
    cells[place(low)], cells[place(high)] = "├", "┤"
    cells[place(mean)] = "●"
    return Text("".join(cells))


def scale(values: Iterable[float]) -> tuple[float, float]:
    """Return the ends of a scale that shows zero and all finite values."""
    known = [0.0, *(value for value in values if isfinite(value))]
    return min(known), max(known)
