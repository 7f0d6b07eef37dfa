"""Points from a CSV file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import torch
from torch import Tensor

from minidl.study.errors import InputError
from minidl.study.files.reading import read_text


def split(path: Path) -> list[list[str]]:
    """Return the cells of a CSV file, line by line."""
    try:
        return list(csv.reader(io.StringIO(read_text(path))))
    except csv.Error as error:
        raise InputError(f"{path}: not CSV: {error}") from None


def read_points(path: Path) -> Tensor:
    """Return the points ``(n, d)`` of a CSV file: a row each, all of one length, maybe a header.

    Raises InputError, with file and line, for anything that is not a finite number.
    """
    rows: list[list[float]] = []
    for line, cells in enumerate(split(path), start=1):
        if not cells:
            continue
        try:
            row = [float(cell) for cell in cells]
        except ValueError:
            if line == 1:
                continue
            raise InputError(f"{path}:{line}: not a row of numbers: {cells!r:.60}") from None
        if not torch.tensor(row).isfinite().all():  # as float32, which they become
            raise InputError(f"{path}:{line}: numbers must be finite, got {cells!r:.60}")
        if rows and len(row) != len(rows[0]):
            raise InputError(f"{path}:{line}: {len(row)} numbers; expected {len(rows[0])}")
        rows.append(row)
    if not rows:
        raise InputError(f"{path}: holds no points")
    return torch.tensor(rows)
