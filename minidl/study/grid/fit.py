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

Wrong = tuple[str, str] | None  # the setting that does not fit, and a message

WORDS = {"binary": "has two classes", "classes": "has classes", "regression": "is a regression"}


def misfit(settings: dict[str, Any]) -> tuple[str, str] | None:
    """Return the setting that does not fit and a message that says what would; None if all fits."""
    source = source_of(settings["data"])
    return next(filter(None, (rule(settings, source) for rule in RULES)), None)


def wrong_layers(settings: dict[str, Any], source: Any) -> Wrong:
    """A network given by its layers: these in their order, and nothing said twice."""
    if (layers := settings["model"].get("layers")) is None:
        return None
    if wrong := misplaced(layers, source.d_out):
        return "model.layers", wrong
    if key := said_twice(settings):
        return key, f"{key} has no effect beside model.layers; leave out one of the two"
    return None


def wrong_stopping(settings: dict[str, Any], source: Any) -> Wrong:
    """Early stopping, by a score that is recorded."""
    return wrong_choice(settings, source.task)


def wrong_loss(settings: dict[str, Any], source: Any) -> Wrong:
    """A loss for the data's task."""
    losses, name, task = components("loss"), settings["loss"]["name"], source.task
    if task in tasks(losses[name]):
        return None
    suited = [other for other in sorted(losses) if task in tasks(losses[other])]
    two = task == "binary" and "classes" in tasks(losses[name])
    return "loss", (
        f"loss {name!r} does not fit {about(settings, source)}; fitting: {', '.join(suited)}"
        + f"; {name!r} fits with data.outputs: 2" * two
    )


def wrong_monitor(settings: dict[str, Any], source: Any) -> Wrong:
    """A schedule that looks at a score, by one that is recorded."""
    monitor = make("schedule", settings["schedule"]).monitor
    if not monitor or monitor in (known := choosing(settings, source.task)):
        return None
    return "schedule.monitor", (
        f"monitor {monitor!r} is not recorded for {about(settings, source)}; "
        f"recorded: {', '.join(known)}"
    )


def wrong_labels(settings: dict[str, Any], source: Any) -> Wrong:
    """Targets of -1 and 1, for a loss that reads them."""
    losses, name = components("loss"), settings["loss"]["name"]
    if not source.neg_label or takes_signs(losses[name]):
        return None
    suited = [
        other
        for other in sorted(losses)
        if source.task in tasks(losses[other]) and takes_signs(losses[other])
    ]
    return "loss", (
        f"loss {name!r} needs targets 0 and 1, and data.neg_label is {source.neg_label}; "
        f"fitting: {', '.join(suited)}"
    )


def wrong_targets(settings: dict[str, Any], source: Any) -> Wrong:
    """Targets on another scale, where they are numbers: a class's targets stay as they are."""
    how = settings["data"].get("normalize_targets") or "none"
    if how == "none" or source.task == "regression":
        return None
    return "data.normalize_targets", (
        f"data.normalize_targets {how!r} is for a regression; allowed for "
        f"{about(settings, source)}: none"
    )


def wrong_hidden(settings: dict[str, Any], source: Any) -> Wrong:
    """Hidden activations that are functions of each number alone."""
    del source
    for hidden in hidden_activations(settings):
        if looks_across(components("activation")[name := hidden["name"]]):
            layers = settings["model"].get("layers")
            place = "activation" if layers is None else "model.layers"
            return place, f"activation {name!r} is for model.output, not for hidden layers"
    return None


def wrong_output(settings: dict[str, Any], source: Any) -> Wrong:
    """An output for as many numbers as the data has, with values that the loss takes."""
    layers, output = settings["model"].get("layers"), output_of(settings)
    place = "model.output" if layers is None else "model.layers"
    known = components("activation")
    known = {name: a for name, a in known.items() if source.d_out > 1 or not looks_across(a)}
    if output["name"] not in known:
        return place, (
            f"output {output['name']!r} needs several outputs, and data "
            f"{settings['data']['name']!r} has one; fitting: {', '.join(sorted(known))}"
        )
    loss = settings["loss"]["name"]
    for complaint, fits in needs_of(components("loss")[loss], source):
        if not fits(make("activation", output)):
            suited = [name for name in sorted(known) if fits(known[name])]
            complained = complaint.format(output["name"])
            fitting = f"fitting: {', '.join(suited)}"
            return place, f"loss {loss!r} needs outputs {complained}; {fitting}"
    return None


RULES = (
    wrong_layers,
    wrong_stopping,
    wrong_loss,
    wrong_monitor,
    wrong_labels,
    wrong_targets,
    wrong_hidden,
    wrong_output,
)


def about(settings: dict[str, Any], source: Any) -> str:
    """Return which data it is, and of which kind."""
    return f"data {settings['data']['name']!r}, which {WORDS[source.task]}"


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
