"""All that ``minidl`` offers: importing this loads torch, and registers every component."""

from minidl import as_printed as as_printed
from minidl.activations import Identity, LeakyReLU, ReLU, Sigmoid, Tanh
from minidl.adaptive import Adadelta, Adagrad, Adam, AdamW, NAdam, RMSprop
from minidl.data import Dataset, DataSource, Disk, batches, disk
from minidl.linear import Linear
from minidl.losses import BCE, MSE, Loss
from minidl.metrics import R2, RMSE, Accuracy, Metric
from minidl.module import Module, Sequential, Weight
from minidl.optimizers import SGD, GradientDescent, Optimizer
from minidl.random import seeded_generator
from minidl.registry import register
from minidl.replicas import Replicas, stack
from minidl.schedules import Progress, Schedule
from minidl.training import History, evaluate, train

__all__ = [
    "BCE",
    "MSE",
    "R2",
    "RMSE",
    "SGD",
    "Accuracy",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "DataSource",
    "Dataset",
    "Disk",
    "GradientDescent",
    "History",
    "Identity",
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
    "Sigmoid",
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
