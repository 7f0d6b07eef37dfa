"""Weights as bytes: safetensors, named as ``torch.nn.Sequential`` names them, and back."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, stack, tensor

from minidl.linear import Linear
from minidl.module import Module, Sequential, modules_in
from minidl.study import length
from minidl.study.errors import InputError
from minidl.study.run_spec import RunSpec, settings_text
from minidl.study.stacks.build import build_model

FLOAT = 4  # bytes of a weight
NOT_ITS_OWN = "the run's weights are damaged: they are not shaped like its network"


def named_param(model: Sequential) -> dict[str, Tensor]:
    """Return the parameters as ``{"0.weight": ..., "0.bias": ..., "2.weight": ...}``."""
    return {
        f"{position}.{name}": value
        for position, module in enumerate(model.modules)
        for value, _ in module.param()
        for name in names_of(module, value)
    }


def names_of(module: Module, value: Tensor) -> list[str]:
    """Return the attribute names under which a module holds a tensor."""
    return [name for name, held in vars(module).items() if held is value]


def to_bytes(weights: dict[str, Tensor], run: RunSpec) -> bytes:
    """Return one run's weights as a safetensors file whose metadata holds its settings."""
    return serialise(weights, f'{{"settings": {settings_text(run)}, "seed": {run.seed}}}')


def serialise(weights: dict[str, Tensor], description: str | None = None) -> bytes:
    """Return named tensors and their description as the bytes of a safetensors file."""
    # One entry, because safetensors writes several in no particular order.
    metadata = None if description is None else {"minidl": description}
    return save({name: value.contiguous() for name, value in weights.items()}, metadata)


def read(data: bytes) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file; raises InputError when it is damaged."""
    try:
        return load(data)
    except SafetensorError as error:
        raise InputError(f"the run's weights are damaged: {error}") from None


def least_bytes(settings: dict[str, Any]) -> int:
    """Return how many bytes the weights between hidden layers take: some of what a network does."""
    layers = settings["model"].get("layers")
    widths = settings["model"]["hidden"]
    if layers is not None:
        widths = [part["width"] for part in layers if part.get("width")]
    return FLOAT * sum(before * after for before, after in pairwise(widths))


def network(settings: dict[str, Any], size: int) -> Sequential:
    """Return a run's network, untrained.

    Raises InputError for a component that is not known here, and, before it is built, for a network
    that could not have been stored in so many bytes.
    """
    if least_bytes(settings) > size:
        raise InputError(NOT_ITS_OWN)
    return build_model(settings, seed=0)


def restore(settings: dict[str, Any], data: bytes) -> Sequential:
    """Return the trained network of a run, ready to answer, from its settings and weights."""
    weights, model = read(data), network(settings, len(data))
    own = named_param(model)
    forms = [{name: (v.shape, v.dtype) for name, v in held.items()} for held in (own, weights)]
    if forms[0] != forms[1]:
        raise InputError(NOT_ITS_OWN)
    for name, value in own.items():
        value.copy_(weights[name])
    for module in modules_in(model, set()):
        module.training = False
    return model


def up_to_end(
    settings: dict[str, Any], best_at: int | None, stored: bytes, snapshots: dict[int, bytes]
) -> dict[int, bytes]:
    """Return a run's weights by their epochs, in order; the last are those that it ends with.

    With early stopping these are of epoch ``best_at``, and snapshots from after it are left out.
    """
    end = best_at or length.epochs(settings)
    return {epoch: snapshots[epoch] for epoch in sorted(snapshots) if epoch < end} | {end: stored}


def course(weights: dict[int, bytes]) -> dict[str, Tensor]:
    """Return weights by their epochs as tensors with a leading dimension for these, and the
    ``epochs`` themselves.

    Raises InputError when they are damaged.
    """
    states = [read(data) for data in weights.values()]
    forms = [{name: (v.shape, v.dtype) for name, v in state.items()} for state in states]
    if any(form != forms[0] for form in forms):
        raise InputError(NOT_ITS_OWN)
    stacked = {name: stack([state[name] for state in states]) for name in states[0]}
    return stacked | {"epochs": tensor(list(weights))}


def torch_state(settings: dict[str, Any], data: bytes) -> dict[str, Tensor]:
    """Return the weights as a state dict of the equivalent ``torch.nn.Sequential``.

    ``torch.nn.Linear`` keeps a weight as (d_out, d_in), and all else is (d,) there.
    """
    model = restore(settings, data)
    return {
        f"{position}.{name}": value.mT
        if isinstance(module, Linear) and name == "weight"
        else value.flatten()
        for position, module in enumerate(model.modules)
        for value, _ in module.param()
        for name in names_of(module, value)
    }
