"""The paper's 18 networks, trained side by side with the same networks in torch.nn."""

import os
import subprocess
import sys
from itertools import pairwise, product
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from minidl import (
    BCE,
    MSE,
    Dataset,
    History,
    Linear,
    Module,
    Sequential,
    Sigmoid,
    batches,
    disk,
    evaluate,
    seeded_generator,
    stack,
    train,
    training,
)
from minidl.engine.flat import flatten
from minidl.engine.promise import replayable
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


def test_training_gives_the_process_s_arithmetic_back():
    def seen() -> tuple[float, int]:
        tiny = torch.tensor(1e-40)
        return (tiny * 1).item(), torch.get_num_threads()

    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        torch.set_flush_denormal(False)
        before, inside = seen(), []
        small("relu", on_epoch=lambda *_: inside.append(seen()))
        assert before == seen() == inside[0] == (before[0], 2)
        assert before[0] > 0
        with pytest.raises(ZeroDivisionError):
            small("relu", on_epoch=lambda *_: 1 / 0)
        assert before == seen()
    finally:
        torch.set_num_threads(threads)


def small(activation: str, epochs: int = 2, **more: Any) -> History:
    generator = seeded_generator(0, "weights")
    middle = KINDS["activation"][activation]()
    model = Sequential(Linear(2, 3, generator=generator), middle, Linear(3, 1, generator=generator))
    optimizer = KINDS["optimizer"]["sgd"](model.param(), lr=0.1)
    data = disk(23, seeded_generator(0, "data"))
    return train(
        *(model, MSE(), optimizer, data),
        epochs=epochs,
        batch_size=5,
        generator=order(),
        test=data,
        **more,
    )


class Lazy(Module):
    """Makes what it keeps in its first forward, and changes it in place."""

    def forward(self, x: Tensor) -> Tensor:
        if "largest" not in vars(self):
            self.largest = torch.zeros_like(x[..., :1, :])
        torch.maximum(self.largest, x.amax(dim=-2, keepdim=True), out=self.largest)
        return x

    def backward(self, gradient: Tensor) -> Tensor:
        return gradient


@pytest.mark.parametrize("promise", [lambda cls: cls, replayable], ids=["written", "replayed"])
def test_what_training_leaves_are_ordinary_tensors(monkeypatch: pytest.MonkeyPatch, promise: Any):
    kept: list[Any] = []
    own = promise(type("Own", (Lazy,), {"forward": Lazy.forward}))
    make = lambda: kept.append(own()) or kept[0]  # noqa: E731  # remembers the module
    monkeypatch.setitem(KINDS["activation"], "own", make)
    history = small("own", epochs=3)
    tensors = [part for held in vars(history).values() for part in leaves_of(held)]
    assert tensors
    for tensor in [*tensors, *(x for x in vars(kept[0]).values() if isinstance(x, Tensor))]:
        assert not tensor.is_inference()
        tensor.add_(1)


def leaves_of(held: Any) -> list[Tensor]:
    if isinstance(held, Tensor):
        return [held]
    items = held.values() if isinstance(held, dict) else held or []
    return [tensor for item in items if not isinstance(item, int) for tensor in leaves_of(item)]


def test_another_default_dtype_is_every_part_s():
    try:
        torch.set_default_dtype(torch.float64)
        history = small("tanh")
    finally:
        torch.set_default_dtype(torch.float32)
    assert history.epochs == [2]


@replayable
class Mode(Module):
    """Notes in which mode it was called."""

    def forward(self, x: Tensor) -> Tensor:
        MODES.append(self.training)
        return x if self.training else x + 1

    def backward(self, gradient: Tensor) -> Tensor:
        return gradient


MODES: list[bool] = []


def test_modules_know_whether_they_train(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(KINDS["activation"], "mode", lambda: Sequential(Mode()))
    MODES.clear()
    small("mode", evaluate_every=1, epochs=3)
    # Two steps as written for batches of 5 and of 3 points, the rest replayed; 23 points, two sets.
    assert MODES == [True, True, True, False, False, True, False, False, False, False]
    assert Mode().training


def test_modules_train_again_after_an_evaluation_that_fails():
    model = Sequential(Mode(), Linear(3, 1, generator=seeded_generator(0, "weights")))
    with pytest.raises(ValueError, match="this layer has 3 inputs"):
        evaluate(model, MSE(), disk(5, order()))
    assert model.training
    assert model.modules[0].training
    assert "training" not in vars(model)


@pytest.mark.parametrize("company", ["alone", "stacked"])
def test_an_optimizer_of_another_model_is_refused(company: str):
    def lone(seed: int) -> tuple[Any, ...]:
        generator = seeded_generator(seed, "weights")
        model, other = (Linear(2, 1, generator=generator) for _ in range(2))
        optimizer = KINDS["optimizer"]["sgd"](other.param())
        return model, MSE(), optimizer, disk(20, seeded_generator(seed, "data"))

    parts = lone(0) if company == "alone" else stack([lone(0), lone(1)])
    if company == "stacked":
        flatten(parts[2])
    generators = order() if company == "alone" else [order(), order()]
    with pytest.raises(ValueError, match="the optimizer changes none of the model's parameters"):
        train(*parts, epochs=1, batch_size=5, generator=generators)


def test_an_empty_data_set_is_refused():
    model = Linear(2, 1, generator=seeded_generator(0, "weights"))
    optimizer = KINDS["optimizer"]["sgd"](model.param())
    none, some = disk(0, order()), disk(5, order())
    for data, test in ((none, None), (some, none)):
        with pytest.raises(ValueError, match=r"(data|test) set is empty"):
            train(
                *(model, MSE(), optimizer, data),
                epochs=1,
                batch_size=5,
                generator=order(),
                test=test,
            )


@pytest.mark.parametrize("loss", KINDS["loss"])
def test_targets_of_another_shape_are_refused(loss: str):
    criterion = KINDS["loss"][loss]()
    for shape in ((5,), (5, 2), (1, 1), (1, 5, 1)):
        for way in (criterion.forward, criterion.backward):
            with pytest.raises(ValueError, match="must have the same shape"):
                way(torch.rand(5, 1), torch.rand(shape))


@pytest.mark.parametrize("first", [True, False], ids=["minidl first", "torch first"])
def test_a_product_before_minidl_is_imported_is_told(first: bool):
    lines = ["import torch", "import minidl.training", "torch.rand(64, 64) @ torch.rand(64, 64)"]
    if not first:
        lines[1:] = lines[:0:-1]
    lines.append("from minidl.engine.product import rounds_alike; print(rounds_alike())")
    environment = {name: value for name, value in os.environ.items() if name != "MKL_CBWR"}
    command = [sys.executable, "-c", "\n".join(lines)]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert said.stdout == f"{first}\n"


def test_training_warns_where_bits_depend_on_company(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(training, "rounds_alike", lambda: False)
    with pytest.warns(RuntimeWarning, match="import minidl before torch multiplies"):
        small("tanh")
