"""The paper's 18 networks, trained side by side with the same networks in torch.nn."""

from itertools import pairwise, product

import pytest
import torch
from torch import Tensor, nn

from minidl import BCE, Dataset, Linear, Sequential, Sigmoid, batches, disk, seeded_generator, train
from minidl.registry import KINDS

WIDTHS = [2, 25, 25, 25, 1]
LR = {"sgd": 0.1, "none": 0.1, "adam": 0.003}

TORCH_ACTIVATION = {"tanh": nn.Tanh, "relu": nn.ReLU, "leaky_relu": nn.LeakyReLU}
TORCH_LOSS = {"mse": nn.MSELoss, "bce": nn.BCELoss}


def float64(data: Dataset) -> Dataset:
    return Dataset(data.x.double(), data.y.double())


def our_model(activation: str) -> Sequential:
    generator, modules = seeded_generator(0, "weights"), []
    for pair in pairwise(WIDTHS):
        modules.append(Linear(*pair, generator=generator, dtype=torch.float64))
        modules.append(KINDS["activation"][activation]())
    return Sequential(*modules[:-1], Sigmoid())


def torch_model(activation: str, weights: list[Tensor]) -> nn.Sequential:
    """Return the same network in torch.nn, starting from copies of the same weights."""
    modules = []
    for weight, bias in zip(weights[::2], weights[1::2], strict=True):
        linear = nn.Linear(len(weight), bias.shape[-1], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(weight.mT)
            linear.bias.copy_(bias[0])
        modules += [linear, TORCH_ACTIVATION[activation]()]
    return nn.Sequential(*modules[:-1], nn.Sigmoid())


def torch_values(model: nn.Sequential) -> list[Tensor]:
    """Return the parameters in our shapes: weights (d_in, d_out), biases (1, d_out)."""
    linears = [module for module in model if isinstance(module, nn.Linear)]
    pairs = [(linear.weight.detach().mT, linear.bias.detach()[None]) for linear in linears]
    return [value for pair in pairs for value in pair]


def torch_optimizer(name: str, model: nn.Module) -> torch.optim.Optimizer:
    if name == "adam":
        return torch.optim.Adam(model.parameters(), LR[name])
    momentum = 0.9 if name == "sgd" else 0
    optimizer = torch.optim.SGD(model.parameters(), LR[name], momentum, dampening=momentum)
    for parameter in model.parameters():  # else torch's first velocity is the whole gradient
        optimizer.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
    return optimizer


def order() -> torch.Generator:
    return seeded_generator(0, "batches")


CONDITIONS = list(product(TORCH_ACTIVATION, TORCH_LOSS, LR))


@pytest.mark.parametrize(("activation", "loss", "optimizer"), CONDITIONS)
def test_200_steps_are_torchs(activation: str, loss: str, optimizer: str):
    data, test = map(float64, disk(1198, seeded_generator(0, "data")).split(998))
    ours, our_loss = our_model(activation), KINDS["loss"][loss]()
    theirs = torch_model(activation, [value for value, _ in ours.param()])
    start = [value.clone() for value, _ in ours.param()]

    step = KINDS["optimizer"][optimizer](ours.param(), lr=LR[optimizer])
    history = train(
        ours, our_loss, step, data, epochs=1, batch_size=5, generator=order(), test=test
    )

    criterion, their_step, steps = TORCH_LOSS[loss](), torch_optimizer(optimizer, theirs), 0
    for x, y in batches(data, 5, order()):
        their_step.zero_grad()
        criterion(theirs(x), y).backward()
        their_step.step()
        steps += 1

    assert steps == 200  # 199 batches of 5, and one of 3
    for before, (value, _), expected in zip(start, ours.param(), torch_values(theirs), strict=True):
        torch.testing.assert_close(value, expected, rtol=1e-8, atol=1e-11)
        assert not torch.allclose(value, before, rtol=1e-4, atol=1e-5)
    for part, our_value, our_accuracy in (
        (data, history.train_loss[-1], history.train_accuracy[-1]),
        (test, history.test_loss[-1], history.test_accuracy[-1]),
    ):
        output = theirs(part.x).detach()
        torch.testing.assert_close(our_value, criterion(output, part.y), rtol=1e-9, atol=0)
        assert our_accuracy == ((output >= 0.5) == (part.y == 1)).double().mean() * 100


def test_training_learns():
    model, data = our_model("relu"), float64(disk(300, seeded_generator(0, "data")))
    optimizer = KINDS["optimizer"]["adam"](model.param(), lr=0.01)
    history = train(model, BCE(), optimizer, data, epochs=20, batch_size=5, generator=order())
    assert history.train_accuracy[-1] > 92
