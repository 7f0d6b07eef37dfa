"""The paper's formulas exactly as printed, errors and all.

Each class quotes the sentence that it copies. They are registered like the correct ones, so that a
study can measure what each error does; ``minidl gradcheck`` shows which of them are wrong.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from minidl.activations import LeakyReLU, Tanh
from minidl.engine.promise import elementwise, replayable
from minidl.losses import BCE, MSE, check_alike, count
from minidl.module import Param
from minidl.optimizers import SGD, Adam
from minidl.registry import register


@register("activation", "tanh_as_printed")
@replayable
class TanhAsPrinted(Tanh):
    """Tanh whose backward lacks the parentheses."""

    printed = "Its back-propagation is 1 - Tanh(x)^2 × gradwrtoutput"

    def backward(self, gradient: Tensor) -> Tensor:
        return 1 - self.y * self.y * gradient


@register("activation", "leaky_relu_as_printed")
@replayable
class LeakyReLUAsPrinted(LeakyReLU):
    """LeakyReLU whose backward forgets the gradient above zero."""

    printed = "returns one if x > 0 and otherwise is 0.01 × gradwrtoutput"

    def backward(self, gradient: Tensor) -> Tensor:
        return torch.where(self.slope == 1, 1.0, self.negative_slope * gradient)


@register("loss", "mse_as_printed")
@replayable
class MSEAsPrinted(MSE):
    """MSE whose backward sums over the batch: every sample gets the whole batch's gradient."""

    printed = "Its back-propagation function returns Σ(2 × (y_pred - y))/batchSize"

    def __init__(self):
        super().__init__()

    def backward(self, prediction: Tensor, target: Tensor) -> Tensor:
        one_each = super().backward(prediction, target)
        return one_each.sum(dim=-2, keepdim=True).expand_as(prediction)


@register("loss", "bce_as_printed")
@replayable
class BCEAsPrinted(BCE):
    """BCE with prediction and target exchanged, no mean, and the gradient at the logit."""

    printed = (
        "The forward function returns -Σ(y_pred × log(y) + (1 - y_pred) × log(1 - y)). "
        "Its back-propagation function returns Σ(y_pred - y)/batchSize"
    )

    def __init__(self):
        super().__init__()

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        return super().forward(target, prediction) * count(prediction)

    def backward(self, prediction: Tensor, target: Tensor) -> Tensor:
        check_alike(prediction, target)
        return (prediction - target) / count(prediction)


@register("optimizer", "sgd_as_printed")
@replayable
@elementwise("velocity")
class SGDAsPrinted(SGD):
    """SGD that computes a velocity and then steps by the raw gradient."""

    printed = "(weight, bias) - lr × gradient(weight, bias)"

    def __init__(
        self,
        param: Param,
        lr: float | Tensor = 0.01,
        momentum: float | Tensor = 0.9,
        **common: Any,
    ):
        super().__init__(param, lr, momentum, **common)

    def step(self) -> None:
        lr, dampening = self.rates()
        for (value, gradient), velocity in zip(self.prepared(), self.velocity, strict=True):
            velocity.lerp_(gradient, dampening)
            value.addcmul_(gradient, lr, value=-1)


@register("optimizer", "adam_power_as_printed")
@elementwise("first", "second")
class AdamPowerAsPrinted(Adam):
    """Adam whose second moment raises the gradient to the iteration's power."""

    printed = "(1 - beta2) × gradient(weight, bias)^iteration"
    t = 0

    def step(self) -> None:
        self.t += 1
        super().step()

    def square(self, gradient: Tensor) -> Tensor:
        return gradient**self.t + self.tiny


@register("optimizer", "adam_correction_as_printed")
@replayable
@elementwise("first", "second")
class AdamCorrectionAsPrinted(Adam):
    """Adam whose bias correction has the exponent 2 instead of the iteration."""

    printed = "corrections = bothMomentum / (1 - (beta1, beta2)^2)"

    def step(self) -> None:
        self.move(1 - self.beta1 * self.beta1, 1 - self.beta2 * self.beta2)


@register("optimizer", "adam_as_printed")
@elementwise("first", "second")
class AdamAsPrinted(AdamPowerAsPrinted):
    """Adam with both printed errors."""

    printed = f"{AdamPowerAsPrinted.printed}; {AdamCorrectionAsPrinted.printed}"

    def step(self) -> None:
        self.t += 1
        self.move(1 - self.beta1 * self.beta1, 1 - self.beta2 * self.beta2)
