"""minidl: a mini deep-learning framework on tensor operations alone.

Read it in this order: module, linear, activations, losses, optimizers, data, training, replicas.
"""

from minidl import as_printed as as_printed
from minidl.activations import Identity, LeakyReLU, ReLU, Sigmoid, Tanh
from minidl.data import Dataset, batches, disk
from minidl.linear import Linear
from minidl.losses import BCE, MSE
from minidl.module import Module, Sequential
from minidl.optimizers import SGD, Adam, GradientDescent
from minidl.random import seeded_generator
from minidl.registry import register
from minidl.replicas import Replicas, stack
from minidl.training import History, evaluate, train

__all__ = [
    "BCE",
    "MSE",
    "SGD",
    "Adam",
    "Dataset",
    "GradientDescent",
    "History",
    "Identity",
    "LeakyReLU",
    "Linear",
    "Module",
    "ReLU",
    "Replicas",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "batches",
    "disk",
    "evaluate",
    "register",
    "seeded_generator",
    "stack",
    "train",
]
