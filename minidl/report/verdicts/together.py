"""All published cells as one observation, because one draw of data is behind all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from minidl.report.cell_results import CellResults
from minidl.report.reference.reference import Reference
from minidl.report.reference.reported import Reported
from minidl.report.results import Results
from minidl.report.statistics.intervals import PLAIN
from minidl.report.statistics.scales import scale_of
from minidl.report.verdicts.agreement import (
    Agreement,
    agree,
    counted_share,
    counted_values,
    published_cells,
)

TRAIN, TEST = "train_accuracy", "test_accuracy"


@dataclass(frozen=True)
class Together:
    """The means over the published cells beside ours.

    ``labels`` are the settings in which the study goes beyond the published cells. Each agreement
    is about the mean over ``cells`` cells, of ``published_cells`` there are, seed by seed.
    """

    labels: dict[str, str]
    cells: int
    published_cells: int
    left_out: list[int]
    agreements: list[Agreement]


def together(results: Results, reference: Reference) -> list[Together]:
    """Hold the means of the published accuracies against ours, in each group of matching cells.

    They must be those of single runs. A study that varies more than the published cells do has a
    group for each combination of the rest.
    """
    groups: dict[tuple[tuple[str, str], ...], list[tuple[CellResults, dict[str, Reported]]]] = {}
    for cell, numbers in published_cells(results, reference):
        if all(name in numbers and numbers[name].sd is None for name in (TRAIN, TEST)):
            rest = ((k, v) for k, v in cell.labels.items() if k not in reference.axes)
            groups.setdefault(tuple(rest), []).append((cell, numbers))
    return [
        agree_together(dict(labels), pairs, reference)
        for labels, pairs in groups.items()
        if len(pairs) > 1
    ]


def agree_together(
    labels: dict[str, str],
    pairs: Sequence[tuple[CellResults, dict[str, Reported]]],
    reference: Reference,
) -> Together:
    """Compare the means over some cells of training accuracy, test accuracy and their gap."""
    wanted = sorted({run.seed for cell, _ in pairs for run in cell.runs})
    cells = [cell for cell, _ in pairs]
    columns = {n: [counted_values(cell, n, reference) for cell in cells] for n in (TRAIN, TEST)}
    means = {name: mean_by_seed(own, wanted) for name, own in columns.items()}
    complete = np.isfinite(means[TRAIN] + means[TEST])
    ours = {name: values[complete] for name, values in means.items()}
    theirs = {name: float(np.mean([own[name].mean for _, own in pairs])) for name in (TRAIN, TEST)}
    half = reference.rounding / 2
    share = counted_share(cells[0], TEST, reference)
    # A mean of rounded numbers is off by half a unit at most, a difference of two by a whole one.
    compared = [
        (TRAIN, theirs[TRAIN], ours[TRAIN], half, scale_of(TRAIN, cells[0])),
        (TEST, theirs[TEST], ours[TEST], half, scale_of(TEST, cells[0], share)),
        ("gap", theirs[TRAIN] - theirs[TEST], ours[TRAIN] - ours[TEST], 2 * half, PLAIN),
    ]
    return Together(
        labels,
        len(pairs),
        len(reference.cells),
        [seed for seed, found in zip(wanted, complete, strict=True) if not found],
        [
            agree(
                labels,
                name,
                Reported(published),
                values,
                half_unit=unit,
                compared=len(compared),
                scale=scale,
            )
            for name, published, values, unit, scale in compared
        ],
    )


def mean_by_seed(columns: Sequence[dict[int, float]], seeds: Sequence[int]) -> np.ndarray:
    """Return, for each seed, the mean of a score over cells; NaN where a cell has no number."""
    return np.mean([[column.get(seed, nan) for seed in seeds] for column in columns], axis=0)
