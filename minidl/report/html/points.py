"""A run's points for the page, with the ends of its axes and what is true of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from minidl.report.html.pack import Numbers
from minidl.study.run_spec import RunSpec

SHOWN = 1000  # points of one data set that the page shows
TRUTH = 200  # points of a true curve


def points_data(run: RunSpec, numbers: Numbers) -> dict[str, Any]:
    """Return a run's points as plain data."""
    from minidl.report.networks.points import is_curve, points_of
    from minidl.study.grid.data import source_of

    part, data = points_of(run)
    x, y = data.x.numpy(), data.y.numpy()
    shown = {"part": part.lower(), "n": len(x), "x": numbers.floats(x[:SHOWN])}
    curve = is_curve(source_of(run.settings["data"]))
    return shown | (on_a_line(run, x, y, numbers) if curve else on_a_plane(run, data, numbers))


def on_a_line(run: RunSpec, x: np.ndarray, y: np.ndarray, numbers: Numbers) -> dict[str, Any]:
    """Return targets, ends and the true curve of a regression of one input."""
    from minidl.report.networks.points import truth_of

    room = 0.03 * float(x.max() - x.min() or 1)
    low, high = float(x.min()) - room, float(x.max()) + room
    truth = truth_of(run, np.linspace(low, high, TRUTH))
    return {
        "y": numbers.floats(y[:SHOWN]),
        "low": [low],
        "high": [high],
        "truth": None if truth is None else numbers.floats(truth),
    }


def on_a_plane(run: RunSpec, data: Any, numbers: Numbers) -> dict[str, Any]:
    """Return classes, ends and the true boundary of points with two inputs."""
    from minidl.report.networks.points import labels_of, limits, true_boundary

    low, high = limits(data)
    truth = true_boundary(run)
    return {
        "y": numbers.floats(labels_of(data)[:SHOWN]),
        "low": low.tolist(),
        "high": high.tolist(),
        "truth": None if truth is None else numbers.floats(truth),
    }
