"""What a network answers over the plane, and how sure it is of it: a pale surface."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from minidl.report.figures.style import BLACK, CLASSES, GREY
from minidl.report.networks.surface import Surface

RESOLUTION = 150  # points along each side at which a network is asked
DEEPEST = 0.5  # how much of a class's colour the surface has where the network is sure


THIN = 60  # points along each side for the boundaries of other seeds
OTHERS: dict[str, Any] = {"colors": GREY, "linewidths": 0.3, "alpha": 0.7, "zorder": 2.2}


def draw_boundary(axes: Axes, surface: Surface) -> None:
    """Draw the lines between a classifier's answers alone, thin."""
    sides = [np.linspace(*limits, THIN) for limits in (axes.get_xlim(), axes.get_ylim())]
    points = np.stack(np.meshgrid(*sides), axis=-1).astype(np.float32)
    output = surface.output(torch.from_numpy(points).flatten(0, 1))
    for margin in surface.margins(output) if np.isfinite(output).all() else []:
        if margin.min() < 0 <= margin.max():
            axes.contour(*sides, margin.reshape(points.shape[:2]), levels=[0.0], **OTHERS)


def draw_surface(axes: Axes, surface: Surface) -> None:
    """Draw a classifier over the whole of the axes, with the lines between its answers."""
    sides = [np.linspace(*limits, RESOLUTION) for limits in (axes.get_xlim(), axes.get_ylim())]
    points = np.stack(np.meshgrid(*sides), axis=-1).astype(np.float32)
    output = surface.output(torch.from_numpy(points).flatten(0, 1))
    if not np.isfinite(output).all():
        return  # a diverged network answers nothing
    depth = DEEPEST * surface.confidence(output).clip(0, 1)[:, None]
    colors = np.array([to_rgb(color) for color, _ in CLASSES])
    color = colors[surface.classes(output) % len(CLASSES)]
    axes.imshow(
        (1 - depth * (1 - color)).reshape(*points.shape[:2], 3),
        extent=(*axes.get_xlim(), *axes.get_ylim()),
        origin="lower",
        interpolation="bilinear",
        aspect="auto",
        zorder=0,
    )
    for margin in surface.margins(output):
        if margin.min() < 0 <= margin.max():
            shown = margin.reshape(points.shape[:2])
            axes.contour(*sides, shown, levels=[0.0], colors=BLACK, linewidths=0.9, zorder=2.5)
