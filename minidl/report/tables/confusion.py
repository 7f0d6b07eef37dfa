"""Which classes are taken for which: counts of test points, all runs of a cell together.

The networks answer again, so this loads torch, and somebody's own components must be at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from minidl.report.cell_results import CellResults
from minidl.report.networks.points import class_names
from minidl.report.predict import predict
from minidl.report.results import read_results
from minidl.report.tables.scores import axes_of
from minidl.report.tables.table import Table
from minidl.report.words import counted, name_cell
from minidl.study.errors import InputError
from minidl.study.grid.data import source_of
from minidl.study.stacks.build import build_data
from minidl.study.store.store import Store


def confusion_tables(folder: Path) -> list[Table]:
    """Return a table for each cell whose data has classes: rows are true, columns are answers.

    Raises InputError when no cell has classes and a test set, or a part of a network, or the data,
    is not at hand.
    """
    results = read_results(folder)
    axes = axes_of(results)
    with Store(folder) as store:
        found = [(cell, names_of(cell), count(store, cell)) for cell in results.cells]
    known = [(cell, names, counts) for cell, names, counts in found if counts is not None]
    if not known:
        raise InputError(f"{folder}: no finished run has classes and a test set to count")
    columns = list(dict.fromkeys(answered(name) for _, names, _ in known for name in names))
    return [
        make_table(number, cell, axes, names, counts, columns)
        for number, (cell, names, counts) in enumerate(known, start=1)
    ]


def names_of(cell: CellResults) -> list[str]:
    """Return what a cell's classes are called."""
    return list(class_names(source_of(cell.runs[0].settings["data"])))


def count(store: Store, cell: CellResults) -> Tensor | None:
    """Return how often each class ``(K, K)`` got each answer in all runs of a cell, None where
    there is nothing to count.
    """
    source = source_of(cell.runs[0].settings["data"])
    if source.task == "regression":
        return None
    k = max(source.d_out, 2)
    total = torch.zeros(k * k, dtype=torch.int64)
    for record in cell.records.values():
        weights = store.weights(record.id)
        validation = record.settings.get("validation")
        test = build_data(record.settings["data"], record.seed, validation)[1]
        if weights is None or not len(test.x):
            continue
        said = predict(record.settings, record.seed, weights, None)
        places = said["target"].long() * k + said["decision"].long()
        total += torch.bincount(places.flatten(), minlength=k * k)
    return total.reshape(k, k) if total.any() else None


def make_table(
    number: int,
    cell: CellResults,
    axes: Sequence[str],
    names: Sequence[str],
    counts: Tensor,
    columns: Sequence[str],
) -> Table:
    """Build the table of one cell."""
    own = [answered(name) for name in names]
    numbers: list[dict[str, Any]] = [
        {axis: cell.labels.get(axis) for axis in axes}
        | {"true class": name}
        | dict.fromkeys(columns)
        | dict(zip(own, line.tolist(), strict=True))
        | {"right (%)": share(int(line[i]), int(line.sum()))}
        for i, (name, line) in enumerate(zip(names, counts, strict=True))
    ]
    rows = [
        [row["true class"], *(f"{row[key]:,}" for key in own), percent(row["right (%)"])]
        for row in numbers
    ]
    runs = f"Counts of test points, {counted(len(cell.records), 'run')} together."
    title = f"Table {number}: confusion of {name_cell(cell.labels)}"
    return Table(title, ["true class", *own, "right (%)"], rows, [runs], numbers)


def answered(name: str) -> str:
    """Return the heading of the column of an answer."""
    return f"answered {name}"


def share(part: int, whole: int) -> float | None:
    """Return a part in percent, None of nothing."""
    return 100 * part / whole if whole else None


def percent(value: float | None) -> str:
    """Return a percentage as a text, a dash for none."""
    return "–" if value is None else f"{value:.1f}"
