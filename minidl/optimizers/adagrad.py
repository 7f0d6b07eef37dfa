"""Adagrad and its successors: each number's step is divided by the size of its gradients so far.

Arguments, defaults and numbers are those of ``torch.optim``.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from minidl.engine.promise import elementwise, replayable
from minidl.module import Param
from minidl.optimizers.optimizer import Optimizer, fraction, not_negative, positive
from minidl.registry import register


@register("optimizer", "adagrad")
@replayable
@elementwise("squares")
class Adagrad(Optimizer):
    """Adagrad (Duchi, Hazan and Singer, 2011).

    ::

        squares <- squares + gradient^2
        value   <- value - lr / (1 + (t - 1) lr_decay) * gradient / (sqrt(squares) + eps)

    The squares begin at ``initial_accumulator_value``.

    Raises ValueError unless ``lr > 0``, ``eps > 0`` and the others are at least 0.
    """

    def __init__(
        self,
        param: Param,
        lr: float | Tensor = 0.01,
        lr_decay: float | Tensor = 0.0,
        initial_accumulator_value: float | Tensor = 0.0,
        eps: float | Tensor = 1e-10,
        **common: Any,
    ):
        super().__init__(param, lr, **common)
        self.lr_decay = not_negative("lr_decay", lr_decay)
        start = not_negative("initial_accumulator_value", initial_accumulator_value)
        self.eps = positive("eps", eps)
        self.steps = torch.zeros(1, 1, dtype=torch.float64)
        self.squares = [zeros + start.to(self.dtype) for zeros in self.zeros()]

    def step(self) -> None:
        lr = (self.lr / (1 + self.steps * self.lr_decay)).to(self.dtype)
        eps = self.eps.to(self.dtype)
        for (value, gradient), squares in zip(self.prepared(), self.squares, strict=True):
            squares.addcmul_(gradient, gradient)
            value.addcmul_(gradient / (squares.sqrt() + eps), lr, value=-1)
        self.steps.add_(1)


@register("optimizer", "rmsprop")
@replayable
@elementwise("square", "mean", "velocity")
class RMSprop(Optimizer):
    """RMSprop (Tieleman and Hinton, 2012; centered: Graves, 2013).

    ::

        square   <- alpha * square + (1 - alpha) * gradient^2
        mean     <- alpha * mean   + (1 - alpha) * gradient
        velocity <- momentum * velocity + gradient / (sqrt(square) + eps)
        value    <- value - lr * velocity

    ``centered`` subtracts ``mean^2`` from the square. As in torch the velocity is not dampened.

    Raises ValueError unless ``lr > 0``, ``eps > 0`` and alpha and momentum are at least 0 and
    below 1.
    """

    def __init__(
        self,
        param: Param,
        lr: float | Tensor = 0.01,
        alpha: float | Tensor = 0.99,
        eps: float | Tensor = 1e-8,
        momentum: float | Tensor = 0.0,
        centered: bool = False,
        **common: Any,
    ):
        super().__init__(param, lr, **common)
        self.alpha = fraction("alpha", alpha)
        self.eps = positive("eps", eps)
        self.momentum = fraction("momentum", momentum)
        self.centered = centered
        self.square, self.velocity = self.zeros(), self.zeros()
        self.mean = self.zeros()

    def step(self) -> None:
        lr, gain = self.lr.to(self.dtype), (1 - self.alpha).to(self.dtype)
        momentum, eps = self.momentum.to(self.dtype), self.eps.to(self.dtype)
        for (value, gradient), square, mean, velocity in zip(
            self.prepared(), self.square, self.mean, self.velocity, strict=True
        ):
            variance = square.lerp_(gradient.square(), gain)
            if self.centered:
                mean.lerp_(gradient, gain)
                variance = torch.addcmul(square, mean, mean, value=-1).clamp(min=0)
            velocity.mul_(momentum).add_(gradient / (variance.sqrt() + eps))
            value.addcmul_(velocity, lr, value=-1)


@register("optimizer", "adadelta")
@replayable
@elementwise("square", "moved")
class Adadelta(Optimizer):
    """Adadelta (Zeiler, 2012).

    ::

        square <- rho * square + (1 - rho) * gradient^2
        change  = sqrt(moved + eps) / sqrt(square + eps) * gradient
        moved  <- rho * moved + (1 - rho) * change^2
        value  <- value - lr * change

    Raises ValueError unless ``lr > 0``, ``eps > 0`` and ``0 <= rho < 1``.
    """

    def __init__(
        self,
        param: Param,
        lr: float | Tensor = 1.0,
        rho: float | Tensor = 0.9,
        eps: float | Tensor = 1e-6,
        **common: Any,
    ):
        super().__init__(param, lr, **common)
        self.rho = fraction("rho", rho)
        self.eps = positive("eps", eps)
        self.square, self.moved = self.zeros(), self.zeros()

    def step(self) -> None:
        lr, gain = self.lr.to(self.dtype), (1 - self.rho).to(self.dtype)
        eps = self.eps.to(self.dtype)
        for (value, gradient), square, moved in zip(
            self.prepared(), self.square, self.moved, strict=True
        ):
            square.lerp_(gradient.square(), gain)
            change = (moved + eps).sqrt() / (square + eps).sqrt() * gradient
            moved.lerp_(change.square(), gain)
            value.addcmul_(change, lr, value=-1)
