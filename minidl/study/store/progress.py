"""How far a study is, as its driver tells it beside the lock: written now and then, never believed.

Epochs are counted over all networks, and over all that this run of the study trains.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from minidl.study.store.json_forms import Form, check_plain, misfit

COUNT = range(10**15)
MOST_SECONDS = 1e10  # 300 years
STACK: dict[str, Form] = {"networks": COUNT, "epoch": COUNT, "epochs": COUNT}
PROGRESS: dict[str, Form] = {
    "told_at": str,
    "epochs_done": COUNT,
    "epochs": COUNT,
    "seconds_left": (float, None),
    "networks": COUNT,
    "stacks": [STACK],
}


def checked(found: Any) -> dict[str, Any] | None:
    """Return the progress in what a file says, with these parts alone; None where it is none."""
    try:
        check_plain(found)
        if misfit(found, PROGRESS) is not None:
            return None
        told_at = datetime.fromisoformat(found["told_at"]).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    stacks = [{key: stack[key] for key in STACK} for stack in found["stacks"]]
    done = {**found, "epoch": found["epochs_done"]}
    if any(part["epoch"] > part["epochs"] for part in (done, *stacks)):
        return None
    if (left := found["seconds_left"]) is not None and not 0 <= left <= MOST_SECONDS:
        return None
    own = {"told_at": told_at.isoformat(timespec="seconds"), "stacks": stacks}
    return {key: found[key] for key in PROGRESS} | own
