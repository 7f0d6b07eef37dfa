"""Optimizers: rules that turn gradients into steps (paper, section 3).

Each takes ``model.param()`` and changes the values in place. A hyper-parameter is given as a float,
or as a tensor ``(R, 1, 1)`` that gives every replica of a stack its own. Either way it is kept as a
float64 tensor ``(*stack, 1, 1)`` and rounded in the step, where it meets the parameters, so a
network computes with the same bits alone and in a stack.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from minidl.engine.flat import repeat
from minidl.module import Param, Weight


def hyper(value: float | Tensor) -> Tensor:
    """Return a hyper-parameter as a float64 tensor ``(*stack, 1, 1)``."""
    tensor = torch.as_tensor(value, dtype=torch.float64).clone()  # a tensor of its own
    if tensor.dim() and tensor.shape[-2:] != (1, 1):
        raise ValueError(f"a tensor must be shaped (R, 1, 1), got {tuple(tensor.shape)}")
    return tensor if tensor.dim() else tensor.view(1, 1)


def positive(name: str, value: float | Tensor) -> Tensor:
    """Return the hyper-parameter; raise ValueError unless it is above zero and finite."""
    tensor = hyper(value)
    if not ((tensor > 0) & tensor.isfinite()).all():
        raise ValueError(f"{name} must be above 0 and finite, got {value}")
    return tensor


def fraction(name: str, value: float | Tensor) -> Tensor:
    """Return the hyper-parameter; raise ValueError unless it is at least 0 and below 1."""
    tensor = hyper(value)
    if not ((tensor >= 0) & (tensor < 1)).all():
        raise ValueError(f"{name} must be at least 0 and below 1, got {value}")
    return tensor


def share(name: str, value: float | Tensor) -> Tensor:
    """Return the hyper-parameter; raise ValueError unless it is at least 0 and at most 1."""
    tensor = hyper(value)
    if not ((tensor >= 0) & (tensor <= 1)).all():
        raise ValueError(f"{name} must be at least 0 and at most 1, got {value}")
    return tensor


def not_negative(name: str, value: float | Tensor) -> Tensor:
    """Return the hyper-parameter; raise ValueError unless it is at least 0 and finite."""
    tensor = hyper(value)
    if not ((tensor >= 0) & tensor.isfinite()).all():
        raise ValueError(f"{name} must be at least 0 and finite, got {value}")
    return tensor


class Optimizer:
    """What every optimizer has: the parameters, a learning rate, penalties, and ``step()``.

    ::

        gradient <- gradient * min(1, clip_norm / (norm + 1e-6))     norm over a replica's gradients
        gradient <- gradient + weight_decay * value + l1 * sign(value)

    ``prepared`` does this before a step of any class; parts that are not asked for take no time.
    ``decay`` says what both penalties act on: ``weights``, the pairs that a layer marks as
    ``Weight``, or all pairs where none is marked; or ``all`` parameters, as in ``torch.optim``. The
    clipping is ``torch.nn.utils.clip_grad_norm_``.

    A class may promise more about its steps, which makes them faster: ``@replayable`` and
    ``@elementwise`` (``minidl/engine/promise.py``).

    Raises ValueError unless ``lr > 0``, ``weight_decay >= 0``, ``l1 >= 0`` and ``clip_norm > 0``,
    and for any other ``decay``.
    """

    beside = ("penalised",)  # what it keeps beside each parameter, whatever the class

    def __init__(
        self,
        param: Param,
        lr: float | Tensor,
        *,
        weight_decay: float | Tensor = 0.0,
        l1: float | Tensor = 0.0,
        decay: Literal["weights", "all"] = "weights",
        clip_norm: float | Tensor | None = None,
    ):
        self.param: Param = [(value, gradient) for value, gradient in param]
        self.dtype = param[0][0].dtype if param else torch.float32
        self.shapes: list[tuple[int, ...]] | None = None  # of the parameters, once laid end to end
        self._lr = positive("lr", lr)
        if decay not in ("weights", "all"):
            raise ValueError(f"decay must be 'weights' or 'all', got {decay!r}")
        self.weight_decay = not_negative("weight_decay", weight_decay)
        self.l1 = not_negative("l1", l1)
        self.clip_norm = None if clip_norm is None else positive("clip_norm", clip_norm)
        self.decays, self.shrinks = bool(self.weight_decay.any()), bool(self.l1.any())
        known = any(isinstance(pair, Weight) for pair in param)
        self.weights = [decay == "all" or not known or isinstance(pair, Weight) for pair in param]
        # 1 for each number that a penalty acts on, and 0 for the others
        self.penalised = self.masks() if self.decays or self.shrinks else []

    def masks(self) -> list[Tensor]:
        """Return a tensor beside every parameter: ones where penalties act on it, or zeros."""
        return [
            torch.full_like(value, penalised)
            for (value, _), penalised in zip(self.param, self.weights, strict=True)
        ]

    @property
    def lr(self) -> Tensor:
        """The learning rate in float64. It may be changed in place, or set, even to zero.

        Steps use its current value; inside ``train`` a change takes effect with the next epoch.
        Once the parameters lie end to end it has one number for all of them, or one for each.
        """
        return self._lr

    @lr.setter
    def lr(self, value: float | Tensor) -> None:
        new = not_negative("lr", value)
        if self.shapes is not None:
            new = repeat(new, self.shapes)
        if new.numel() == 1 or new.shape == self._lr.shape:
            self._lr.copy_(new.view(-1) if new.numel() == 1 else new)
        else:
            self._lr = new

    def lr_of_replicas(self) -> Tensor:
        """Return the learning rate ``(*stack, 1, 1)``, also once the parameters lie end to end."""
        if self.shapes is None:
            return self._lr.expand(*self.param[0][0].shape[:-2], 1, 1)
        first = self.shapes[0]
        if self._lr.numel() == 1:
            return self._lr.expand(*first[:-2], 1, 1)
        return self._lr[: math.prod(first)].view(first)[..., :1, :1]

    def zeros(self) -> list[Tensor]:
        """Return one zero tensor beside every parameter: a moment before the first step."""
        return [torch.zeros_like(value) for value, _ in self.param]

    def prepared(self) -> Param:
        """Return the pairs that a step works on: the gradients clipped, then the penalties added.

        The gradients that ``backward`` left stay as they are.
        """
        pairs = self.param if self.clip_norm is None else clipped(self.param, self.clip_norm)
        if self.decays:
            pairs = self.pulled(pairs, self.weight_decay, [value for value, _ in pairs])
        if self.shrinks:
            pairs = self.pulled(pairs, self.l1, [value.sign() for value, _ in pairs])
        return pairs

    def pulled(self, pairs: Param, rate: Tensor, directions: list[Tensor]) -> Param:
        """Add a penalty's gradient to those of the numbers that it acts on."""
        rate = rate.to(self.dtype)
        return [
            (value, torch.addcmul(gradient, direction, rate * mask))
            for (value, gradient), direction, mask in zip(
                pairs, directions, self.penalised, strict=True
            )
        ]

    def __repr__(self) -> str:
        rates = sorted({f"{lr:g}" for lr in self.lr.flatten().tolist()}, key=float)
        return f"{type(self).__name__}(lr {', '.join(rates)})"

    def step(self) -> None:
        """Change every value by the gradient that the last ``backward`` left beside it."""
        raise NotImplementedError


def clipped(param: Param, clip_norm: Tensor) -> Param:
    """Return the pairs with each replica's gradients scaled down to a norm, taken over all of them.

    Sums run over the rows, then the columns, then the parameters, so they round alike in any stack.
    """
    columns = [gradient.square().sum(dim=-2, keepdim=True) for _, gradient in param]
    first, *others = [column.sum(dim=-1, keepdim=True) for column in columns]
    norm = sum(others, first).double().sqrt()
    scale = (clip_norm / (norm + 1e-6)).clamp(max=1).to(first.dtype)
    return [(value, gradient * scale) for value, gradient in param]
