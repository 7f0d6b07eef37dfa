"""What a table is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Table:
    """One table: texts to show, and under ``numbers`` the same rows unrounded, None for unknown.

    ``notes`` are the lines below the table: what the columns are, and which runs are missing.
    ``best`` are the cells, by row and column, that have the best number of their column.
    """

    title: str
    header: list[str]
    rows: list[list[str]]
    notes: list[str]
    numbers: list[dict[str, Any]]
    best: list[tuple[int, int]] = field(default_factory=list)
