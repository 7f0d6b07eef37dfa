"""A score along a numeric axis: where each cell stands on it, with mean and interval."""

from __future__ import annotations

from math import isfinite
from typing import Any

from minidl.report.cell_results import as_number, scale_of
from minidl.report.results import Results
from minidl.report.statistics.intervals import summarise
from minidl.report.tables.scores import axes_of


def sweep_data(results: Results, score: str) -> dict[str, Any] | None:
    """Return the axis and, for each cell, its place, mean and 95 % t interval; None without one."""
    axis = scale_of(results.cells, axes_of(results))
    if axis is None:
        return None
    cells = []
    for cell in results.cells:
        found = summarise(cell.metric(score).values())
        interval = found.mean_interval
        numbers = (found.mean, interval.low, interval.high)
        own = [value if isfinite(value) else None for value in numbers]
        cells.append([as_number(cell.values[axis]), *own])
    return {"axis": axis, "cells": cells}
