"""Schedules: what the learning rate is in each epoch."""

from minidl.schedules.fixed import (
    Constant,
    Cosine,
    Exponential,
    InverseScaling,
    MultiStep,
    Step,
    Warmup,
)
from minidl.schedules.plateau import Plateau
from minidl.schedules.rates import Rates
from minidl.schedules.schedule import CHOOSING, Progress, Schedule

__all__ = [
    "CHOOSING",
    "Constant",
    "Cosine",
    "Exponential",
    "InverseScaling",
    "MultiStep",
    "Plateau",
    "Progress",
    "Rates",
    "Schedule",
    "Step",
    "Warmup",
]
