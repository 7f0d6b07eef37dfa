"""Weights as bytes: safetensors, named as ``torch.nn.Sequential`` names them, and back."""

from __future__ import annotations

import json

from safetensors.torch import save
from torch import Tensor

from minidl import Module, Sequential
from minidl.study.settings import RunSpec


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
    # One entry, because safetensors writes several in no particular order.
    metadata = {"minidl": json.dumps({"settings": run.settings, "seed": run.seed})}
    return save({name: value.contiguous() for name, value in weights.items()}, metadata)
