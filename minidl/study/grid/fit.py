"""Whether the parts of a run fit together: the loss to the data's task, the output to the loss."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any

from minidl.study.grid.components import components, make

WORDS = {"binary": "has two classes", "classes": "has classes", "regression": "is a regression"}


def misfit(settings: dict[str, Any]) -> tuple[str, str] | None:
    """Return the setting that does not fit and a message that says what would; None if all fits."""
    data, loss = settings["data"]["name"], settings["loss"]["name"]
    output, hidden = settings["model"]["output"], settings["activation"]["name"]
    losses, activations = components("loss"), components("activation")
    source = source_of(settings["data"])
    task = source.task
    if task not in tasks(losses[loss]):
        fitting = [name for name in sorted(losses) if task in tasks(losses[name])]
        return "loss", (
            f"loss {loss!r} does not fit data {data!r}, which {WORDS[task]}; "
            f"fitting: {', '.join(fitting)}"
        )
    if looks_across(activations[hidden]):
        return "activation", f"activation {hidden!r} is for model.output, not for hidden layers"
    if source.d_out == 1:
        activations = {name: a for name, a in activations.items() if not looks_across(a)}
    if output["name"] not in activations:
        return "model.output", (
            f"output {output['name']!r} needs several outputs, and data {data!r} has one; "
            f"fitting: {', '.join(sorted(activations))}"
        )
    for complaint, fits in needs_of(losses[loss]):
        if not fits(make("activation", output)):
            fitting = [name for name in sorted(activations) if fits(activations[name])]
            return "model.output", (
                f"loss {loss!r} needs outputs {complaint.format(output['name'])}; "
                f"fitting: {', '.join(fitting)}"
            )
    return None


def needs_of(loss: Any) -> list[tuple[str, Callable[[Any], bool]]]:
    """Return what a loss needs of an output: a complaint, and whether an activation fits.

    Outputs lie in the loss's domain. And on both sides of its cut: where logits are expected and
    probabilities come, all answers would be the same.
    """
    low, high = getattr(loss, "domain", (-inf, inf))
    cut = getattr(loss, "cut", 0.5)
    return [
        (f"on both sides of {cut:g}, where output {{!r}} stays on one", partial(crosses, cut)),
        (f"from {low:g} to {high:g}, which output {{!r}} may leave", partial(within, low, high)),
    ]


def tasks(loss: Any) -> tuple[str, ...]:
    """Return the tasks that a loss fits; one that does not say fits all."""
    return getattr(loss, "tasks", tuple(WORDS))


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


def source_of(settings: dict[str, Any]) -> Any:
    """Return the data source of a run's resolved data settings."""
    from minidl.study.grid.settings import DataSizes

    own = {key: value for key, value in settings.items() if key not in DataSizes.model_fields}
    return make("data", own)
