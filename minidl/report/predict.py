"""Using a trained network again: its weights come out of the store, and points go in."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from minidl import Dataset
from minidl.data import batches
from minidl.data.scaling import scaled
from minidl.study.errors import InputError
from minidl.study.grid.data import source_of
from minidl.study.stacks.build import build_data
from minidl.study.stacks.weights import restore
from minidl.study.store.store import Record
from minidl.training import EVALUATION_POINTS


def predict(record: Record, weights: bytes, points: Tensor | None) -> dict[str, Tensor]:
    """Return the network's output, and its decision, for points or for the run's own test set.

    Points ``(n, d_in)`` are as sampled; where the run brought its inputs to one scale, they are
    prepared as its training set was. Returns ``points``, ``output`` ``(n, d_out)``,
    where there are classes the ``decision`` (the number of one), and, for the test set, the
    ``target``.

    Raises InputError when the points have another number of coordinates than the data, when there
    are none, and when the file that they were read from is gone or has changed.
    """
    raw: dict[str, Any] = {**record.settings["data"], "normalize": "none"}
    validation = record.settings.get("validation")
    train, test = build_data(raw, record.seed, validation)
    if points is None:
        _, prepared = build_data(record.settings["data"], record.seed, validation)
        shown = test
        if not len(test.x):
            raise InputError(f"run {record.id} has no test set; give points")
    else:
        if points.shape[-1] != train.x.shape[-1]:
            raise InputError(
                f"points have {points.shape[-1]} coordinates; allowed: {train.x.shape[-1]}"
            )
        shown = Dataset(points, points)
        how = record.settings["data"]["normalize"]
        prepared = shown if how == "none" else Dataset(scaled(points, train.x, how), points)
    model = restore(record.settings, weights)
    output = torch.cat([model.forward(x) for x, _ in batches(prepared, EVALUATION_POINTS)])
    task = source_of(record.settings["data"]).task
    found = {"points": shown.x, "output": output}
    if task != "regression":
        found["decision"] = answers(output, task, record.settings["model"]["threshold"])
    if points is None:
        found["target"] = answers(test.y, task, 0.5) if task != "regression" else test.y
    return found


def answers(output: Tensor, task: str, threshold: float) -> Tensor:
    """Return which class ``(n, 1)`` an output, or a target, stands for."""
    if task == "classes":
        return output.argmax(dim=-1, keepdim=True)
    return (output >= threshold).int()
