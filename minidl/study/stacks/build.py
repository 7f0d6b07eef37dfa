"""From settings to objects: one run's network, loss, optimizer and data, built alone."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from minidl.data import Dataset, DataSource
from minidl.data.scaling import scaled
from minidl.data.source import sizes
from minidl.linear import Linear
from minidl.metrics import Metric, fitting
from minidl.module import Module, Sequential
from minidl.optimizers import Optimizer
from minidl.random import seeded_generator
from minidl.study.grid.components import arguments, make
from minidl.study.grid.data import source_of
from minidl.study.run_spec import RunSpec


class Built(NamedTuple):
    """Everything that one run trains with, or, stacked, everything that many runs train with."""

    model: Sequential
    loss: Module
    optimizer: Optimizer
    train: Dataset
    test: Dataset
    metrics: list[Metric]


def build(run: RunSpec) -> Built:
    """Build a run from its settings and its seed, and from nothing else."""
    settings = run.settings
    train, test = build_data(settings["data"], run.seed)
    model = build_model(settings, run.seed)
    loss = make("loss", settings["loss"])
    optimizer = make("optimizer", settings["optimizer"], model.param())
    return Built(model, loss, optimizer, train, test, build_metrics(settings))


def build_data(settings: dict[str, Any], seed: int) -> tuple[Dataset, Dataset]:
    """Return the training and the test set of a seed, drawn and prepared.

    A ``seed`` in the settings takes the place of the run's. Without a test set, that one is empty.
    Runs whose data is the same share it: it must not be changed.
    """
    source, pinned = source_of(settings), settings.get("seed")
    counts = sizes(source, settings["train"], settings["test"])
    own = (seed if pinned is None else pinned) if source.is_drawn(*counts) else 0
    return drawn(source, counts, own, settings["normalize"], settings.get("normalize_targets"))


@lru_cache(maxsize=4)
def drawn(
    source: DataSource, counts: tuple[int, int], seed: int, inputs: str, targets: str | None
) -> tuple[Dataset, Dataset]:
    """Draw both parts and prepare them, or have them at hand."""
    train, test = source.parts(*counts, seeded_generator(seed, "data"))
    return prepare(train, test, inputs, targets or "none")


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


def score_names(settings: dict[str, Any]) -> list[str]:
    """Return what is recorded of a run: ``train_loss``, ``train_accuracy``, ``test_loss``, ..."""
    scores = ["loss", *fitting(source_of(settings["data"]).task)]
    parts = ("train", "test") if settings["data"]["test"] else ("train",)
    return [f"{part}_{score}" for part in parts for score in scores]


def build_model(settings: dict[str, Any], seed: int) -> Sequential:
    """Build the network of a seed: Linear and activation by turns."""
    source = source_of(settings["data"])
    generator = seeded_generator(seed, "weights")
    widths = [source.d_in, *settings["model"]["hidden"], source.d_out]
    activations = [settings["activation"]] * (len(widths) - 2) + [settings["model"]["output"]]
    modules: list[Module] = []
    for before, after, activation in zip(widths, widths[1:], activations, strict=False):
        modules.append(
            Linear(before, after, generator=generator, init=initialiser(settings["init"]))
        )
        modules.append(make("activation", activation))
    return Sequential(*modules)


def initialiser(settings: dict[str, Any]) -> Any:
    """Return the initialiser of resolved settings as a function of sizes and generator."""
    return lambda d_in, d_out, generator: make("init", settings, d_in, d_out, generator)
