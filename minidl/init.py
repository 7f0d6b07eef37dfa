"""Weight initialisers: ``(d_in, d_out, generator) -> weight (d_in, d_out), bias (1, d_out)``."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Generator, Tensor

from minidl.registry import register

Initialiser: TypeAlias = Callable[[int, int, Generator], "tuple[Tensor, Tensor]"]


@register("init", "uniform")
def uniform(d_in: int, d_out: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Weights and biases uniform in ``±1 / sqrt(d_in)``, as in LeCun et al., "Efficient BackProp"
    (1998), and as ``torch.nn.Linear`` starts.
    """
    bound = 1 / math.sqrt(d_in)
    weight = torch.rand(d_in, d_out, generator=generator) * 2 * bound - bound
    bias = torch.rand(1, d_out, generator=generator) * 2 * bound - bound
    return weight, bias


@register("init", "xavier")
def xavier(d_in: int, d_out: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Weights uniform in ``±sqrt(6 / (d_in + d_out))``, biases zero (Glorot and Bengio, 2010)."""
    bound = math.sqrt(6 / (d_in + d_out))
    weight = torch.rand(d_in, d_out, generator=generator) * 2 * bound - bound
    return weight, torch.zeros(1, d_out)


@register("init", "he")
def he(d_in: int, d_out: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Weights normal with variance ``2 / d_in``, biases zero (He et al., 2015)."""
    weight = torch.randn(d_in, d_out, generator=generator) * math.sqrt(2 / d_in)
    return weight, torch.zeros(1, d_out)


@register("init", "normal")
def normal(
    d_in: int, d_out: int, generator: Generator, *, std: float = 1.0
) -> tuple[Tensor, Tensor]:
    """Weights and biases normal with mean 0 and deviation ``std``.

    Raises ValueError when ``std`` is negative.
    """
    if not std >= 0:
        raise ValueError(f"std must be at least 0, got {std}")
    weight = torch.randn(d_in, d_out, generator=generator) * std
    return weight, torch.randn(1, d_out, generator=generator) * std
