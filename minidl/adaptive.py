"""Optimizers that scale every number's step by the size of its own gradients so far.

Arguments, defaults and numbers are those of ``torch.optim``.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from minidl.engine.promise import elementwise, replayable
from minidl.module import Param
from minidl.optimizers import Optimizer, fraction, not_negative, positive
from minidl.registry import register


@register("optimizer", "adam")
@replayable
@elementwise("first", "second")
class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015, algorithm 1).

    ::

        first  <- beta1 * first  + (1 - beta1) * gradient
        second <- beta2 * second + (1 - beta2) * gradient^2
        value  <- value - lr * first / (1 - beta1^t) / (sqrt(second / (1 - beta2^t)) + eps)

    A gradient whose square is infinite, above 1e19 in float32, makes the value NaN.

    Raises ValueError unless ``lr > 0``, ``eps > 0`` and both betas are at least 0 and below 1.
    """

    def __init__(
        self,
        param: Param,
        lr: float | Tensor = 0.001,
        beta1: float | Tensor = 0.9,
        beta2: float | Tensor = 0.999,
        eps: float | Tensor = 1e-8,
        **common: Any,
    ):
        super().__init__(param, lr, **common)
        self.beta1 = fraction("beta1", beta1)
        self.beta2 = fraction("beta2", beta2)
        self.eps = positive("eps", eps)
        self.gain1, self.gain2 = 1 - self.beta1, 1 - self.beta2
        # 1 - beta^t, from step to step: a power does not round alike everywhere.
        self.correction1, self.correction2 = self.gain1.clone(), self.gain2.clone()
        self.one = torch.ones(1, 1, dtype=torch.float64)
        self.rates = [gain.to(self.dtype) for gain in (self.gain1, self.gain2)]
        self.tiny = (1e-5 * self.eps).square().clamp(min=1e-30).to(self.dtype)
        self.first = self.zeros()
        self.second = self.zeros()

    def step(self) -> None:
        self.move(self.correction1, self.correction2)
        self.correction1.lerp_(self.one, self.gain1)
        self.correction2.lerp_(self.one, self.gain2)

    def square(self, gradient: Tensor) -> Tensor:
        """What the second moment averages: ``gradient^2``.

        And something that is nothing beside an eps of 1e-10 and more: it keeps the moments of dead
        units away from 0 and from the smallest floats, where roots are infinite or slow.
        """
        return torch.addcmul(self.tiny, gradient, gradient)

    def move(self, correction1: Tensor, correction2: Tensor) -> None:
        """Update the moments, correct them by the two divisors, and step.

        Both corrections are moved into lr and eps, as at the end of the paper's section 2. A
        learning rate for each number is rounded first: work in float64 is slow.
        """
        gain1, gain2 = self.rates
        root = correction2.sqrt()
        lr = self.lr.to(self.dtype) * (root / correction1).to(self.dtype)
        eps = (self.eps * root).to(self.dtype)
        for (value, gradient), first, second in zip(
            self.prepared(), self.first, self.second, strict=True
        ):
            first.lerp_(gradient, gain1)
            scratch = self.square(gradient)
            second.lerp_(scratch, gain2)
            # x / sqrt(x) is a faster root than sqrt(x), which torch leaves to a library.
            inverse = torch.rsqrt(second, out=scratch)
            denominator = torch.addcmul(eps, second, inverse, out=scratch)
            value.addcmul_(torch.div(first, denominator, out=scratch), lr, value=-1)


@register("optimizer", "adamw")
@replayable
@elementwise("first", "second")
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019): ahead of Adam's step
    ``value <- (1 - lr * weight_decay) * value``.

    On weights only; torch's decays biases too, which is ``decay: all`` here.

    Raises ValueError as Adam does, and unless ``weight_decay >= 0``.
    """

    def __init__(
        self,
        param: Param,
        lr: float | Tensor = 0.001,
        beta1: float | Tensor = 0.9,
        beta2: float | Tensor = 0.999,
        eps: float | Tensor = 1e-8,
        weight_decay: float | Tensor = 0.01,
        **common: Any,
    ):
        super().__init__(param, lr, beta1, beta2, eps, **common)
        self.weight_decay = not_negative("weight_decay", weight_decay)
        self.penalised = self.masks()

    def step(self) -> None:
        lost = self.lr * self.weight_decay
        for (value, _), mask in zip(self.param, self.penalised, strict=True):
            value.mul_((1 - lost * mask).to(self.dtype))
        super().step()


@register("optimizer", "nadam")
@replayable
@elementwise("first", "second")
class NAdam(Optimizer):
    """Adam with Nesterov momentum (Dozat, 2016), whose momentum warms up.

    ::

        mu(t)  = beta1 * (1 - 0.96^(t * momentum_decay) / 2),   product(t) = mu(1) ... mu(t)
        first  <- beta1 * first  + (1 - beta1) * gradient
        second <- beta2 * second + (1 - beta2) * gradient^2
        value  <- value - lr / (sqrt(second / (1 - beta2^t)) + eps)
                  * ((1 - mu(t)) / (1 - product(t)) * gradient
                     + mu(t + 1) / (1 - product(t + 1)) * first)

    Raises ValueError unless ``lr > 0``, ``eps > 0``, both betas are at least 0 and below 1, and
    ``momentum_decay >= 0``.
    """

    def __init__(
        self,
        param: Param,
        lr: float | Tensor = 0.002,
        beta1: float | Tensor = 0.9,
        beta2: float | Tensor = 0.999,
        eps: float | Tensor = 1e-8,
        momentum_decay: float | Tensor = 0.004,
        **common: Any,
    ):
        super().__init__(param, lr, **common)
        self.beta1 = fraction("beta1", beta1)
        self.beta2 = fraction("beta2", beta2)
        self.eps = positive("eps", eps)
        falls = not_negative("momentum_decay", momentum_decay)
        # 0.96^momentum_decay: from step to step it is multiplied, as a power may round otherwise
        self.fall = torch.tensor(
            [0.96**each for each in falls.flatten().tolist()], dtype=torch.float64
        ).view(falls.shape)
        self.fallen = self.fall.clone()
        self.product = self.beta1 * (1 - self.fall / 2)
        self.correction = 1 - self.beta2
        self.one = torch.ones(1, 1, dtype=torch.float64)
        self.first, self.second = self.zeros(), self.zeros()

    def step(self) -> None:
        mu = self.beta1 * (1 - self.fallen / 2)
        self.fallen.mul_(self.fall)
        ahead = self.beta1 * (1 - self.fallen / 2)
        of_gradient = (self.lr * (1 - mu) / (1 - self.product)).to(self.dtype)
        self.product.mul_(ahead)
        of_first = (self.lr * ahead / (1 - self.product)).to(self.dtype)
        root = self.correction.rsqrt().to(self.dtype)
        gain1, gain2 = (1 - self.beta1).to(self.dtype), (1 - self.beta2).to(self.dtype)
        eps = self.eps.to(self.dtype)
        for (value, gradient), first, second in zip(
            self.prepared(), self.first, self.second, strict=True
        ):
            first.lerp_(gradient, gain1)
            second.lerp_(gradient.square(), gain2)
            moved = torch.addcmul(gradient * of_gradient, first, of_first)
            value.sub_(moved / (second.sqrt() * root + eps))
        self.correction.lerp_(self.one, 1 - self.beta2)


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

    ``centered`` takes ``mean^2`` off the square. As in torch the velocity is not dampened.

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
