"""A run from another store is let in when it is whole, and its weights are its network's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load

from minidl.study import length
from minidl.study.errors import InputError


def misfit(
    status: str,
    settings: dict[str, Any],
    curve: list[dict[str, Any]],
    weights: bytes | None,
    snapshots: Mapping[int, bytes],
) -> str | None:
    """Return what is wrong with a run that somebody else has made, None when nothing is.

    That its id is that of its settings and seed, a store has checked when it was read.
    """
    if status == "failed":
        return None if weights is None and not snapshots else "failed, and has weights"
    early = settings.get("early_stopping") is not None
    if (last := curve[-1]["epoch"]) != (epochs := length.epochs(settings)) and not early:
        return f"its last scores are of epoch {last}, of {epochs}"
    if weights is None:
        return f"{status}, and has no weights"
    if late := [epoch for epoch in snapshots if epoch >= epochs]:
        return f"it has a snapshot of epoch {late[0]}, of {epochs}"
    every = [(status, weights), *(("taken", data) for data in snapshots.values())]
    try:
        found = (misfit_of_weights(state, settings, data) for state, data in every)
        return next(filter(None, found), None)
    except SafetensorError as error:
        return f"its weights are no safetensors: {error}"


def misfit_of_weights(status: str, settings: dict[str, Any], weights: bytes) -> str | None:
    """Return what is wrong with weights: other tensors than the network has, or no numbers."""
    found = load(weights)
    wrong = [name for name, values in found.items() if values.dtype != np.float32]
    if wrong:
        return f"weights {wrong[0]!r:.60} must be float32, got {found[wrong[0]].dtype}"
    if status == "done" and not all(np.isfinite(values).all() for values in found.values()):
        return "done, and has weights that are not finite"
    expected = shapes(settings, len(weights))
    own = {name: values.shape for name, values in found.items()}
    if expected is None or own == expected:
        return None
    for name in sorted(expected.keys() | own.keys()):
        if own.get(name) != expected.get(name):
            due, got = expected.get(name, "nothing"), own.get(name, "nothing")
            return f"weights {name!r:.60} must be of shape {due}, got {got}"
    return None


def shapes(settings: dict[str, Any], size: int) -> dict[str, tuple[int, ...]] | None:
    """Return the shape of every tensor of a run's network, none of one that so few bytes cannot
    hold; None where a component is not installed.
    """
    from minidl.study.stacks.weights import least_bytes, named_param, network

    if least_bytes(settings) > size:
        return {}
    try:
        model = network(settings, size)
    except InputError:
        return None
    return {name: tuple(value.shape) for name, value in named_param(model).items()}
