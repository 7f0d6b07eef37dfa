"""The one training loop, and the one evaluation."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor

from minidl.data import Dataset, batches
from minidl.engine.arithmetic import arithmetic
from minidl.engine.product import rounds_alike
from minidl.engine.replay import Replay
from minidl.module import Module, Param, evaluating
from minidl.optimizers import Optimizer
from minidl.random import Generators

# Points that are evaluated at a time: few enough for the activations of some hundred replicas to
# stay in the cache, and a constant, so that a network's numbers do not depend on its company.
EVALUATION_POINTS = 100

UNLIKE = (
    "a network's last bits will depend on whether it is trained alone or in a stack: MKL is "
    "not in the mode MKL_CBWR=AVX2: import minidl before torch multiplies matrices"
)


@dataclass
class History:
    """What training recorded. Entry k of each list belongs to epoch ``epochs[k]``.

    Losses and accuracies (in percent) are float64 tensors ``(*stack,)``; the test lists are empty
    without a test set. ``diverged_at`` ``(*stack,)`` is the epoch after which some weight was first
    NaN or infinite, 0 where that never happened.
    """

    epochs: list[int] = field(default_factory=list)
    train_loss: list[Tensor] = field(default_factory=list)
    train_accuracy: list[Tensor] = field(default_factory=list)
    test_loss: list[Tensor] = field(default_factory=list)
    test_accuracy: list[Tensor] = field(default_factory=list)
    diverged_at: Tensor = field(default_factory=lambda: torch.tensor(0))


def train(
    model: Module,
    loss: Module,
    optimizer: Optimizer,
    data: Dataset,
    *,
    epochs: int,
    batch_size: int,
    generator: Generators,
    test: Dataset | None = None,
    evaluate_every: int = 10,
    threshold: float | Tensor = 0.5,
    on_epoch: Callable[[int, History], None] | None = None,
) -> History:
    """Train by mini-batches, reshuffled every epoch, and record how it goes.

    ``generator`` orders the batches: one for a network, a list of R for a stack of R. Losses and
    accuracies are recorded after every ``evaluate_every`` epochs and after the last one.
    ``on_epoch(epoch, history)`` is called after each epoch. What modules keep between forward and
    backward is overwritten by later steps.

    Meanwhile torch computes on one thread and flushes denormal numbers to zero; after each epoch,
    and in ``on_epoch``, it does as before.

    Raises ValueError when ``epochs``, ``batch_size`` or ``evaluate_every`` is not at least 1, when
    a data set is empty, and when the optimizer is another model's.
    """
    if min(epochs, batch_size, evaluate_every) < 1:
        raise ValueError("epochs, batch_size and evaluate_every must be at least 1")
    for name, part in (("data", data), ("test", test)):
        if part is not None and not part.x.shape[-2]:
            raise ValueError(f"the {name} set is empty")
    if not memory_of(model.param()) & memory_of(optimizer.param):
        raise ValueError("the optimizer changes none of the model's parameters")
    with arithmetic():
        if not rounds_alike():
            warnings.warn(UNLIKE, RuntimeWarning, stacklevel=2)
    history = History()
    step = Replay(partial(training_step, model, loss, optimizer), (model, loss, optimizer))
    for epoch in range(1, epochs + 1):
        with arithmetic():
            step.refresh()  # somebody may have changed something
            step.run(batches(data, batch_size, generator))
            history.diverged_at = first_divergence(model, epoch, history.diverged_at)
            if epoch % evaluate_every == 0 or epoch == epochs:
                record(history, epoch, model, loss, data, test, threshold)
        if on_epoch is not None:
            on_epoch(epoch, history)
    return history


def memory_of(param: Param) -> set[int]:
    """Return where the values lie, also where they are views of one long tensor."""
    return {value.untyped_storage().data_ptr() for value, _ in param}


def training_step(model: Module, loss: Module, optimizer: Optimizer, x: Tensor, y: Tensor) -> None:
    """Change the parameters by what a batch says."""
    prediction = model.forward(x)
    model.backward(loss.backward(prediction, y))
    optimizer.step()


def record(
    history: History,
    epoch: int,
    model: Module,
    loss: Module,
    data: Dataset,
    test: Dataset | None,
    threshold: float | Tensor,
) -> None:
    """Append the losses and accuracies after an epoch to the history."""
    history.epochs.append(epoch)
    train_loss, train_accuracy = evaluate(model, loss, data, threshold)
    history.train_loss.append(train_loss)
    history.train_accuracy.append(train_accuracy)
    if test is not None:
        test_loss, test_accuracy = evaluate(model, loss, test, threshold)
        history.test_loss.append(test_loss)
        history.test_accuracy.append(test_accuracy)


@arithmetic()
@evaluating
def evaluate(
    model: Module, loss: Module, data: Dataset, threshold: float | Tensor = 0.5
) -> tuple[Tensor, Tensor]:
    """Return the mean loss and the accuracy in percent, each ``(*stack,)`` and float64.

    A point counts as right when output and target lie on the same side: an output of at least
    ``threshold`` means inside, and so does a target of at least 0.5.
    """
    n = data.x.shape[-2]
    total, right = torch.tensor(0.0, dtype=torch.float64), torch.tensor(0)
    for x, y in batches(data, EVALUATION_POINTS):
        output = model.forward(x)
        total = total + loss.forward(output, y).double() * x.shape[-2]
        right = right + ((output >= threshold) == (y >= 0.5)).sum(dim=(-2, -1))
    return total / n, right.double() * 100 / (n * data.y.shape[-1])


def first_divergence(model: Module, epoch: int, so_far: Tensor) -> Tensor:
    """Return ``(*stack,)``: the epoch at which each replica diverged first, 0 for none so far."""
    finite = [value.isfinite().all(dim=-1).all(dim=-1) for value, _ in model.param()]
    finite = torch.stack(finite).all(dim=0)
    return torch.where(finite | (so_far > 0), so_far, epoch)
