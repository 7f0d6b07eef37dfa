"""A cell of a CSV file, as a spreadsheet should take it: as a number or a text, not a formula."""

from __future__ import annotations

from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a cell that a spreadsheet would run begins with


def as_cell(value: Any) -> Any:
    """Return a value for a CSV file; a text that would be a formula gets an apostrophe before it.

    A text that is a number (``-1``) stays as it is.
    """
    if not isinstance(value, str) or not value.startswith(FORMULA) or is_number(value):
        return value
    return f"'{value}"


def is_number(cell: str) -> bool:
    """Whether a cell holds a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True
