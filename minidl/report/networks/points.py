"""A run's points, as they were drawn and prepared, and what is known of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch

from minidl.data import Dataset, DataSource
from minidl.report.cell_results import CellResults
from minidl.study.grid.data import source_of
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.build import build_data

ALIKE = 4  # times that one input may span the other, and still be drawn to the same scale


def run_of(cell: CellResults, seed: int) -> RunSpec:
    """Return a cell's run of a seed."""
    return next(run for run in cell.runs if run.seed == seed)


def points_of(run: RunSpec) -> tuple[str, Dataset]:
    """Return a run's test points, or those it was trained on where it has no others."""
    parts = made_data(json.dumps(run.settings["data"]), run.seed, run.settings.get("validation"))
    return ("Test", parts[1]) if len(parts[1].x) else ("Training", parts[0])


@lru_cache(maxsize=16)
def made_data(settings: str, seed: int, validation: float | None) -> tuple[Dataset, Dataset]:
    """Make training and test set, or have them at hand: all cells of a page share them."""
    return build_data(json.loads(settings), seed, validation)


def has_plane(source: DataSource) -> bool:
    """Whether data has two inputs and classes: whether the plane shows all of it."""
    return source.d_in == 2 and source.task != "regression"


def is_curve(source: DataSource) -> bool:
    """Whether data is a regression of one input on one target."""
    return source.task == "regression" and source.d_in == source.d_out == 1


def labels_of(data: Dataset) -> np.ndarray:
    """Return the number of each point's true class ``(n,)``."""
    y = data.y.numpy()
    return y.argmax(axis=-1) if y.shape[-1] > 1 else (y[:, 0] >= 0.5).astype(int)


def class_names(source: DataSource) -> Sequence[str]:
    """Return the names of a source's classes, numbers where it names too few."""
    count = max(source.d_out, 2)
    return source.classes if len(source.classes) == count else [str(i) for i in range(count)]


def true_boundary(run: RunSpec) -> np.ndarray | None:
    """Return the true boundary ``(n, 2)`` in the inputs as a network gets them, if there is one."""
    boundary = source_of(run.settings["data"]).boundary()
    if boundary is None:
        return None
    shift, scale = preparation(run)
    return (boundary.numpy() - shift) / scale


def limits(data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper ends of axes that fit a data set: a square a little larger than
    its points, both inputs to one scale unless one spans far more than the other.
    """
    low, high = data.x.numpy().min(axis=0), data.x.numpy().max(axis=0)
    spans = np.maximum(high - low, 1e-6)
    if spans.max() <= ALIKE * spans.min():
        spans = np.full(2, spans.max())
    middle, half = (low + high) / 2, 0.53 * spans
    return middle - half, middle + half


def preparation(run: RunSpec) -> tuple[np.ndarray, np.ndarray]:
    """Return what a run's inputs were shifted and divided by when they were prepared."""
    _, ready = points_of(run)
    settings = {**run.settings["data"], "normalize": "none"}
    validation = run.settings.get("validation")
    raw = next(part for part in reversed(build_data(settings, run.seed, validation)) if len(part.x))
    ends = [np.stack([d.x.numpy().min(axis=0), d.x.numpy().max(axis=0)]) for d in (raw, ready)]
    spans = [high - low for low, high in ends]
    scale = np.where(spans[1] > 0, spans[0] / np.where(spans[1] > 0, spans[1], 1), 1)
    return ends[0][0] - ends[1][0] * scale, scale


def truth_of(run: RunSpec, x: np.ndarray) -> np.ndarray | None:
    """Return the true values at prepared inputs, None where the source does not tell them, or the
    targets are on a scale of their own.
    """
    data = run.settings["data"]
    if data.get("normalize_targets", "none") != "none":
        return None
    shift, scale = preparation(run)
    values = source_of(data).truth(
        torch.from_numpy((x * scale + shift).astype(np.float32))[:, None]
    )
    return None if values is None else values.numpy()[:, 0]
