"""Optimizers: rules that turn gradients into steps (paper, section 3)."""

from minidl.optimizers.adagrad import Adadelta, Adagrad, RMSprop
from minidl.optimizers.adam import Adam, AdamW, NAdam
from minidl.optimizers.descent import SGD, GradientDescent
from minidl.optimizers.optimizer import Optimizer

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "GradientDescent",
    "NAdam",
    "Optimizer",
    "RMSprop",
]
