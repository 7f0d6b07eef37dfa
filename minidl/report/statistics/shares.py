"""What matters: how the variance of a measure is shared out among what varies in a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minidl.report.measures import LAST
from minidl.report.measures.measure import curves_of
from minidl.report.results import Results

SEED, WITH_SEED, BATCHES = "seed", "seed × settings", "last batches"
TOGETHER = "settings together"


@dataclass(frozen=True)
class Share:
    """A component of variance, in the square of the score's unit, and its share of all of them."""

    source: str
    variance: float
    share: float


def variance_shares(results: Results, score: str, last: int = LAST) -> list[Share]:
    """Return the components of a single evaluation's variance, estimated so that chance gives zero.

    Of the last evaluations of every run of the complete seeds: ``last batches`` is their variance
    within a run, ``seed`` what a seed does to all cells alike, ``seed × settings`` what is left
    between runs, and a factor's is that of its levels' means; ``settings together`` is what cells
    have beyond the factors alone. Each is a mean square less the one expected of chance, over how
    often it was averaged (analysis of variance, method of moments); a negative one counts as 0.

    Nothing is returned for fewer than two cells, seeds or evaluations.
    """
    values, cells = last_values(results, score, last)
    if values.size == 0 or min(values.shape) < 2:
        return []
    found = {name: max(0.0, own) for name, own in components(values, cells).items()}
    total = sum(found.values())
    return [Share(name, own, own / total if total else 0.0) for name, own in found.items()]


def last_values(results: Results, score: str, last: int) -> tuple[np.ndarray, list[dict[str, str]]]:
    """Return the last evaluations ``(cells, complete seeds, last)``, and the cells' labels."""
    curves = curves_of(results.folder, score)
    rows = []
    for cell in results.cells:
        tails = {s: [v for _, v in curves.get(r.id, [])[-last:]] for s, r in cell.records.items()}
        rows.append(
            {s: tail for s, tail in tails.items() if len(tail) == last and None not in tail}
        )
    seeds = [seed for seed in results.study.seeds if all(seed in row for row in rows)]
    table = np.array([[row[seed] for seed in seeds] for row in rows], dtype=float)
    return table, [cell.labels for cell in results.cells]


def components(values: np.ndarray, cells: Sequence[dict[str, str]]) -> dict[str, float]:
    """Return the components of values ``(cells, seeds, evaluations)``; some come out below 0."""
    count, seeds, last = values.shape
    within = float(values.var(axis=-1, ddof=1).mean())
    runs = values.mean(axis=-1)
    by_cell, by_seed, grand = runs.mean(axis=1), runs.mean(axis=0), runs.mean()
    residual = runs - by_cell[:, None] - by_seed + grand
    rest = float((residual**2).sum() / ((count - 1) * (seeds - 1)))
    found = factors(by_cell, cells, rest / seeds)
    found[SEED] = float(by_seed.var(ddof=1)) - rest / count
    found[WITH_SEED] = rest - within / last
    found[BATCHES] = within
    return found


def factors(by_cell: np.ndarray, cells: Sequence[dict[str, str]], noise: float) -> dict[str, float]:
    """Return the components of the factors and of what they do together.

    ``noise`` is the variance that chance alone gives to the mean of a cell. A study whose cells are
    not all combinations of the levels, or not all of the same axes, has one component, of all
    settings.
    """
    alike = all(labels.keys() == cells[0].keys() for labels in cells)  # not so with ``include``
    levels = {axis: {labels[axis] for labels in cells} for axis in cells[0]} if alike else {}
    varied = {axis: own for axis, own in levels.items() if len(own) > 1}
    if np.prod([len(own) for own in varied.values()]) != len(cells):
        return {TOGETHER: float(by_cell.var(ddof=1)) - noise}
    effects = {axis: effects_of(axis, by_cell, cells) for axis in varied}
    left = by_cell - by_cell.mean() - sum(effects.values())
    freedom = len(cells) - 1 - sum(len(own) - 1 for own in varied.values())
    both = float((left**2).sum() / freedom) if freedom else noise
    found = {}
    for axis, own in varied.items():
        each = len(cells) / len(own)
        found[axis] = float((effects[axis] ** 2).sum() / (len(own) - 1) - both) / each
    if freedom:
        found[TOGETHER] = both - noise
    return found


def effects_of(axis: str, by_cell: np.ndarray, cells: Sequence[dict[str, str]]) -> np.ndarray:
    """Return, for each cell, how far the mean of its level lies from the mean of all."""
    at = np.array([labels[axis] for labels in cells])
    return np.array([by_cell[at == level].mean() for level in at]) - by_cell.mean()
