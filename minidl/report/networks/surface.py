"""What a network answers over the plane, and how sure it is of it."""

from __future__ import annotations

from math import inf, isfinite
from typing import Any

import numpy as np
from torch import Tensor

from minidl import Sequential
from minidl.study.stacks.build import build_metrics


class Surface:
    """A classifier over points ``(n, 2)``, whatever its output and its number of classes.

    The confidence of K classes is the share of each: of the outputs, brought to [0, 1], where their
    activation is bounded, otherwise their softmax. That of two classes with one output ``o`` and
    threshold ``t`` is how far ``o`` lies from ``t`` on the way to the end of its range, and
    ``2 sigmoid(|o - t|) - 1`` where the range is unbounded.
    """

    def __init__(self, settings: dict[str, Any], model: Sequential):
        self.model = model
        self.low, self.high = getattr(model.modules[-1], "range", (-inf, inf))
        self.threshold: float = getattr(build_metrics(settings)[0], "threshold", 0.5)

    @property
    def bounded(self) -> bool:
        """Whether the outputs have two ends."""
        return isfinite(self.low) and isfinite(self.high)

    def output(self, x: Tensor) -> np.ndarray:
        """Return the network's outputs ``(n, d_out)``."""
        return self.model.forward(x).numpy().astype(float)

    def answers(self, x: Tensor) -> np.ndarray:
        """Return the number of the class that the network answers for each point ``(n,)``."""
        return self.classes(self.output(x))

    def classes(self, output: np.ndarray) -> np.ndarray:
        """Return the number of the class that outputs stand for ``(n,)``."""
        if output.shape[-1] > 1:
            return output.argmax(axis=-1)
        return (output[:, 0] >= self.threshold).astype(int)

    def confidence(self, output: np.ndarray) -> np.ndarray:
        """Return how sure the network is of its answer ``(n,)``: from 0, a guess, to 1."""
        if output.shape[-1] > 1:
            chance = 1 / output.shape[-1]
            return (self.shares(output).max(axis=-1) - chance) / (1 - chance)
        away = output[:, 0] - self.threshold
        if not self.bounded:
            return np.tanh(np.abs(away) / 2)
        ends = np.where(away >= 0, self.high - self.threshold, self.threshold - self.low)
        return np.abs(away) / np.maximum(ends, 1e-12)

    def shares(self, output: np.ndarray) -> np.ndarray:
        """Return the share of each class ``(n, K)``."""
        if self.bounded:
            share = (output - self.low) / (self.high - self.low)
        else:
            share = np.exp(output - output.max(axis=-1, keepdims=True))
        return share / np.maximum(share.sum(axis=-1, keepdims=True), 1e-12)

    def margins(self, output: np.ndarray) -> list[np.ndarray]:
        """Return, for each class that has a boundary, what is 0 there ``(n,)``."""
        if output.shape[-1] == 1:
            return [output[:, 0] - self.threshold]
        found = []
        for number in range(output.shape[-1]):
            others = np.delete(output, number, axis=-1)
            found.append(output[:, number] - others.max(axis=-1))
        return found
