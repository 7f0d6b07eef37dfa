"""Points from a CSV file."""

from __future__ import annotations

import csv
import io
import re
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from minidl.study.errors import InputError
from minidl.study.files.reading import read_text

MAX_BYTES = 100_000_000  # some five million points of a plane
NUMERIC = re.compile(r"\s*[-+.]*\d|\s*[-+]?(nan|inf)", re.IGNORECASE)  # a number, maybe mistyped
INFINITE = (2 - 2**-24) * 2.0**127  # from here on a number is infinite as float32, which it becomes


def split(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the place and the cells of each line of a CSV file that is not empty."""
    try:
        lines = csv.reader(io.StringIO(read_text(path, pipe=True, most=MAX_BYTES)))
        for number, cells in enumerate(lines, start=1):
            if cells:
                yield f"{path}:{number}", cells
    except csv.Error as error:
        raise InputError(f"{path}: not CSV: {error}") from None


def read_points(path: Path) -> Tensor:
    """Return the points ``(n, d)`` of a CSV file: a row each, all of one length, maybe a header.

    Raises InputError, with file and line, for anything that is not a finite number.
    """
    values, width = array("d"), 0
    for place, cells in split(path):
        if place == f"{path}:1" and not any(map(NUMERIC.match, cells)):
            continue  # a header
        row = numbers(cells, place)
        width = width or len(row)
        if len(row) != width:
            raise InputError(f"{place}: {len(row)} numbers; expected {width}")
        values.extend(row)
    if not values:
        raise InputError(f"{path}: holds no points")
    return torch.frombuffer(values, dtype=torch.float64).float().reshape(-1, width)


def numbers(cells: Sequence[str], place: str) -> list[float]:
    """Return a row's numbers; raises InputError for what is none, or not finite."""
    try:
        row = [float(cell) for cell in cells]
    except ValueError:
        raise InputError(f"{place}: not a row of numbers: {cells!r:.60}") from None
    if not all(abs(number) < INFINITE for number in row):
        raise InputError(f"{place}: numbers must be finite, got {cells!r:.60}")
    return row
