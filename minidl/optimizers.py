"""Optimizers: rules that turn gradients into steps (paper, section 3).

Each takes ``model.param()`` and changes the values in place. A hyper-parameter is given as a float,
or as a tensor ``(R, 1, 1)`` that gives every replica of a stack its own. It is kept in float64 and
as a tensor ``(*stack, 1, 1)`` in any case, and rounded in the step, where it meets the parameters:
so a network alone and the same network in a stack compute with the same bits.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from minidl.engine.flat import repeat
from minidl.engine.promise import elementwise, replayable
from minidl.module import Param
from minidl.registry import register


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


def decay(name: str, value: float | Tensor) -> Tensor:
    """Return the hyper-parameter; raise ValueError unless it is at least 0 and below 1."""
    tensor = hyper(value)
    if not ((tensor >= 0) & (tensor < 1)).all():
        raise ValueError(f"{name} must be at least 0 and below 1, got {value}")
    return tensor


class Optimizer:
    """What every optimizer has: the parameters, a learning rate, and ``step()``.

    A class may promise more of its steps, and then they are faster: ``@replayable`` and
    ``@elementwise`` (``minidl/engine/promise.py``).
    """

    def __init__(self, param: Param, lr: float | Tensor):
        self.param = param
        self.dtype = param[0][0].dtype if param else torch.float32
        self.shapes: list[tuple[int, ...]] | None = None  # of the parameters, once laid end to end
        self._lr = positive("lr", lr)

    @property
    def lr(self) -> Tensor:
        """The learning rate in float64, which may be changed in place, or set, also to zero.

        Steps use what it is now; inside ``train`` that is after each epoch. Once the parameters lie
        end to end it has one number for all of them, or one for each.
        """
        return self._lr

    @lr.setter
    def lr(self, value: float | Tensor) -> None:
        new = hyper(value)
        if not ((new >= 0) & new.isfinite()).all():
            raise ValueError(f"lr must be at least 0 and finite, got {value}")
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

    def step(self) -> None:
        """Change every value by the gradient that the last ``backward`` left beside it."""
        raise NotImplementedError


@register("optimizer", "sgd")
@replayable
@elementwise("velocity")
class SGD(Optimizer):
    """Stochastic gradient descent with dampened momentum, as the paper words it.

    ::

        velocity <- momentum * velocity + (1 - momentum) * gradient
        value    <- value - lr * velocity

    ``torch.optim.SGD(momentum=m, dampening=m)`` is the same but for its first velocity, which it
    takes from the first gradient undampened.

    Raises ValueError unless ``lr > 0`` and ``0 <= momentum < 1``.
    """

    def __init__(self, param: Param, lr: float | Tensor = 0.01, momentum: float | Tensor = 0.9):
        super().__init__(param, lr)
        self.momentum = decay("momentum", momentum)
        self.velocity = self.zeros()

    def rates(self) -> tuple[Tensor, Tensor]:
        """Return the learning rate and the dampening, rounded as the parameters are."""
        return self.lr.to(self.dtype), (1 - self.momentum).to(self.dtype)

    def step(self) -> None:
        lr, dampening = self.rates()
        for (value, gradient), velocity in zip(self.param, self.velocity, strict=True):
            velocity.lerp_(gradient, dampening)
            value.addcmul_(velocity, lr, value=-1)


@register("optimizer", "none")
class GradientDescent(SGD):
    """The paper's "None", a plain gradient step: ``value <- value - lr * gradient``.

    It is SGD without momentum, and runs as such, so that both can share a stack.
    """

    def __init__(self, param: Param, lr: float | Tensor = 0.01):
        super().__init__(param, lr, momentum=0.0)


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
    ):
        super().__init__(param, lr)
        self.beta1 = decay("beta1", beta1)
        self.beta2 = decay("beta2", beta2)
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

        Both corrections are moved into lr and eps, as at the end of the paper's section 2.
        """
        gain1, gain2 = self.rates
        root = correction2.sqrt()
        lr = (self.lr * root / correction1).to(self.dtype)
        eps = (self.eps * root).to(self.dtype)
        for (value, gradient), first, second in zip(
            self.param, self.first, self.second, strict=True
        ):
            first.lerp_(gradient, gain1)
            scratch = self.square(gradient)
            second.lerp_(scratch, gain2)
            # x / sqrt(x) is a faster root than sqrt(x), which torch leaves to a library.
            inverse = torch.rsqrt(second, out=scratch)
            denominator = torch.addcmul(eps, second, inverse, out=scratch)
            value.addcmul_(torch.div(first, denominator, out=scratch), lr, value=-1)
