"""Rows as a Parquet file, for those who read studies with data-frame libraries or databases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

import pyarrow
from pyarrow import parquet


def to_parquet(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> bytes:
    """Return rows as a Parquet file; a column in which nothing is known has Arrow's type null."""
    listed = list(rows)
    table = pyarrow.table({name: [row.get(name) for row in listed] for name in columns})
    file = BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()
