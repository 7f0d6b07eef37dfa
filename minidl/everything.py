"""All that ``minidl`` offers: importing this loads torch, and registers every component."""

from minidl import as_printed as as_printed
from minidl.activations import (
    ELU,
    GELU,
    SELU,
    HardTanh,
    Identity,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Softsign,
    Tanh,
)
from minidl.data import Dataset, DataSource, Disk, batches, disk
from minidl.layers import Dropout, LayerNorm
from minidl.linear import Linear
from minidl.losses import BCE, MAE, MSE, BCEWithLogits, CrossEntropy, Hinge, Huber, Loss
from minidl.metrics import R2, RMSE, Accuracy, Metric
from minidl.module import Module, Sequential, Weight
from minidl.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    GradientDescent,
    NAdam,
    Optimizer,
    RMSprop,
)
from minidl.random import seeded_generator
from minidl.registry import register
from minidl.replicas import Replicas, stack
from minidl.schedules import Progress, Schedule
from minidl.stopping import EarlyStopping
from minidl.training import History, evaluate, train

__all__ = [
    "BCE",
    "ELU",
    "GELU",
    "MAE",
    "MSE",
    "R2",
    "RMSE",
    "SELU",
    "SGD",
    "Accuracy",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "BCEWithLogits",
    "CrossEntropy",
    "DataSource",
    "Dataset",
    "Disk",
    "Dropout",
    "EarlyStopping",
    "GradientDescent",
    "HardTanh",
    "Hinge",
    "History",
    "Huber",
    "Identity",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "Loss",
    "Metric",
    "Module",
    "NAdam",
    "Optimizer",
    "Progress",
    "RMSprop",
    "ReLU",
    "Replicas",
    "Schedule",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Softsign",
    "Tanh",
    "Weight",
    "batches",
    "disk",
    "evaluate",
    "register",
    "seeded_generator",
    "stack",
    "train",
]
