"""Is every hand-written backward pass right? Central finite differences tell, without calculus.

Each derivative is compared, in float64, with the effect of a small change on the output::

    dL/dv = (L(v + h) - L(v - h)) / (2 h) + O(h^2)

(Nocedal and Wright, "Numerical Optimization", 2006, section 8.1).
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

import minidl.everything  # noqa: F401  # registers what is checked
from minidl.activations import Sigmoid, Tanh
from minidl.linear import Linear
from minidl.losses import BCE
from minidl.module import Module, Sequential
from minidl.random import seeded_generator
from minidl.registry import KINDS, as_printed

STEP = 1e-5  # rounding costs 1e-16 / h, truncation h^2: least near the cube root of 1e-16
TOLERANCE = 1e-6  # a right backward comes out near 1e-10, a wrong one near 1


@dataclass(frozen=True)
class Check:
    """One comparison: ``error`` is the largest difference, relative to the largest derivative.

    ``printed`` is the paper's sentence if the component copies a wrong one; its check may fail.
    """

    kind: str
    name: str
    error: float
    ok: bool
    printed: str | None


def gradcheck(names: Sequence[str] = ()) -> list[Check]:
    """Check the named components, or all: activations, losses, layers (``linear`` too), and a
    ``network``.

    Raises ValueError when a name is unknown.
    """
    known = [
        ("layer", "linear", linear, module_error),
        *(("layer", name, partial(built_layer, name), module_error) for name in KINDS["layer"]),
        *(("activation", *item, module_error) for item in buildable("activation")),
        *(("loss", *item, loss_error) for item in buildable("loss")),
        ("network", "network", network, network_error),
    ]
    all_names = [name for _, name, *_ in known]
    if unknown := [name for name in names if name not in all_names]:
        raise ValueError(f"{unknown[0]!r} has no backward to check; known: {', '.join(all_names)}")
    return [
        Check(kind, name, error := error_of(build()), error <= TOLERANCE, as_printed(build))
        for kind, name, build, error_of in known
        if not names or name in names
    ]


def buildable(kind: str) -> list[tuple[str, Any]]:
    """Return the components of a kind that need no argument, with their names."""

    def needs(component: Any) -> bool:
        parameters = inspect.signature(component).parameters.values()
        return any(parameter.default is parameter.empty for parameter in parameters)

    return [item for item in KINDS[kind].items() if not needs(item[1])]


def linear(d_in: int = 3, d_out: int = 4) -> Linear:
    generator = seeded_generator(0, "weights")
    return Linear(d_in, d_out, generator=generator, dtype=torch.float64)


def built_layer(name: str, d: int = 3) -> Module:
    """Build a registered layer in float64."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return KINDS["layer"][name](d, seeded_generator(0, "weights"))
    finally:
        torch.set_default_dtype(before)


def network() -> Sequential:
    return Sequential(linear(3, 4), Tanh(), linear(4, 2), Sigmoid())


def points(d: int, stream: str) -> Tensor:
    """Return normal points ``(5, d)``, shifted away from 0, where ReLU and the like have a kink."""
    x = torch.randn(5, d, generator=seeded_generator(0, stream), dtype=torch.float64)
    return x + 0.1 * torch.sign(x)


def module_error(module: Module) -> float:
    """Check the derivatives of ``sum(module(x) * weighting)`` in the input and the parameters.

    Each evaluation uses a fresh copy, so that a module that draws numbers draws the same ones.
    """
    x, used = points(3, "x"), copy.deepcopy(module)
    weighting = points(used.forward(x).shape[-1], "weighting")
    pairs = [(x, used.backward(weighting))]
    for (value, _), (_, gradient) in zip(module.param(), used.param(), strict=True):
        pairs.append((value, gradient))
    return largest_error(lambda: (copy.deepcopy(module).forward(x) * weighting).sum(), pairs)


def loss_error(loss: Module) -> float:
    """Check the derivative of a loss with respect to the prediction p, which lies in (0, 1)."""
    p, y = 1 / (1 + torch.exp(-points(2, "x"))), (points(2, "y") > 0).double()
    return largest_error(lambda: loss.forward(p, y), [(p, loss.backward(p, y))])


def network_error(model: Module) -> float:
    """Check the derivatives of a network's loss with respect to its input and every parameter."""
    x, target, loss = points(3, "x"), (points(2, "y") > 0).double(), BCE()
    input_gradient = model.backward(loss.backward(model.forward(x), target))
    pairs = [(x, input_gradient), *model.param()]
    return largest_error(lambda: loss.forward(model.forward(x), target), pairs)


def largest_error(function: Callable[[], Tensor], pairs: Iterable[tuple[Tensor, Tensor]]) -> float:
    """Return the worst of all (value, gradient) pairs: ``max |g - d| / max(|g|, |d|)``."""
    errors = []
    for value, gradient in pairs:
        difference = finite_differences(function, value)
        scale = torch.stack([gradient, difference]).abs().max().clamp(min=1e-12)
        errors.append((gradient - difference).abs().max() / scale)
    return torch.stack(errors).max().item()


def finite_differences(function: Callable[[], Tensor], value: Tensor) -> Tensor:
    """Return ``(f(v + h) - f(v - h)) / 2h`` for every number v of a tensor, changed in place."""
    result, numbers = torch.zeros_like(value), value.view(-1)
    for i, original in enumerate(numbers.tolist()):
        numbers[i] = original + STEP
        above = function()
        numbers[i] = original - STEP
        result.view(-1)[i] = (above - function()) / (2 * STEP)
        numbers[i] = original
    return result
