"""Whether the parts of a run fit together: the loss to the data's task, the output to the loss."""

from __future__ import annotations

from math import inf
from typing import Any

from minidl.metrics import fitting
from minidl.study.grid.components import components
from minidl.study.grid.data import source_of

WORDS = {"binary": "has two classes", "classes": "has classes", "regression": "is a regression"}


def misfit(settings: dict[str, Any]) -> tuple[str, str] | None:
    """Return the setting that does not fit and a message that says what would; None if all fits."""
    data, loss = settings["data"]["name"], settings["loss"]["name"]
    output = settings["model"]["output"]["name"]
    losses, activations = components("loss"), components("activation")
    source = source_of(settings["data"])
    task = source.task
    if task not in tasks(losses[loss]):
        suited = [name for name in sorted(losses) if task in tasks(losses[name])]
        return "loss", (
            f"loss {loss!r} does not fit data {data!r}, which {WORDS[task]}; "
            f"fitting: {', '.join(suited)}"
        )
    monitor, scores = settings["schedule"].get("monitor"), ["loss", *fitting(task)]
    if monitor is not None and monitor not in (known := [f"train_{name}" for name in scores]):
        return "schedule.monitor", (
            f"monitor {monitor!r} is not recorded for data {data!r}, which {WORDS[task]}; "
            f"recorded: {', '.join(known)}"
        )
    if source.neg_label and not takes_signs(losses[loss]):
        suited = [
            name
            for name in sorted(losses)
            if task in tasks(losses[name]) and takes_signs(losses[name])
        ]
        return "loss", (
            f"loss {loss!r} needs targets 0 and 1, and data.neg_label is {source.neg_label}; "
            f"fitting: {', '.join(suited)}"
        )
    low, high = getattr(losses[loss], "domain", (-inf, inf))
    inside = [name for name in sorted(activations) if within(activations[name], low, high)]
    if output not in inside:
        return "model.output", (
            f"loss {loss!r} needs outputs from {low:g} to {high:g}, which output {output!r} may "
            f"leave; fitting: {', '.join(inside)}"
        )
    return None


def tasks(loss: Any) -> tuple[str, ...]:
    """Return the tasks that a loss fits; one that does not say fits all."""
    return getattr(loss, "tasks", tuple(WORDS))


def takes_signs(loss: Any) -> bool:
    """Whether targets may be -1 and 1: it says so, or it takes any target."""
    return getattr(loss, "signed", "regression" in tasks(loss))


def within(activation: Any, low: float, high: float) -> bool:
    """Whether all values of an activation lie in a range; one that does not say may have any."""
    own = getattr(activation, "range", (-inf, inf))
    return low <= own[0] and own[1] <= high
