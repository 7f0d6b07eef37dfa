"""What a network is made of: its parts in order, written out in a list or said in short."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minidl.registry import CHOSEN
from minidl.study.files.complaints import shown, unknown
from minidl.study.grid.components import arguments, components, resolve
from minidl.study.grid.matching import look_up

LINEAR = "linear"
WIDEST = 10_000
Part = dict[str, Any]


def parts_of(settings: dict[str, Any]) -> list[Part]:
    """Return a network's parts in order: affine layers, other layers, and activations.

    A linear part without a ``width`` has as many outputs as the data.
    """
    model = settings["model"]
    return model.get("layers") or [
        *(part for hidden in blocks(settings) for part in hidden),
        {"name": LINEAR},
        model["output"],
    ]


def blocks(settings: dict[str, Any]) -> Iterator[list[Part]]:
    """Yield the parts of each hidden layer: normalised before its activation, dropped after it."""
    model, activation = settings["model"], settings["activation"]
    dropout = model.get("dropout", 0.0)
    rates = dropout if isinstance(dropout, list) else [dropout] * len(model["hidden"])
    for width, p in zip(model["hidden"], rates, strict=True):
        norm = [resolve("layer", "layer_norm")] if model.get("layer_norm") else []
        dropped = [{"name": "dropout", "p": p}] if p else []
        yield [{"name": LINEAR, "width": width}, *norm, activation, *dropped]


def widths_of(settings: dict[str, Any], d_in: int, d_out: int) -> list[int]:
    """Return the numbers of inputs and outputs of a network's affine layers, one after another."""
    linear = [part for part in parts_of(settings) if kind_of(part) == LINEAR]
    return [d_in, *(part.get("width", d_out) for part in linear)]


def hidden_activations(settings: dict[str, Any]) -> list[Part]:
    """Return the activations of a network, but for a last one."""
    return [part for part in parts_of(settings)[:-1] if kind_of(part) == "activation"]


def output_of(settings: dict[str, Any]) -> Part:
    """Return the activation of a network's output."""
    last = parts_of(settings)[-1]
    return last if kind_of(last) == "activation" else {"name": "identity"}


def kind_of(part: Part) -> str:
    """Return what a part is: ``linear``, a ``layer`` or an ``activation``."""
    if part["name"] == LINEAR:
        return LINEAR
    return "layer" if part["name"] in components("layer") else "activation"


def chosen(settings: dict[str, Any]) -> Iterator[tuple[str, Part]]:
    """Yield the kind and the settings of every component that a run's settings name."""
    for key, kind in CHOSEN.items():
        yield kind, look_up(settings, key)
    for part in settings["model"].get("layers") or ():
        if kind_of(part) != LINEAR:
            yield kind_of(part), part


def part_names() -> list[str]:
    """Return the names of all that a list of layers may hold."""
    return sorted([LINEAR, *components("layer"), *components("activation")])


def resolve_part(value: Any) -> Part:
    """Return ``{name, every argument}`` for a part of a list of layers.

    It is a name, ``tanh``; a mapping, ``{name: dropout, p: 0.2}``; or, in short, a name with its
    first argument, ``{dropout: 0.2}``. Raises ValueError for anything else.
    """
    settings = spelled_out(value)
    if settings["name"] not in part_names():
        raise ValueError(unknown("layer", settings["name"], part_names()))
    kind = kind_of(settings)
    return resolve_linear(settings) if kind == LINEAR else resolve(kind, settings)


def spelled_out(value: Any) -> Part:
    """Return a part as a mapping with its name."""
    if isinstance(value, str):
        return {"name": value}
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return value
    if isinstance(value, dict) and len(value) == 1 and isinstance(name := next(iter(value)), str):
        return {"name": name, first_argument(name): value[name]}
    raise ValueError(
        f"a layer must be a name, a mapping with a name, or a name with its first argument, got "
        f"{shown(value)}"
    )


def first_argument(name: str) -> str:
    """Return the name of a part's first argument; raises ValueError when it has none."""
    if name == LINEAR:
        return "width"
    if name not in part_names():
        raise ValueError(unknown("layer", name, part_names()))
    own = list(arguments(kind_of({"name": name}), name).model_fields)
    if not own:
        raise ValueError(f"layer {name!r} has no argument; write {name}")
    return own[0]


def resolve_linear(settings: Part) -> Part:
    """Return a linear part, checked."""
    if surplus := settings.keys() - {"name", "width"}:
        raise ValueError(unknown(f"argument of layer {LINEAR!r}", min(surplus), ["width"]))
    width = settings.get("width", 1)
    if type(width) is not int or not 1 <= width <= WIDEST:
        raise ValueError(
            f"layer {LINEAR!r}: width must be a whole number from 1 to {WIDEST:,}, got "
            f"{shown(width)}"
        )
    return settings


def misplaced(parts: list[Part], d_out: int) -> str | None:
    """Return what is wrong with the end of a list of layers, if anything."""
    linear = [i for i, part in enumerate(parts) if kind_of(part) == LINEAR]
    if not linear:
        return f"the layers must hold at least one {LINEAR}"
    last = parts[linear[-1]]
    if last.get("width", d_out) != d_out:
        return (
            f"the last {LINEAR} layer has width {last['width']}, but the data needs {d_out}; "
            f"write {LINEAR} alone"
        )
    after = [part["name"] for part in parts[linear[-1] :] if kind_of(part) == "layer"]
    if after:
        return f"layer {after[0]!r} must come before the last {LINEAR}"
    return None
