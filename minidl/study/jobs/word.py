"""How far a study is, in the words that its driver leaves beside the lock, every few seconds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from minidl.study.jobs.drive import State
from minidl.study.store.progress import MOST_SECONDS

EVERY_SECONDS = 3.0
MOST = 100  # stacks that are told one by one: a cluster may train thousands

Tell = Callable[[dict[str, Any]], None]


class Word:
    """Tells the state of a study to whoever asks, at once and then every ``EVERY_SECONDS``."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.last = -math.inf

    def __call__(self, state: State) -> None:
        now = time.monotonic()
        if now - self.last >= EVERY_SECONDS:
            self.last = now
            self.tell(in_numbers(state))


def in_numbers(state: State) -> dict[str, Any]:
    """Return how far a study is as plain data: epochs are counted over all networks."""
    left = state.pace.left
    return {
        "told_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "epochs_done": state.epochs_done,
        "epochs": state.epochs,
        "seconds_left": None if left is None or left > MOST_SECONDS else float(left),
        "networks": sum(len(task.runs) for task in state.running),
        "stacks": [
            {"networks": len(task.runs), "epoch": task.epoch, "epochs": task.epochs}
            for task in state.running[:MOST]
        ],
    }
