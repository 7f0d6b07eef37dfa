"""The columns of a CSV file, as text and then as numbers, with the place of whatever is wrong."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

MISSING = {"", "?", "na", "n/a", "nan", "null", "none"}
LARGEST = torch.finfo(torch.float32).max
EXACT = 2**53  # whole numbers from here on may differ where their floats do not


class Columns(NamedTuple):
    """A CSV file: ``cells[name]`` are a column's cells, ``lines`` the line that each came from."""

    place: str
    cells: dict[str, list[str]]
    lines: list[int]

    def at(self, row: int, name: str) -> str:
        """Return where a cell is: ``t.csv:3: column 'age'``."""
        return f"{self.place}:{self.lines[row]}: column {name!r}"

    def texts(self, name: str) -> list[str]:
        """Return a column's cells; raises ValueError where one is missing."""
        for row, cell in enumerate(self.cells[name]):
            if cell.lower() in MISSING:
                raise ValueError(f"{self.at(row, name)} has no value, got {cell!r}")
        return self.cells[name]

    def numbers(self, name: str) -> Tensor:
        """Return a column ``(n, 1)`` of numbers; raises ValueError for any other cell, and where
        all that varies is lost in single precision.
        """
        values = []
        for row, cell in enumerate(self.texts(name)):
            if (value := number(cell)) is None:
                raise ValueError(
                    f"{self.at(row, name)} must be a number, got {cell[:40]!r}; a column of text "
                    "goes into one_hot"
                )
            if not abs(value) <= LARGEST:
                raise ValueError(f"{self.at(row, name)} must be finite, got {cell[:40]!r}")
            values.append(value)
        column = torch.tensor(values, dtype=torch.float64).unsqueeze(-1)
        if is_lost(column):
            raise ValueError(
                f"{self.place}: column {name!r} goes from {min(values)!r} to {max(values)!r}, "
                "which is one number in single precision; subtract an offset or change the unit"
            )
        return column.float()

    def values(self, name: str) -> list[str]:
        """Return a column's values, in order, each of which is a class or an input of its own;
        raises ValueError where a number is written in two ways, 1 and 1.0, and would be two.
        """
        found = in_order(self.texts(name))
        for one, other in pairwise(found) if is_real(found) else ():
            if number(one) == number(other) and abs(float(one)) < EXACT:
                raise ValueError(
                    f"{self.place}: column {name!r} has one number written in two ways, "
                    f"{one[:40]!r} and {other[:40]!r}; they would be two values"
                )
        return found

    def one_of(self, name: str, known: Sequence[str]) -> Tensor:
        """Return a column ``(n,)`` of text as the positions of its cells among the known ones."""
        position = {text: k for k, text in enumerate(known)}
        for row, cell in enumerate(self.texts(name)):
            if cell not in position:
                raise ValueError(
                    f"{self.at(row, name)} is {cell[:40]!r}, which the training file has not"
                )
        return torch.tensor([position[cell] for cell in self.cells[name]])


def number(cell: str) -> float | None:
    """Return the number in a cell, None for text."""
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def read_columns(text: str, place: str) -> Columns:
    """Read a CSV text whose first row names its columns.

    Raises ValueError, with the line, for a row of the wrong length, and for columns without a name
    of their own.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    names: list[str] | None = None
    rows, lines = [], []
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells) and len(cells) < 2:
                continue
            if names is None:
                names = header(cells, f"{place}:{reader.line_num}")
            elif len(cells) != len(names):
                raise ValueError(
                    f"{place}:{reader.line_num}: {len(cells)} cells; expected {len(names)}"
                )
            else:
                rows.append(cells)
                lines.append(reader.line_num)
    except csv.Error as error:
        raise ValueError(f"{place}:{reader.line_num}: not CSV: {error}") from None
    if names is None or not rows:
        raise ValueError(f"{place}: holds no points")
    return Columns(place, dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)), lines)


def header(names: list[str], place: str) -> list[str]:
    """Return the names of the columns; raises ValueError when they cannot be names."""
    if all(number(name) is not None for name in names):
        raise ValueError(f"{place}: the first row must name the columns, got numbers")
    for position, name in enumerate(names, start=1):
        if not name:
            raise ValueError(f"{place}: column {position} has no name")
        if names.index(name) < position - 1:
            raise ValueError(f"{place}: column {name!r} appears twice")
    return names


def is_lost(column: Tensor) -> bool:
    """Whether numbers that differ, by more than the rounding of a computation, become one number in
    single precision, as seconds since 1970 do within a minute.
    """
    low, high = column.aminmax()
    differ = high - low > 1e-12 * column.abs().max()
    return bool(differ) and bool(low.float() == high.float())


def in_order(cells: Sequence[str]) -> list[str]:
    """Return a column's values, each once and sorted: numbers by their size, text as text."""
    found = set(cells)
    if all(number(cell) is not None for cell in found):
        return sorted(found, key=lambda cell: (number(cell) or 0.0, cell))
    return sorted(found)


def is_whole(cells: Sequence[str]) -> bool:
    """Whether all cells are whole numbers."""
    return all((value := number(cell)) is not None and value % 1 == 0 for cell in cells)


def is_real(cells: Sequence[str]) -> bool:
    """Whether all cells are numbers."""
    return all((value := number(cell)) is not None and not math.isnan(value) for cell in cells)
