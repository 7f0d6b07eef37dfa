"""From settings to objects: one run's network, loss, optimizer and data, built alone."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import torch

from minidl.data import Dataset, DataSource
from minidl.data.finite import label_of, stratified
from minidl.data.scaling import scaled
from minidl.data.source import sizes
from minidl.linear import Linear
from minidl.metrics import Metric, fitting
from minidl.module import Module, Sequential
from minidl.optimizers import Optimizer
from minidl.random import seeded_generator
from minidl.stopping import EarlyStopping
from minidl.study.grid.choice import monitor_of
from minidl.study.grid.components import arguments, make
from minidl.study.grid.data import source_of
from minidl.study.grid.network import LINEAR, kind_of, parts_of
from minidl.study.length import held_out
from minidl.study.run_spec import RunSpec


class Built(NamedTuple):
    """Everything that one run trains with, or, stacked, everything that many runs train with."""

    model: Sequential
    loss: Module
    optimizer: Optimizer
    train: Dataset
    validation: Dataset | None
    test: Dataset
    metrics: list[Metric]


def build(run: RunSpec) -> Built:
    """Build a run from its settings and its seed, and from nothing else."""
    settings = run.settings
    parts = build_parts(settings["data"], run.seed, settings["validation"])
    model = build_model(settings, run.seed)
    loss = make("loss", settings["loss"])
    optimizer = make("optimizer", settings["optimizer"], model.param())
    return Built(model, loss, optimizer, *parts, build_metrics(settings))


Parts = tuple[Dataset, "Dataset | None", Dataset]


def build_data(
    settings: dict[str, Any], seed: int, validation: float | None = None
) -> tuple[Dataset, Dataset]:
    """Return the training set, less what ``validation`` takes, and the test set of a seed.

    Without a test set, that one is empty.
    """
    train, _, test = build_parts(settings, seed, validation)
    return train, test


def build_parts(settings: dict[str, Any], seed: int, validation: float | None) -> Parts:
    """Return the training, the validation and the test set of a seed, drawn and prepared.

    A ``seed`` in the settings takes the place of the run's. Runs whose data is the same share it:
    it must not be changed.
    """
    source, pinned = source_of(settings), settings.get("seed")
    seed = seed if pinned is None else pinned
    counts = sizes(source, settings["train"], settings["test"])
    decides = validation is not None or source.is_drawn(*counts)
    scales = settings["normalize"], settings.get("normalize_targets") or "none"
    return drawn(source, counts, seed if decides else 0, validation, *scales)


@lru_cache(maxsize=4)
def drawn(
    source: DataSource,
    counts: tuple[int, int],
    seed: int,
    validation: float | None,
    inputs: str,
    targets: str,
) -> Parts:
    """Draw all parts and prepare them, or have them at hand.

    Preparation looks at the points that are left for training, and at no others.
    """
    train, test = source.parts(*counts, seeded_generator(seed, "data"))
    if validation is None:
        train, test = prepare(train, test, inputs, targets)
        return train, None, test
    train, held = hold_out(train, validation, seed, stratify=source.stratify)
    (ready, test), (_, held) = (prepare(train, part, inputs, targets) for part in (test, held))
    return ready, held, test


def hold_out(
    data: Dataset, validation: float, seed: int, *, stratify: bool = False
) -> tuple[Dataset, Dataset]:
    """Take points off at random, by a stream of their own; the others stay in their order.

    With ``stratify`` both parts have the classes in the shares of the whole.
    """
    n = data.x.shape[-2]
    order = torch.randperm(n, generator=seeded_generator(seed, "validation"))
    count = held_out(n, validation)
    if stratify:
        order = stratified(order, label_of(data.y), count, n - count)
    kept, held = order[count:].sort().values, order[:count].sort().values
    return Dataset(data.x[kept], data.y[kept]), Dataset(data.x[held], data.y[held])


def prepare(train: Dataset, test: Dataset, inputs: str, targets: str) -> tuple[Dataset, Dataset]:
    """Bring inputs and targets to the scale that is asked for."""
    if inputs != "none":
        reference = test.x if inputs == "own" and len(test.x) else train.x
        test = Dataset(scaled(test.x, reference, inputs), test.y)
        train = Dataset(scaled(train.x, train.x, inputs), train.y)
    if targets != "none":
        test = Dataset(test.x, scaled(test.y, train.y, targets))
        train = Dataset(train.x, scaled(train.y, train.y, targets))
    return train, test


def build_stopping(settings: dict[str, Any]) -> EarlyStopping | None:
    """Return the rule by which runs stop early, if any."""
    if settings["early_stopping"] is None:
        return None
    return EarlyStopping(**{**settings["early_stopping"], "monitor": monitor_of(settings)})


def build_metrics(settings: dict[str, Any]) -> list[Metric]:
    """Build the metrics that fit a run's task; one with a ``threshold`` takes the model's."""
    own = {"threshold": settings["model"]["threshold"]}
    return [
        make("metric", {"name": name, **pick(own, arguments("metric", name).model_fields)})
        for name in fitting(source_of(settings["data"]).task)
    ]


def pick(values: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """Return those values whose key is among the given ones."""
    return {key: value for key, value in values.items() if key in keys}


def build_model(settings: dict[str, Any], seed: int) -> Sequential:
    """Build the network of a seed, part by part.

    The affine layers draw their weights from one stream, in their order; every other layer has a
    stream of its own, named by its position.
    """
    source = source_of(settings["data"])
    weights, init = seeded_generator(seed, "weights"), initialiser(settings["init"])
    modules: list[Module] = []
    width = source.d_in
    for position, part in enumerate(parts_of(settings)):
        kind = kind_of(part)
        if kind == LINEAR:
            d_in, width = width, part.get("width", source.d_out)
            modules.append(Linear(d_in, width, generator=weights, init=init))
        elif kind == "layer":
            own = seeded_generator(seed, f"layer {position}")
            modules.append(make("layer", part, width, own))
        else:
            modules.append(make("activation", part))
    return Sequential(*modules)


def initialiser(settings: dict[str, Any]) -> Any:
    """Return the initialiser of resolved settings as a function of sizes and generator."""
    return lambda d_in, d_out, generator: make("init", settings, d_in, d_out, generator)
