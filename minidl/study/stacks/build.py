"""From settings to objects: one run's network, loss, optimizer and data, built alone."""

from __future__ import annotations

from typing import Any, NamedTuple

from minidl import Dataset, Linear, Module, Sequential, seeded_generator
from minidl.optimizers import Optimizer
from minidl.study.grid.components import make
from minidl.study.grid.settings import RunSpec


class Built(NamedTuple):
    """Everything that one run trains with, or, stacked, everything that many runs train with."""

    model: Sequential
    loss: Module
    optimizer: Optimizer
    train: Dataset
    test: Dataset
    threshold: float


def build(run: RunSpec) -> Built:
    """Build a run from its settings and its seed, and from nothing else."""
    settings = run.settings
    train, test = build_data(settings["data"], run.seed)
    model = build_model(settings, train.x.shape[-1], train.y.shape[-1], run.seed)
    loss = make("loss", settings["loss"])
    optimizer = make("optimizer", settings["optimizer"], model.param())
    return Built(model, loss, optimizer, train, test, settings["model"]["threshold"])


def build_data(settings: dict[str, Any], seed: int) -> tuple[Dataset, Dataset]:
    """Draw the training and the test set of a seed, and prepare their inputs."""
    own = {k: v for k, v in settings.items() if k not in ("train", "test", "normalize")}
    n = settings["train"] + settings["test"]
    train, test = make("data", own, n, seeded_generator(seed, "data")).split(settings["train"])
    if settings["normalize"] == "train":
        return train.standardise(train), test.standardise(train)
    if settings["normalize"] == "own":
        return train.standardise(train), test.standardise(test)
    return train, test


def build_model(settings: dict[str, Any], d_in: int, d_out: int, seed: int) -> Sequential:
    """Build the network of a seed: Linear and activation by turns."""
    generator = seeded_generator(seed, "weights")
    widths = [d_in, *settings["model"]["hidden"], d_out]
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
