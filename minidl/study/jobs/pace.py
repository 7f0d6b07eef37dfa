"""How fast a study goes, by what was done of late, and so how long it still takes."""

from __future__ import annotations

import math
import time

from rich.progress import Progress

SLIDING_SECONDS = 30.0  # that the estimate looks back on
SAMPLE_SECONDS = 0.2  # between two samples, at least: rich keeps the last thousand only


class Pace:
    """How many epochs of all networks are done in a second, by the last half minute."""

    def __init__(self) -> None:
        self.progress = Progress(speed_estimate_period=SLIDING_SECONDS)
        self.task = self.progress.add_task("", total=None)
        self.last = -math.inf

    def update(self, done: int, total: int) -> None:
        """Note how far it is."""
        now = time.monotonic()
        if now - self.last >= SAMPLE_SECONDS:
            self.last = now
            self.progress.update(self.task, completed=done, total=total)

    @property
    def speed(self) -> float | None:
        """Network epochs per second; None while that is not known."""
        return self.progress.tasks[0].speed

    @property
    def left(self) -> float | None:
        """The seconds that are left; None while that is not known."""
        return self.progress.tasks[0].time_remaining
