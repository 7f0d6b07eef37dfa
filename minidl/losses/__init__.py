"""Losses: the base class, those between numbers, and those for classes."""

from minidl.losses.classes import BCE, BCEWithLogits, CrossEntropy, Hinge
from minidl.losses.loss import Loss, check_alike, count
from minidl.losses.regression import MAE, MSE, Huber

__all__ = [
    "BCE",
    "MAE",
    "MSE",
    "BCEWithLogits",
    "CrossEntropy",
    "Hinge",
    "Huber",
    "Loss",
    "check_alike",
    "count",
]
