"""Gradient descent, with momentum and without.

Arguments are those of ``torch.optim.SGD``.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from minidl.engine.promise import elementwise, replayable
from minidl.module import Param
from minidl.optimizers.optimizer import Optimizer, fraction, share
from minidl.registry import register


@register("optimizer", "sgd")
@replayable
@elementwise("velocity")
class SGD(Optimizer):
    """Stochastic gradient descent with dampened momentum, as the paper words it: torch's at
    ``lr * (1 - momentum)``, or, with ``dampening: 0``, torch's own.

    ::

        velocity <- momentum * velocity + (1 - momentum) * gradient
        value    <- value - lr * velocity

    A step is ``1 - momentum`` times that of ``torch.optim.SGD(lr, momentum)``, from the first on.
    Giving a ``dampening``, such as 0, makes it torch's own::

        velocity <- momentum * velocity + (1 - dampening) * gradient

    where the first gradient is taken undampened. ``dampening: m`` thus differs from leaving it out
    in the first velocity: with it, that is the gradient; without it, ``1 - m`` times the gradient.

    ``nesterov`` steps by what the velocity will be (Sutskever et al., 2013)::

        value <- value - lr * (momentum * velocity + (1 - momentum) * gradient)

    or, with a dampening of 0, the only one that torch allows with it, by
    ``momentum * velocity + gradient``.

    The velocity is a sum of gradients and is multiplied by the current rate, as in torch;
    scikit-learn and Sutskever have the rate inside the velocity. The two differ where a schedule
    changes the rate.

    Raises ValueError unless ``lr > 0``, ``0 <= momentum < 1`` and ``0 <= dampening <= 1``, and for
    nesterov with a dampening that is not 0.
    """

    def __init__(
        self,
        param: Param,
        lr: float | Tensor = 0.01,
        momentum: float | Tensor = 0.9,
        dampening: float | Tensor | None = None,
        nesterov: bool = False,
        **common: Any,
    ):
        super().__init__(param, lr, **common)
        self.momentum = fraction("momentum", momentum)
        self.dampening = None if dampening is None else share("dampening", dampening)
        if nesterov and self.dampening is not None and self.dampening.any():
            raise ValueError(f"nesterov needs dampening 0, or none given, got {dampening}")
        self.nesterov = nesterov
        self.first = torch.ones(1, 1, dtype=torch.float64)  # 0 after the first step
        self.velocity = self.zeros()

    def rates(self) -> tuple[Tensor, Tensor]:
        """Return the learning rate and the weight of a gradient, rounded as parameters are."""
        if self.dampening is None:
            return self.lr.to(self.dtype), (1 - self.momentum).to(self.dtype)
        gain = torch.lerp(1 - self.dampening, torch.ones_like(self.first), self.first)
        self.first.zero_()
        return self.lr.to(self.dtype), gain.to(self.dtype)

    def step(self) -> None:
        lr, gain = self.rates()
        momentum = self.momentum.to(self.dtype)
        for (value, gradient), velocity in zip(self.prepared(), self.velocity, strict=True):
            if self.dampening is None:
                velocity.lerp_(gradient, gain)
            else:
                velocity.mul_(momentum).addcmul_(gradient, gain)
            ahead = (
                torch.addcmul(gradient * gain, velocity, momentum) if self.nesterov else velocity
            )
            value.addcmul_(ahead, lr, value=-1)


@register("optimizer", "none")
class GradientDescent(SGD):
    """The paper's "None", a plain gradient step: ``value <- value - lr * gradient``.

    It is SGD without momentum, and runs as such, so that both can share a stack.
    """

    def __init__(self, param: Param, lr: float | Tensor = 0.01, **common: Any):
        super().__init__(param, lr, momentum=0.0, **common)
