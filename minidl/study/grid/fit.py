"""Whether the parts of a run fit together: the loss to the data's task, the output to the loss."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any

from minidl.study.grid.choice import choosing, wrong_choice
from minidl.study.grid.components import components, make
from minidl.study.grid.data import source_of
from minidl.study.grid.matching import look_up
from minidl.study.grid.network import hidden_activations, misplaced, output_of

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
        two = task == "binary" and "classes" in tasks(losses[loss])
        return "loss", (
            f"loss {loss!r} does not fit data {data!r}, which {WORDS[task]}; "
            f"fitting: {', '.join(suited)}" + f"; {loss!r} fits with data.outputs: 2" * two
        )
    monitor = make("schedule", settings["schedule"]).monitor
    if monitor and monitor not in (known := choosing(settings, task)):
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
    for hidden in hidden_activations(settings):
        if looks_across(activations[name := hidden["name"]]):
            place = "activation" if layers is None else "model.layers"
            return place, f"activation {name!r} is for model.output, not for hidden layers"
    if source.d_out == 1:
        activations = {name: a for name, a in activations.items() if not looks_across(a)}
    if output["name"] not in activations:
        return "model.output" if layers is None else "model.layers", (
            f"output {output['name']!r} needs several outputs, and data {data!r} has one; "
            f"fitting: {', '.join(sorted(activations))}"
        )
    for complaint, fits in needs_of(losses[loss], source):
        if not fits(make("activation", output)):
            suited = [name for name in sorted(activations) if fits(activations[name])]
            return "model.output" if layers is None else "model.layers", (
                f"loss {loss!r} needs outputs {complaint.format(output['name'])}; "
                f"fitting: {', '.join(suited)}"
            )
    return None


def said_twice(settings: dict[str, Any]) -> str | None:
    """Return a setting of the network that is not as it is by default, beside a list of layers."""
    from minidl.study.grid.settings import RunSettings

    default = RunSettings.model_validate({}).model_dump()
    keys = ("activation", "model.hidden", "model.output", "model.dropout", "model.layer_norm")
    return next((key for key in keys if look_up(settings, key) != look_up(default, key)), None)


def needs_of(loss: Any, source: Any) -> list[tuple[str, Callable[[Any], bool]]]:
    """Return what a loss needs of an output: a complaint, and whether an activation fits.

    Outputs lie in the loss's domain. Those for classes lie on both sides of the cut, too: where
    logits are expected and probabilities come, all answers would be the same.
    """
    low, high = getattr(loss, "domain", (-inf, inf))
    needs = [
        (f"from {low:g} to {high:g}, which output {{!r}} may leave", partial(within, low, high))
    ]
    if source.task != "regression":
        cut = cut_of(loss, source.neg_label)
        complaint = f"on both sides of {cut:g}, where output {{!r}} stays on one"
        needs.append((complaint, partial(crosses, cut)))
    return needs


def cut_of(loss: Any, neg_label: float) -> float:
    """Return the output from which on the answer is 1: what the loss says, or else halfway between
    the two targets.
    """
    own = getattr(loss, "cut", None)
    return (1 + neg_label) / 2 if own is None else own


def tasks(loss: Any) -> tuple[str, ...]:
    """Return the tasks that a loss fits; one that does not say fits all."""
    return getattr(loss, "tasks", tuple(WORDS))


def takes_signs(loss: Any) -> bool:
    """Whether targets may be -1 and 1: it says so, or it takes any target."""
    return getattr(loss, "signed", "regression" in tasks(loss))


def looks_across(activation: Any) -> bool:
    """Whether an activation is no function of each number alone, but of all outputs of a point."""
    return getattr(activation, "across", False)


def range_of(activation: Any) -> tuple[float, float]:
    """Return where the values of an activation lie; one that does not say may have any."""
    return getattr(activation, "range", (-inf, inf))


def within(low: float, high: float, activation: Any) -> bool:
    """Whether all values of an activation lie in a range."""
    own = range_of(activation)
    return low <= own[0] and own[1] <= high


def crosses(cut: float, activation: Any) -> bool:
    """Whether an activation has values on both sides of a number."""
    low, high = range_of(activation)
    return low < cut < high
