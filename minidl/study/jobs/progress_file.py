"""How far a study is, written beside its lock every few seconds, for ``minidl status``."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from typing import Any

from minidl.study.jobs.drive import State
from minidl.study.store.lock import Tell
from minidl.study.store.progress import MOST_SECONDS

EVERY_SECONDS = 3.0
MOST = 100  # stacks that are written one by one: a cluster may train thousands


class ProgressFile:
    """Writes how far a study is, at once and then every ``EVERY_SECONDS``, by ``tell``."""

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
