"""How numbers, counts, lists and cells are written in text."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `status` writes words too, and need not wait for scipy
    from minidl.report.statistics.intervals import Interval

LISTED = 10  # seeds or runs that are named before the rest is only counted


def name_cell(labels: dict[str, str]) -> str:
    """Return a cell's values as a text."""
    return ", ".join(f"{axis}={value}" for axis, value in labels.items()) or "all"


def counted(n: int, noun: str) -> str:
    """Return a count with its noun: ``1 seed``, ``10 seeds``."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def listed(seeds: Sequence[int]) -> str:
    """Return seeds as a text, a long list shortened."""
    more = ", …" if len(seeds) > LISTED else ""
    return f"seed {', '.join(map(str, seeds[:LISTED]))}{more}"


def is_tiny(value: float, digits: int) -> bool:
    """Whether so many decimals say 0 of a number that is not: a loss of 1e-8.

    With less than three nobody asks for what is so small.
    """
    return digits >= 3 and value != 0 and abs(value) < 0.5 * 10**-digits


def decimal(value: float | None, digits: int) -> str:
    """Return a number with so many decimals, a dash for none; a tiny one as ``1.2e-08``."""
    if value is None:
        return "–"
    if is_tiny(value, digits):
        return f"{value:.1e}"
    return f"{round(value, digits) + 0.0:.{digits}f}"  # no minus before a 0


def unsigned(value: float, digits: int) -> str:
    """Return a number as ``decimal`` does, with a printer's minus."""
    text = decimal(value, digits)
    return f"−{text[1:]}" if text.startswith("-") else text


def signed(value: float, digits: int) -> str:
    """Return a number with its sign, a dash for none."""
    if not isfinite(value):
        return "–"
    if is_tiny(value, digits):
        return f"{'+' if value > 0 else '−'}{abs(value):.1e}"
    text = f"{value:+,.{digits}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text[1:]


def between(interval: Interval, digits: int) -> str:
    """Return an interval as a text: ``−0.10 to +0.52``."""
    if not isfinite(interval.low):
        return "–"
    return f"{signed(interval.low, digits)} to {signed(interval.high, digits)}"


def p_text(p: float) -> str:
    """Return a p-value as a text: ``0.031``, ``< 0.0001``."""
    if not isfinite(p):
        return "–"
    return f"{p:.2g}" if p >= 0.0001 else "< 0.0001"


def p_told(p: float) -> str:
    """Return a p-value for a sentence: ``p = 0.031``, ``p < 0.0001``."""
    text = p_text(p)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def plain(value: float) -> float | None:
    """Return a number for JSON, None for NaN and infinity."""
    return value if isfinite(value) else None


def mixed_note(cells: int) -> str:
    """Return what must be known where runs of one cell were made in different environments."""
    return (
        f"{counted(cells, 'cell')} with runs of more than one numerical environment (torch, the "
        "processor's capability, MKL_CBWR, or the version of components of one's own): a seed has "
        "other numbers in each, if only the last bits."
    )
