"""What a network answers over the plane, in half blocks: two points of it in every character."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.color import Color
from rich.style import Style
from rich.text import Text

if TYPE_CHECKING:
    from minidl import Sequential
    from minidl.study.run_spec import RunSpec

CLASSES = (
    (230, 159, 0),
    (0, 114, 178),
    (0, 158, 115),
    (204, 121, 167),
    (213, 94, 0),
    (86, 180, 233),
)
WIDTH, LEAST = 40, 16  # columns; half as many rows, since a character is twice as high as wide
BESIDE = 12  # rows of a terminal that are left for other things
PALE = 0.25  # of a class's colour, where the network guesses
BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


class LivePicture:
    """The surface of a network in training, where its data has two inputs and classes."""

    def __init__(self, run: RunSpec):
        from minidl.report.networks.points import has_plane, limits, points_of
        from minidl.study.grid.data import source_of

        self.run, self.model = run, None
        self.plane = has_plane(source_of(run.settings["data"]))
        self.ends = limits(points_of(run)[1]) if self.plane else None

    def start(self, model: Sequential) -> None:
        """Keep the network that is being trained: a stack of one."""
        self.model = model

    def __call__(self, columns: int, rows: int) -> Text | None:
        """Return the picture of the moment, None where there is none or no room for it."""
        if self.model is None or not self.plane:
            return None
        from minidl.study.stacks.build import build_model
        from minidl.study.stacks.weights import named_param

        own = build_model(self.run.settings, seed=0)
        now = named_param(self.model)
        for name, value in named_param(own).items():
            value.copy_(now[name][0])
        return self.of(own, columns, rows)

    def of(self, model: Sequential, columns: int, rows: int) -> Text | None:
        """Return a network's surface, None where its data has none or there is no room for it."""
        side = min(WIDTH, columns - 1, 2 * (rows - BESIDE))
        if self.ends is None or side < LEAST:
            return None
        return picture(self.run.settings, model, self.ends, side - side % 2)


def picture(
    settings: dict[str, Any], model: Sequential, ends: Sequence[Any], side: int
) -> Text | None:
    """Return a square of ``side`` columns and half as many rows; None for a network that answers
    nothing.
    """
    import numpy as np
    import torch

    from minidl.module import modules_in
    from minidl.report.networks.surface import Surface

    for module in modules_in(model, set()):
        module.training = False
    low, high = ends
    across = np.linspace(low[0], high[0], side)
    points = np.stack(np.meshgrid(across, np.linspace(high[1], low[1], side)), axis=-1)
    surface = Surface(settings, model)
    output = surface.output(torch.from_numpy(points.astype(np.float32)).flatten(0, 1))
    if not np.isfinite(output).all():
        return None
    classes = surface.classes(output).reshape(side, side)
    sure = surface.confidence(output).clip(0, 1).reshape(side, side)
    if os.environ.get("NO_COLOR"):
        return in_black(classes > 0)
    depth = (PALE + (1 - PALE) * sure)[..., None]
    colors = np.array(CLASSES)[classes % len(CLASSES)]
    return in_colors((255 - depth * (255 - colors)).astype(int))


def in_black(filled: Any) -> Text:
    """Return a picture of two kinds of points: those of the first class are left empty."""
    pairs = zip(filled[::2], filled[1::2], strict=True)
    rows = ("".join(BLOCKS[bool(a), bool(b)] for a, b in zip(*pair, strict=True)) for pair in pairs)
    return Text("\n".join(rows), no_wrap=True)


def in_colors(pixels: Any) -> Text:
    """Return a picture ``(2 rows, columns, 3)`` in colours."""
    text = Text(no_wrap=True)
    for number, (above, below) in enumerate(zip(pixels[::2], pixels[1::2], strict=True)):
        text.append("\n" if number else "")
        for one, two in zip(above, below, strict=True):
            front, back = (Color.from_rgb(*map(int, color)) for color in (one, two))
            text.append("▀", Style(color=front, bgcolor=back))
    return text


def shows_pictures() -> bool:
    """Whether standard output is a terminal that can show one."""
    return sys.stdout.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")
