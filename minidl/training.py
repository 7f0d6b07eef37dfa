"""The one training loop, and the one evaluation."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from operator import add

import torch
from torch import Tensor

from minidl.data import SHUFFLES, Dataset, batches
from minidl.data.batching import distinct
from minidl.engine.arithmetic import arithmetic
from minidl.engine.product import rounds_alike
from minidl.engine.replay import Replay
from minidl.losses.loss import is_mean
from minidl.metrics import Metric, fitting_targets, name_of
from minidl.module import Module, Param, evaluating
from minidl.optimizers import Optimizer
from minidl.random import Generators
from minidl.schedules import Rates, Schedule
from minidl.stopping import Best, EarlyStopping

# Points that are evaluated at a time: few enough for the activations of some hundred replicas to
# stay in the cache, and a constant, so that a network's numbers do not depend on its stack.
EVALUATION_POINTS = 100

UNLIKE = (
    "a network's last bits will depend on whether it is trained alone or in a stack: MKL is "
    "not in the mode MKL_CBWR=AVX2: import minidl before torch multiplies matrices"
)


@dataclass(repr=False)
class History:
    """What training recorded. Entry k of each list belongs to epoch ``epochs[k]``.

    ``curves`` maps ``train_loss``, ``test_accuracy`` and the like to lists of float64 tensors
    ``(*stack,)``; ``history.train_loss`` is short for ``history.curves["train_loss"]``, and empty
    where nothing of that name was recorded. ``diverged_at`` ``(*stack,)`` is the epoch after which
    some weight was first NaN or infinite, 0 where that never happened. With early stopping the
    weights are those after the epochs ``best_at`` ``(*stack,)``, and ``stopped_at`` are the epochs
    at which each replica stopped, 0 where it never did.
    """

    epochs: list[int] = field(default_factory=list)
    curves: dict[str, list[Tensor]] = field(default_factory=dict)
    diverged_at: Tensor = field(default_factory=lambda: torch.tensor(0))
    best_at: Tensor | None = None
    stopped_at: Tensor | None = None

    def __getattr__(self, name: str) -> list[Tensor]:
        if not name.startswith(("train_", "validation_", "test_")):
            raise AttributeError(name)
        return self.curves.get(name, [])

    def __repr__(self) -> str:
        """Return the last value of each score, or its range over a stack."""
        last = {name: values[-1] for name, values in self.curves.items() if values}
        scores = ", ".join(f"{name} {extent(value)}" for name, value in last.items())
        return f"History(epoch {max(self.epochs, default=0)}: {scores or 'nothing recorded'})"


def extent(values: Tensor) -> str:
    """Return a number as text, or the least and the greatest of several."""
    ends = {f"{value:.4g}": None for value in (values.amin().item(), values.amax().item())}
    return " to ".join(ends)


def train(
    model: Module,
    loss: Module,
    optimizer: Optimizer,
    data: Dataset,
    *,
    epochs: int | None = None,
    updates: int | None = None,
    batch_size: int,
    generator: Generators,
    shuffle: str = "epoch",
    test: Dataset | None = None,
    validation: Dataset | None = None,
    early_stopping: EarlyStopping | None = None,
    evaluate_every: int = 10,
    metrics: Sequence[Metric] | None = None,
    schedule: Schedule | Sequence[Schedule] | None = None,
    on_epoch: Callable[[int, History], None] | None = None,
) -> History:
    """Train by mini-batches, and record how it goes.

    Training lasts for ``epochs`` passes through the data, or for ``updates`` training steps; then
    the last epoch may be cut short. ``shuffle`` puts the points in a new order each ``epoch`` or
    ``never``, or draws each batch with ``replacement``; an epoch is then as many batches as the
    points would fill. ``generator`` draws the order: one for a network, a list of R for a stack of
    R. ``schedule`` sets the learning rate before every epoch, one for all replicas or a list of R.
    The loss and the ``metrics`` (by default those that fit the targets) are recorded after every
    ``evaluate_every`` epochs and after the last one.
    With ``early_stopping`` a network, or each replica of a stack by itself, stops when a score, by
    default on the ``validation`` set, no longer improves; it ends with its best weights. Training
    of a stack ends when all have stopped.
    ``on_epoch(epoch, history)`` is called after each epoch. Later steps overwrite what modules keep
    between forward and backward.

    During training torch computes on one thread and flushes denormal numbers to zero; after each
    epoch, and so in ``on_epoch``, its settings are as before.

    Raises ValueError unless exactly one of ``epochs`` and ``updates`` is given, when it,
    ``batch_size`` or ``evaluate_every`` is not at least 1, for an unknown ``shuffle``, when a data
    set is empty or a monitored score is missing, and when the optimizer belongs to another model.
    """
    if (epochs is None) == (updates is None):
        raise ValueError("give the length of training either in epochs or in updates")
    if min(epochs or updates or 0, batch_size, evaluate_every) < 1:
        raise ValueError("epochs, updates, batch_size and evaluate_every must be at least 1")
    if shuffle not in SHUFFLES:
        raise ValueError(f"shuffle {shuffle!r} is unknown; known: {', '.join(SHUFFLES)}")
    for name, part in (("data", data), ("test", test), ("validation", validation)):
        if part is not None and not part.x.shape[-2]:
            raise ValueError(f"the {name} set is empty")
    if not memory_of(model.param()) & memory_of(optimizer.param):
        raise ValueError("the optimizer changes none of the model's parameters")
    with arithmetic():
        if not rounds_alike():
            warnings.warn(UNLIKE, RuntimeWarning, stacklevel=2)
    history = History()
    step = Replay(partial(training_step, model, loss, optimizer), (model, loss, optimizer))
    best = None if early_stopping is None else Best(early_stopping, model, metrics or ())
    per_epoch = math.ceil(data.x.shape[-2] / batch_size)
    left = updates or per_epoch * (epochs or 0)
    last = math.ceil(left / per_epoch)
    rates = Rates(optimizer, schedule, last, data.x.shape[-2])
    parts = {"train": data, "validation": validation, "test": test}
    if "validation" in rates.parts() and validation is None:
        raise ValueError("a schedule monitors the validation set, and there is none")
    for epoch in range(1, last + 1):
        with arithmetic():
            rates.begin(epoch)
            step.refresh()  # something may have been changed since
            # training_step for each batch, replayed where all parts promise that it can be
            step.run(islice(batches(data, batch_size, generator, shuffle), left))
            left -= per_epoch
            diverged_at = first_divergence(model, epoch, history.diverged_at)
            if best is not None:  # a stopped replica's later divergence does not count
                diverged_at = torch.where(best.stopped_at > 0, history.diverged_at, diverged_at)
            history.diverged_at = diverged_at
            scores: dict[str, Tensor] = {}
            if epoch % evaluate_every == 0 or epoch == last:
                scores = record(history, epoch, model, loss, parts, metrics)
                if best is not None:
                    best.see(epoch, history.curves)
            elif rates.monitors:
                watched = {part: parts.get(part) for part in rates.parts()}
                scores = score(model, loss, watched, metrics)
            if rates.monitors:
                rates.watch(scores)
        if on_epoch is not None:
            on_epoch(epoch, history)
        if best is not None and best.all_stopped():
            break
    if best is not None:
        with arithmetic():
            best.put_back()
        history.best_at, history.stopped_at = best.best_at, best.stopped_at
    return history


def memory_of(param: Param) -> set[int]:
    """Return where the values lie in memory, even if they are views of one long tensor."""
    return {value.untyped_storage().data_ptr() for value, _ in param}


def training_step(model: Module, loss: Module, optimizer: Optimizer, x: Tensor, y: Tensor) -> None:
    """Take one training step on a batch: forward, backward, update."""
    prediction = model.forward(x)
    model.backward(loss.backward(prediction, y))
    optimizer.step()


def record(
    history: History,
    epoch: int,
    model: Module,
    loss: Module,
    parts: dict[str, Dataset | None],
    metrics: Sequence[Metric] | None,
) -> dict[str, Tensor]:
    """Append the loss and the scores after an epoch to the history, and return them."""
    history.epochs.append(epoch)
    scores = score(model, loss, parts, metrics)
    for name, value in scores.items():
        history.curves.setdefault(name, []).append(value)
    return scores


def score(
    model: Module,
    loss: Module,
    parts: dict[str, Dataset | None],
    metrics: Sequence[Metric] | None,
) -> dict[str, Tensor]:
    """Return the loss and the scores on some parts of the data: ``train_loss`` and so on."""
    return {
        f"{part}_{name}": value
        for part, points in parts.items()
        if points is not None
        for name, value in evaluate(model, loss, points, metrics).items()
    }


@arithmetic()
@evaluating
def evaluate(
    model: Module,
    loss: Module,
    data: Dataset,
    metrics: Sequence[Metric] | None = None,
) -> dict[str, Tensor]:
    """Return the ``loss`` and each metric by its name, each ``(*stack,)`` and float64.

    The loss is that of the whole set, whether it is a mean or a sum over the points.

    By default the metrics are those that fit the targets (``minidl.metrics``).

    Raises ValueError when the outputs are not shaped like the targets, or a metric cannot score
    such targets.
    """
    n = data.x.shape[-2]
    metrics = fitting_targets(distinct(data.y)) if metrics is None else metrics
    for metric in metrics:
        metric.check(distinct(data.y))
    averaged = is_mean(loss)
    loss_total, sums = torch.tensor(0.0, dtype=torch.float64), [()] * len(metrics)
    for x, y in batches(data, EVALUATION_POINTS):
        output = model.forward(x)
        weight = torch.where(averaged, x.shape[-2], 1)
        loss_total = loss_total + loss.forward(output, y).double() * weight
        totals = [metric.totals(output, y) for metric in metrics]
        sums = [tuple(map(add, old, new)) or new for old, new in zip(sums, totals, strict=True)]
    scores = [metric.score(n, *own) for metric, own in zip(metrics, sums, strict=True)]
    mean = loss_total / torch.where(averaged, n, 1)
    return {"loss": mean} | dict(zip(map(name_of, metrics), scores, strict=True))


def first_divergence(model: Module, epoch: int, so_far: Tensor) -> Tensor:
    """Return ``(*stack,)``: the epoch at which each replica first diverged, 0 for none so far."""
    # The largest is NaN where any number is, and finding it is faster than testing each of them.
    finite = [value.abs().amax(dim=(-2, -1)).isfinite() for value, _ in model.param()]
    finite = torch.stack(finite).all(dim=0)
    return torch.where(finite | (so_far > 0), so_far, epoch)
