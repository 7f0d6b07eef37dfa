"""Losses for classes: of probabilities, of logits, and of margins.

A *logit* is an output of any size, 0 where both answers are equally likely. A loss on logits goes
with an ``identity`` output, and is finite and exact even where a probability would round to 0.
"""

from __future__ import annotations

import torch
from torch import Tensor

from minidl.engine.promise import replayable
from minidl.engine.rounding import sigmoid
from minidl.losses.loss import Loss, check_alike
from minidl.registry import register


@register("loss", "bce")
@replayable
class BCE(Loss):
    """Binary cross-entropy: ``-mean(t log p + (1 - t) log(1 - p))``, with p and t in [0, 1].

    The logarithms stop at -100 and the denominator of the gradient at 1e-12, as in
    ``torch.nn.functional.binary_cross_entropy``: both stay finite where p is exactly 0 or 1.
    """

    tasks = ("binary", "classes")
    domain = (0.0, 1.0)

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        check_alike(prediction, target)
        log_inside = torch.log(prediction).clamp(min=-100)
        log_outside = torch.log1p(-prediction).clamp(min=-100)
        return -self.reduce(target * log_inside + (1 - target) * log_outside)

    def backward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """``(p - t) / (p (1 - p)) / (n d)``."""
        check_alike(prediction, target)
        slope = (prediction - prediction * prediction).clamp_(min=1e-12)
        return (prediction - target) / slope / self.divisor(prediction)


@register("loss", "bce_with_logits")
@replayable
class BCEWithLogits(Loss):
    """``mean(max(z, 0) - z t + log(1 + exp(-|z|)))``: ``bce`` of ``sigmoid(z)``, from the logit z.

    This is ``torch.nn.BCEWithLogitsLoss``. With K outputs each is a question of its own.
    """

    tasks = ("binary", "classes")
    cut = 0.0

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        check_alike(prediction, target)
        rest = torch.log1p(torch.exp(-prediction.abs()))
        return self.reduce(prediction.clamp(min=0) - prediction * target + rest)

    def backward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """``(sigmoid(z) - t) / (n d)``."""
        check_alike(prediction, target)
        return (sigmoid(prediction) - target) / self.divisor(prediction)


@register("loss", "cross_entropy")
@replayable
class CrossEntropy(Loss):
    """``-mean over the points of sum_k t_k log softmax(z)_k``, from K logits z.

    The targets t are one-hot, or probabilities that add up to 1. The mean divides by n, not by n K,
    as in ``torch.nn.CrossEntropyLoss``.
    """

    tasks = ("classes",)
    cut = 0.0

    def divisor(self, prediction: Tensor) -> int:
        return prediction.shape[-2] if self.reduction == "mean" else 1

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        check_alike(prediction, target)
        z = prediction - prediction.amax(dim=-1, keepdim=True)
        log_total = z.exp().sum(dim=-1, keepdim=True).log()
        return self.reduce(target * (log_total - z))

    def backward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """``(softmax(z) sum_k t_k - t) / n``."""
        check_alike(prediction, target)
        exp = (prediction - prediction.amax(dim=-1, keepdim=True)).exp()
        weight = target.sum(dim=-1, keepdim=True) / exp.sum(dim=-1, keepdim=True)
        return (exp * weight - target) / self.divisor(prediction)


@register("loss", "hinge")
@replayable
class Hinge(Loss):
    """``mean(max(0, 1 - s z))`` with ``s = 1`` where the target is above 0, otherwise -1.

    Targets of 0 and 1 thus mean the same as ±1 (Cortes and Vapnik, 1995; ``hinge_loss`` of
    scikit-learn). With K outputs each is a question of its own: one class against the others.
    """

    tasks = ("binary", "classes")
    cut = 0.0
    signed = True

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        check_alike(prediction, target)
        return self.reduce((1 - prediction * sides(target)).clamp(min=0))

    def backward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """``-s / (n d)`` where ``s z < 1``, otherwise 0."""
        check_alike(prediction, target)
        side = sides(target)
        return side * (prediction * side < 1) / -self.divisor(prediction)


def sides(target: Tensor) -> Tensor:
    """Return 1 where a target is above 0, otherwise -1."""
    return 2 * (target > 0).to(target.dtype) - 1
