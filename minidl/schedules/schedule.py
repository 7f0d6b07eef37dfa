"""Schedules: what the learning rate is in each epoch, in plain numbers for one replica.

They are named after those in ``torch.optim.lr_scheduler`` and in scikit-learn's ``MLPClassifier``.
A schedule is asked once an epoch, between steps, so it needs no tensors: in a stack each replica
has a schedule of its own, of any kind, and the rate that it would have alone.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from typing import NamedTuple


class Progress(NamedTuple):
    """How far training is: ``epoch`` of ``epochs`` epochs are done, in which ``points`` points
    were seen. ``scores`` are those of this replica after the last epoch, empty before the first
    and where no schedule monitors any.
    """

    epoch: int
    epochs: int
    points: int
    scores: Mapping[str, float]


class Schedule:
    """What the learning rate is. ``monitor`` names the score that it looks at, if any: one on the
    training or the validation set, as the test set chooses nothing.
    """

    monitor = ""

    def rate(self, lr: float, progress: Progress) -> float:
        """Return the rate of the next epoch; ``lr`` is the optimizer's own, with which it started.

        It is called once before every epoch.
        """
        raise NotImplementedError


def between(name: str, value: float, low: float, high: float = math.inf) -> float:
    """Return a number; raise ValueError unless it is finite and lies between two others."""
    if not low <= value <= min(high, sys.float_info.max):  # so for a whole number of any length
        least = "above 0" if low == ABOVE_0 else f"at least {low:g}"
        most = f"at most {high:g}" if math.isfinite(high) else "finite"
        most = "below 1" if high == BELOW_1 else most
        raise ValueError(f"{name} must be {least} and {most}, got {value}")
    return value


CHOOSING = ("train", "validation")  # parts of the data: the test set chooses nothing
# The smallest number that is not denormal: denormals are 0 where they are flushed.
ABOVE_0, BELOW_1 = sys.float_info.min, math.nextafter(1.0, 0.0)
