"""Weights while they are learned: copies after some two dozen epochs, thinner towards the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from minidl import Sequential
from minidl.study import length
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.weights import named_param, serialise

COUNT = 24  # of snapshots, that of the last epoch included: its weights are the run's own
ROOM = 8_000_000  # bytes that the snapshots of one run may take; a large network has fewer, or none


class Snapshots:
    """Copies of the weights of those runs of a stack that ask for them.

    Taking them changes no number: they are copied between epochs.
    """

    def __init__(self, runs: Sequence[RunSpec], model: Sequential):
        self.weights = named_param(model)
        self.positions = [i for i, run in enumerate(runs) if run.snapshots]
        size = sum(v[0].numel() * v.element_size() for v in self.weights.values())
        self.epochs = snapshot_epochs(runs[0].settings, size)
        self.taken: dict[int, dict[str, Tensor]] = {}

    def take(self, epoch: int) -> None:
        """Copy the weights as they are after an epoch, if it is one of those that are kept."""
        if self.positions and epoch in self.epochs:
            at = self.positions
            self.taken[epoch] = {name: value[at] for name, value in self.weights.items()}

    def of(self, position: int, end: int | None) -> dict[int, bytes]:
        """Return a run's snapshots as safetensors, by their epochs, up to its end, which has none.

        ``end`` is an epoch where it is not the last one: that of the best weights.
        """
        if position not in self.positions:
            return {}
        i = self.positions.index(position)
        return {
            epoch: serialise({name: value[i] for name, value in taken.items()})
            for epoch, taken in self.taken.items()
            if end is None or epoch < end
        }


def snapshot_epochs(settings: dict[str, Any], size: int) -> set[int]:
    """Return the epochs after which weights of so many bytes are kept, the last one left out."""
    last = length.epochs(settings)
    return set(epochs(last, min(COUNT, ROOM // size), settings["evaluate_every"])) - {last}


def epochs(last: int, count: int, every: int = 1) -> list[int]:
    """Return ``count`` epochs from 0 to the last one, or all of them where these are fewer.

    Their distances grow evenly. From the second evaluation on they are epochs that are evaluated,
    so that scores are known there.
    """
    if last < count:
        return list(range(last + 1))
    if count < 2:
        return []
    places = (max(k, last * k * k / (count - 1) ** 2) for k in range(count))
    found = {round(e / every) * every if e >= 2 * every else round(e) for e in places}
    return sorted({min(epoch, last) for epoch in found} | {last})
