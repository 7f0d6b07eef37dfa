"""Using a trained network again: its weights come out of the store, and points go in."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from minidl import Dataset
from minidl.data import batches
from minidl.data.scaling import scaled
from minidl.study.errors import InputError
from minidl.study.files.reading import read_bytes
from minidl.study.grid.data import source_of
from minidl.study.stacks.build import build_data
from minidl.study.stacks.weights import restore
from minidl.study.store import json_forms
from minidl.training import EVALUATION_POINTS

MOST = 1_001_000_000  # bytes: the weights that a store takes, and what is said of them
SAVED: json_forms.Form = {"settings": json_forms.SETTINGS, "seed": range(2**63)}


def predict(
    settings: dict[str, Any], seed: int, weights: bytes, points: Tensor | None
) -> dict[str, Tensor]:
    """Return the network's output, and its decision, for points or for the run's own test set.

    Points ``(n, d_in)`` are as sampled; where the run brought its inputs to one scale, they are
    prepared as its training set was. Returns ``points``, ``output`` ``(n, d_out)``,
    where there are classes the ``decision`` (the number of one), and, for the test set, the
    ``target``.

    Raises InputError when the points have another number of coordinates than the data, when there
    are none, and when the file that they were read from is gone or has changed.
    """
    raw: dict[str, Any] = {**settings["data"], "normalize": "none"}
    validation = settings.get("validation")
    train, test = build_data(raw, seed, validation)
    if points is None:
        _, prepared = build_data(settings["data"], seed, validation)
        shown = test
        if not len(test.x):
            raise InputError("the run has no test set; give points")
    else:
        if points.shape[-1] != train.x.shape[-1]:
            raise InputError(
                f"points have {points.shape[-1]} coordinates; allowed: {train.x.shape[-1]}"
            )
        shown = Dataset(points, points)
        how = settings["data"]["normalize"]
        prepared = shown if how == "none" else Dataset(scaled(points, train.x, how), points)
    model = restore(settings, weights)
    output = torch.cat([model.forward(x) for x, _ in batches(prepared, EVALUATION_POINTS)])
    task = source_of(settings["data"]).task
    found = {"points": shown.x, "output": output}
    if task != "regression":
        found["decision"] = answers(output, task, settings["model"]["threshold"])
    if points is None:
        found["target"] = answers(test.y, task, 0.5) if task != "regression" else test.y
    return found


def table_of(found: dict[str, Tensor]) -> tuple[list[str], Iterator[dict[str, float]]]:
    """Return the columns and the rows of what ``predict`` has found, one row for each point.

    Coordinates are called x1, x2, ...; anything else keeps its name, with a number where a network
    has several of it.
    """
    columns: dict[str, Tensor] = {}
    for name, value in found.items():
        short = "x" if name == "points" else name
        alone = value.shape[-1] == 1 and name != "points"
        columns |= {short if alone else f"{short}{j + 1}": v for j, v in enumerate(value.mT)}
    rows = zip(*(value.tolist() for value in columns.values()), strict=True)
    return list(columns), (dict(zip(columns, row, strict=True)) for row in rows)


def read_saved(path: Path) -> tuple[dict[str, Any], int, bytes]:
    """Return the settings, the seed and the weights that a file of weights holds.

    Raises InputError for a file that cannot be read, or that minidl did not write.
    """
    try:
        data = read_bytes(path, False, MOST)
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}"
        ) from None
    try:
        (length,) = struct.unpack_from("<Q", data)
        header = json.loads(data[8 : 8 + length])
        described = json_forms.decode(header["__metadata__"]["minidl"])
    except (struct.error, ValueError, TypeError, KeyError):
        raise InputError(f"{path}: is no file of weights that minidl wrote") from None
    if wrong := json_forms.misfit(described, SAVED):
        raise InputError(f"{path}: {wrong}")
    return described["settings"], described["seed"], data


def answers(output: Tensor, task: str, threshold: float) -> Tensor:
    """Return which class ``(n, 1)`` an output, or a target, stands for."""
    if task == "classes":
        return output.argmax(dim=-1, keepdim=True)
    return (output >= threshold).int()
