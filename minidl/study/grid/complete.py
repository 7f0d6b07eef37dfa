"""Settings with their defaults filled in, wherever a rule or a comparison looks at them."""

from __future__ import annotations

import copy
from typing import Any

from minidl.registry import CHOSEN
from minidl.study.grid.components import components, resolve
from minidl.study.grid.data import resolve_data
from minidl.study.grid.fit import cut_of
from minidl.study.grid.matching import as_component, look_up
from minidl.study.grid.network import resolve_part


def complete(key: str, value: Any) -> Any:
    """Return a component's value with every argument, and any other setting's value as it is.

    So is a component that is wrong: whoever resolves the settings says what is wrong with it.
    """
    value = as_component(key, value)
    if key == "model.layers" and isinstance(value, list):
        return complete_parts(value)
    if key == "model" and isinstance(value, dict) and isinstance(value.get("layers"), list):
        return value | {"layers": complete_parts(value["layers"])}
    if key not in CHOSEN or not isinstance(value, dict) or "name" not in value:
        return value
    try:
        if key == "data":
            return resolve_data("data", value)
        return resolve(CHOSEN[key], value)
    except ValueError:
        return value


def complete_parts(parts: list[Any]) -> list[Any]:
    """Return the parts of a network with every argument; wrong ones as they are."""
    try:
        return [resolve_part(part) for part in parts]
    except ValueError:
        return parts


def complete_settings(settings: dict[str, Any]) -> dict[str, Any]:
    """Return nested settings with every component in them complete, and the threshold chosen."""
    seen = copy.copy(settings)
    for key in CHOSEN:
        if (value := look_up(settings, key)) is not None:
            *parents, last = key.split(".")
            target = seen
            for parent in parents:
                target[parent] = target = copy.copy(target[parent])
            target[last] = complete(key, value)
    return with_threshold(seen)


def with_threshold(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings whose threshold, where none is said, is the cut of the loss."""
    model, loss, data = (settings.get(key) for key in ("model", "loss", "data"))
    if not isinstance(model, dict) or model.get("threshold", 0) is not None:
        return settings
    name = loss.get("name") if isinstance(loss, dict) else None
    known = components("loss").get(name) if isinstance(name, str) else None
    neg_label = data.get("neg_label", 0) if isinstance(data, dict) else 0
    cut = cut_of(known, -1 if neg_label == -1 else 0)
    return settings | {"model": model | {"threshold": cut}}


def nest(values: dict[str, Any]) -> dict[str, Any]:
    """Return a cell's dotted values as nested settings, complete as far as they name components."""
    nested: dict[str, Any] = {}
    for key in sorted(values, key=lambda key: key.count(".")):
        *parents, last = key.split(".")
        target: Any = nested
        for parent in parents:
            target = target.setdefault(parent, {}) if isinstance(target, dict) else None
        if isinstance(target, dict):
            target[last] = copy.deepcopy(as_component(key, values[key]))
    return complete_settings(nested)
