"""Adam and its variants: steps from two moving averages, of the gradients and of their squares.

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
        # 1 - beta^t, updated in every step: a power does not round alike everywhere.
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

        To it is added a constant, negligible beside an eps of 1e-10 and more, that keeps the
        moments of dead units away from 0 and the smallest floats, where roots are infinite or slow.
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

    It acts on weights only; torch's AdamW decays biases too, as ``decay: all`` does here.

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
    """Adam with Nesterov momentum that warms up (Dozat, 2016).

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
        # 0.96^momentum_decay: multiplied in every step, as a power may round differently
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
