"""Weight initialisers: ``(d_in, d_out, generator) -> weight (d_in, d_out), bias (1, d_out)``.

Names, arguments and scales are those of ``torch.nn.init``. All take a ``bias``: ``zeros``, a number
for all, ``uniform`` in ``±1 / sqrt(d_in)`` as ``torch.nn.Linear`` has it, or ``normal``, drawn with
the deviation of the weights. A weight is drawn before its bias, from the same generator. Any other
word, or a negative scale, raises ValueError.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, TypeAlias

import torch
from torch import Generator, Tensor

from minidl.registry import register

Initialiser: TypeAlias = Callable[[int, int, Generator], "tuple[Tensor, Tensor]"]
Bias: TypeAlias = float | Literal["zeros", "uniform", "normal"]
Distribution: TypeAlias = Literal["uniform", "normal"]
Gain: TypeAlias = float | Literal["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]

# The gains of torch.nn.init.calculate_gain, squared.
SQUARED = {
    "linear": 1.0,
    "sigmoid": 1.0,
    "tanh": 25 / 9,
    "relu": 2.0,
    "leaky_relu": 2 / (1 + 0.01**2),
    "selu": 9 / 16,
}


@register("init", "uniform")
def uniform(
    d_in: int,
    d_out: int,
    generator: Generator,
    *,
    bound: float | None = None,
    bias: Bias = "uniform",
) -> tuple[Tensor, Tensor]:
    """Weights and biases uniform in ``±bound``, by default ``±1 / sqrt(d_in)``, as in LeCun et al.,
    "Efficient BackProp" (1998), and in ``torch.nn.Linear``.

    Raises ValueError when ``bound`` is negative.
    """
    bound = 1 / math.sqrt(d_in) if bound is None else at_least_0("bound", bound)
    weight = within(bound, d_in, d_out, generator)
    return weight, biases(bias, d_out, generator, bound, bound / math.sqrt(3))


@register("init", "normal")
def normal(
    d_in: int, d_out: int, generator: Generator, *, std: float = 1.0, bias: Bias = "normal"
) -> tuple[Tensor, Tensor]:
    """Weights and biases normal with mean 0 and deviation ``std``.

    Raises ValueError when ``std`` is negative.
    """
    at_least_0("std", std)
    weight = torch.randn(d_in, d_out, generator=generator) * std
    return weight, biases(bias, d_out, generator, 1 / math.sqrt(d_in), std)


@register("init", "xavier")
def xavier(
    d_in: int,
    d_out: int,
    generator: Generator,
    *,
    distribution: Distribution = "uniform",
    gain: Gain = 1.0,
    bias: Bias = "zeros",
) -> tuple[Tensor, Tensor]:
    """Weights with variance ``2 gain^2 / (d_in + d_out)``, biases zero (Glorot and Bengio, 2010).

    ``gain`` is a number, or an activation for which ``torch.nn.init.calculate_gain`` has one.

    Raises ValueError for an unknown ``gain``.
    """
    variance = 2 * squared(gain) / (d_in + d_out)
    return scaled(variance, distribution, bias, d_in, d_out, generator)


@register("init", "he")
def he(
    d_in: int,
    d_out: int,
    generator: Generator,
    *,
    distribution: Distribution = "normal",
    gain: Gain = "relu",
    mode: Literal["fan_in", "fan_out"] = "fan_in",
    bias: Bias = "zeros",
) -> tuple[Tensor, Tensor]:
    """Weights with variance ``gain^2 / d_in``, by default ``2 / d_in``, biases zero (He et al.,
    2015).

    ``mode="fan_out"`` divides by ``d_out`` instead. This is torch's kaiming.
    """
    fan = d_in if one_of("mode", mode, "fan_in", "fan_out") == "fan_in" else d_out
    variance = squared(gain) / fan
    return scaled(variance, distribution, bias, d_in, d_out, generator)


@register("init", "lecun")
def lecun(
    d_in: int,
    d_out: int,
    generator: Generator,
    *,
    distribution: Distribution = "normal",
    bias: Bias = "zeros",
) -> tuple[Tensor, Tensor]:
    """Weights with variance ``1 / d_in``, biases zero (LeCun et al., 1998): made for ``selu``."""
    return scaled(1 / d_in, distribution, bias, d_in, d_out, generator)


@register("init", "orthogonal")
def orthogonal(
    d_in: int, d_out: int, generator: Generator, *, gain: Gain = 1.0, bias: Bias = "zeros"
) -> tuple[Tensor, Tensor]:
    """Weights that are ``gain`` times a matrix with orthonormal rows or columns, biases zero.

    Drawn uniformly: the Q of a normal matrix, with signs that make R's diagonal positive (Saxe et
    al., 2014). Another LAPACK may round the last bits differently.
    """
    tall = (max(d_in, d_out), min(d_in, d_out))
    q, r = torch.linalg.qr(torch.randn(tall, generator=generator, dtype=torch.float64))
    q = q * torch.where(r.diagonal() < 0, -1.0, 1.0) * math.sqrt(squared(gain))
    weight = (q if d_in > d_out else q.T).to(torch.get_default_dtype()).contiguous()
    deviation = math.sqrt(squared(gain) / tall[0])
    return weight, biases(bias, d_out, generator, 1 / math.sqrt(d_in), deviation)


@register("init", "zeros")
def zeros(
    d_in: int, d_out: int, generator: Generator, *, bias: Bias = "zeros"
) -> tuple[Tensor, Tensor]:
    """Weights and biases zero: a start for a linear model, but for nothing deeper."""
    return torch.zeros(d_in, d_out), biases(bias, d_out, generator, 1 / math.sqrt(d_in), 0.0)


def scaled(
    variance: float,
    distribution: Distribution,
    bias: Bias,
    d_in: int,
    d_out: int,
    generator: Generator,
) -> tuple[Tensor, Tensor]:
    """Return weights of a given variance, uniform or normal around 0, and their biases."""
    deviation = math.sqrt(variance)
    if one_of("distribution", distribution, "uniform", "normal") == "uniform":
        weight = within(math.sqrt(3 * variance), d_in, d_out, generator)
    else:
        weight = torch.randn(d_in, d_out, generator=generator) * deviation
    return weight, biases(bias, d_out, generator, 1 / math.sqrt(d_in), deviation)


def biases(bias: Bias, d_out: int, generator: Generator, bound: float, deviation: float) -> Tensor:
    """Return biases ``(1, d_out)``: all alike, or drawn with a bound or a deviation."""
    if bias == "uniform":
        return within(bound, 1, d_out, generator)
    if bias == "normal":
        return torch.randn(1, d_out, generator=generator) * deviation
    if isinstance(bias, str):
        one_of("bias", bias, "zeros", "uniform", "normal")
        bias = 0.0
    return torch.full((1, d_out), float(bias))


def within(bound: float, rows: int, columns: int, generator: Generator) -> Tensor:
    """Return numbers ``(rows, columns)`` uniform in ``±bound``."""
    return torch.rand(rows, columns, generator=generator) * 2 * bound - bound


def squared(gain: Gain) -> float:
    """Return the square of a gain, which is a number or the name of an activation."""
    if isinstance(gain, str):
        return SQUARED[one_of("gain", gain, *SQUARED)]
    return at_least_0("gain", gain) ** 2


def one_of(name: str, value: str, *allowed: str) -> str:
    """Return a word; raises ValueError when it is not among the allowed ones."""
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
    return value


def at_least_0(name: str, value: float) -> float:
    """Return a number; raises ValueError when it is negative."""
    if not value >= 0:
        raise ValueError(f"{name} must be at least 0, got {value}")
    return value
