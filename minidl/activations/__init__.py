"""Activations: functions and their derivatives (paper, section 3).

All take and return ``(*stack, n, d)``; none has parameters. All but softmax are elementwise.
"""

from minidl.activations.bounded import HardTanh, Sigmoid, Softmax, Softsign, Tanh
from minidl.activations.rectifiers import ELU, SELU, LeakyReLU, ReLU
from minidl.activations.smooth import GELU, Identity, SiLU, Softplus

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "HardTanh",
    "Identity",
    "LeakyReLU",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Softsign",
    "Tanh",
]
