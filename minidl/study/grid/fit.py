"""Whether the parts of a run fit together: the loss to the data's task, the output to the loss."""

from __future__ import annotations

from math import inf
from typing import Any

from minidl.metrics import fitting
from minidl.study.files.complaints import unknown
from minidl.study.grid.components import components
from minidl.study.grid.data import source_of
from minidl.study.grid.matching import look_up
from minidl.study.grid.network import misplaced, output_of
from minidl.study.length import held_out

WORDS = {"binary": "has two classes", "classes": "has classes", "regression": "is a regression"}


def misfit(settings: dict[str, Any]) -> tuple[str, str] | None:
    """Return the setting that does not fit and a message that says what would; None if all fits."""
    data, loss = settings["data"]["name"], settings["loss"]["name"]
    output = output_of(settings)
    losses, activations = components("loss"), components("activation")
    source = source_of(settings["data"])
    task = source.task
    if (layers := settings["model"].get("layers")) is not None:
        if wrong := misplaced(layers, source.d_out):
            return "model.layers", wrong
        if key := said_twice(settings):
            return key, f"{key} has no effect beside model.layers; leave out one of the two"
    if wrong := wrong_choice(settings, task):
        return wrong
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
        return "model.output" if layers is None else "model.layers", (
            f"loss {loss!r} needs outputs from {low:g} to {high:g}, which output {output!r} may "
            f"leave; fitting: {', '.join(inside)}"
        )
    return None


def wrong_choice(settings: dict[str, Any], task: str) -> tuple[str, str] | None:
    """Return what is wrong with the validation set, or with what early stopping watches."""
    n = settings["data"]["train"]
    if settings["validation"] is not None and not 0 < held_out(n, settings["validation"]) < n:
        return "validation", (
            f"validation of {settings['validation']} takes "
            f"{held_out(n, settings['validation']):,} of {n:,} training points; some must be left "
            "on both sides"
        )
    if settings["early_stopping"] is None:
        return None
    monitor, known = monitor_of(settings), choosing(settings, task)
    if monitor.startswith("test_"):
        text = f"must not be {monitor!r}: the test set chooses nothing; known: {', '.join(known)}"
        return "early_stopping.monitor", f"early_stopping.monitor {text}"
    if monitor not in known:
        return "early_stopping.monitor", unknown("early_stopping.monitor", monitor, known)
    return None


def monitor_of(settings: dict[str, Any]) -> str:
    """Return the score that early stopping watches."""
    default = "train_loss" if settings["validation"] is None else "validation_loss"
    return settings["early_stopping"]["monitor"] or default


def choosing(settings: dict[str, Any], task: str) -> list[str]:
    """Return the scores that may choose something: all but those on the test set."""
    parts = ("train",) if settings["validation"] is None else ("train", "validation")
    return [f"{part}_{name}" for part in parts for name in ("loss", *fitting(task))]


def said_twice(settings: dict[str, Any]) -> str | None:
    """Return a setting of the network that is not as it is by default, beside a list of layers."""
    from minidl.study.grid.settings import RunSettings

    default = RunSettings.model_validate({}).model_dump()
    keys = ("activation", "model.hidden", "model.output", "model.dropout", "model.layer_norm")
    return next((key for key in keys if look_up(settings, key) != look_up(default, key)), None)


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
