"""How much each cell counts in an average over the cells of the other factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from minidl.study.errors import InputError
from minidl.study.files.complaints import unknown
from minidl.study.run_spec import label

# By axis: levels with their weights, or groups of levels, each of which counts once.
Weights: TypeAlias = Mapping[str, "Mapping[str, float] | Sequence[Sequence[Any]]"]


def cell_weights(cells: Sequence[dict[str, str]], weights: Weights) -> np.ndarray:
    """Return the share of each cell, given by its labels on the other axes; they sum to 1.

    A level that is not named counts 1, and so does a group: ``[[sgd, none], [adam]]`` gives each of
    the first two a half.

    Raises InputError for an axis or a level that the cells do not have, and when nothing is left.
    """
    shares = np.ones(len(cells))
    for axis, own in weights.items():
        known = dict.fromkeys(cell[axis] for cell in cells if axis in cell)
        if not known:
            axes = dict.fromkeys(key for cell in cells for key in cell)
            raise InputError(unknown("axis of weights", axis, axes))
        by_level = level_weights(own, list(known))
        for level in by_level:
            if level not in known:
                raise InputError(unknown(f"level of {axis} in weights", level, known))
        shares *= [by_level.get(cell.get(axis, ""), 1.0) for cell in cells]
    if not shares.sum() > 0:
        raise InputError("weights: no cell has a weight above 0")
    return shares / shares.sum()


def level_weights(
    own: Mapping[str, float] | Sequence[Sequence[Any]], known: Sequence[str]
) -> dict[str, float]:
    """Return the weight of each level that is named, by label or by its component's name alone."""
    if isinstance(own, Mapping):
        given = {label(level): weight for level, weight in own.items()}
    else:
        given = {label(level): 1 / len(group) for group in own for level in group}
    return {find(level, known): weight for level, weight in given.items()}


def find(level: str, known: Sequence[str]) -> str:
    """Return the level that is called so, or whose component alone is."""
    fitting = [own for own in known if own.split("(")[0] == level]
    return level if level in known or len(fitting) != 1 else fitting[0]
