"""Learning curves for the page: mean and band of every cell, and single runs as thin lines."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

from minidl.report.results import Results
from minidl.report.statistics.band import band, ends_early
from minidl.study.store.store import Store

POINTS = 60  # epochs that a curve is shown at
LINES = 60_000  # numbers that thin lines may take


def curves_data(results: Results, store: Store) -> dict[str, Any]:
    """Return bands by score and cell, and, as far as there is room, lines by run and score.

    A line has the epochs of its cell, up to the last of its run. ``lined`` are the seeds that have
    lines; ``early`` is whether a run ended before another of its cell.
    """
    chosen = thinned(store)
    curves = store.curves(f"epoch IN ({', '.join(map(str, chosen))})")
    cells = [cell_curves(results, curves, number) for number in range(len(results.cells))]
    size = max(1, len(results.cells) * len(chosen) * len(results.scores))
    lined = results.study.seeds[: max(1, LINES // size)]
    lines = {
        record.id: {
            score: short(line_of(curves.get(record.id, []), score, shown["epochs"]))
            for score in results.scores
        }
        for cell, shown in zip(results.cells, cells, strict=True)
        for seed, record in cell.records.items()
        if seed in lined
    }
    return {"cells": cells, "lines": lines, "lined": lined, "early": any_early(results, curves)}


def any_early(results: Results, curves: dict[str, Any]) -> bool:
    """Whether a run's curve ends before that of another run of its cell."""
    own = ([curves.get(record.id, []) for record in c.records.values()] for c in results.cells)
    return any(map(ends_early, own))


def line_of(
    curve: Sequence[dict[str, Any]], score: str, epochs: Sequence[int]
) -> list[float | None]:
    """Return a run's score at the epochs of its cell until it ends, None where it has none."""
    known = {point["epoch"]: point.get(score) for point in curve}
    last = max(known, default=-1)
    return [known.get(epoch) for epoch in epochs if epoch <= last]


def thinned(store: Store) -> list[int]:
    """Return the epochs that are shown: all where they are few, otherwise more of the early ones,
    and of every run the last one and that of its scores.
    """
    every = [row["epoch"] for row in store.select("SELECT DISTINCT epoch FROM curve ORDER BY 1")]
    ends = "SELECT last_epoch AS epoch FROM run UNION SELECT stopped_at FROM run"  # each only once
    last = [row["epoch"] for row in store.select(ends)]
    if len(every) > POINTS:
        n, half = len(every) - 1, POINTS // 2
        even, early = np.linspace(0, n, half), np.geomspace(1, n + 1, half) - 1
        every = [every[i] for i in np.unique(np.round(np.concatenate([even, early])).astype(int))]
    return sorted({*every, *(epoch for epoch in last if epoch is not None)})


def cell_curves(results: Results, curves: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a cell's epochs, and for each score mean, low and high at these."""
    own = [curves.get(record.id, []) for record in results.cells[number].records.values()]
    bands = {score: band(own, score) for score in results.scores} if any(own) else {}
    return {
        "epochs": next((b.epochs.tolist() for b in bands.values()), []),
        "bands": {
            score: [short(b.mean.tolist()), short(b.low.tolist()), short(b.high.tolist())]
            for score, b in bands.items()
        },
    }


def short(values: Sequence[float | None]) -> list[float | None]:
    """Return numbers to five digits, None for what is no number."""
    return [float(f"{v:.5g}") if v is not None and isfinite(v) else None for v in values]
