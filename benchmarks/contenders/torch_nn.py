"""torch.nn, autograd and torch.optim, one network after another: what a student would write."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.contenders import Always, Run, Start
from benchmarks.work import Condition, Work

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "leaky_relu": nn.LeakyReLU}
LOSSES = {"mse": nn.MSELoss, "bce": nn.BCELoss}


class TorchNN(Always):
    """``options`` go to the optimizer: nothing, or ``fused=True``."""

    def __init__(self, name: str, **options: Any):
        self.name = name
        self.options = options

    def prepare(self, work: Work) -> Start:
        x, y = work.batches
        loss = LOSSES[work.condition.loss]()
        models = [build(work, r) for r in range(work.networks)]
        built = [(m, build_optimizer(m, work.condition, self.options)) for m in models]

        def start() -> Run:
            networks = copy.deepcopy(built)

            def run(steps: int) -> list[Tensor]:
                for r, (model, optimizer) in enumerate(networks):
                    train(model, loss, optimizer, x[:steps, r], y[:steps, r])
                trained = [values(model) for model, _ in networks]
                return [torch.stack(column) for column in zip(*trained, strict=True)]

            return run

        return start


def train(
    model: nn.Module, loss: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor
) -> None:
    """The loop of every tutorial."""
    for batch, target in zip(x, y, strict=True):
        optimizer.zero_grad()
        loss(model(batch), target).backward()
        optimizer.step()


def network(widths: tuple[int, ...], activation: str) -> nn.Sequential:
    """Return the paper's network, or one with other widths."""
    modules: list[nn.Module] = []
    for d_in, d_out in pairwise(widths):
        modules += [nn.Linear(d_in, d_out), ACTIVATIONS[activation]()]
    return nn.Sequential(*modules[:-1], nn.Sigmoid())


def build(work: Work, r: int) -> nn.Sequential:
    """Return network r with its initial weights."""
    model = network(work.widths, work.condition.activation)
    linears = [module for module in model if isinstance(module, nn.Linear)]
    with torch.no_grad():
        for linear, weight, bias in zip(
            linears, work.weights[::2], work.weights[1::2], strict=True
        ):
            linear.weight.copy_(weight[r].mT)
            linear.bias.copy_(bias[r, 0])
    return model


def build_optimizer(
    model: nn.Module, condition: Condition, options: dict[str, Any]
) -> torch.optim.Optimizer:
    """Return the paper's optimizer; torch's first velocity would otherwise be undampened."""
    if condition.optimizer == "adam":
        return torch.optim.Adam(model.parameters(), condition.lr, **options)
    momentum = condition.momentum
    optimizer = torch.optim.SGD(
        model.parameters(), condition.lr, momentum, dampening=momentum, **options
    )
    if momentum:
        for parameter in model.parameters():
            optimizer.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
    return optimizer


def values(model: nn.Sequential) -> list[Tensor]:
    """Return the weights in the work's form: ``(d_in, d_out)`` and ``(1, d_out)`` by turns."""
    return [
        parameter.detach().mT if parameter.dim() == 2 else parameter.detach()[None]
        for parameter in model.parameters()
    ]
