"""minidl: the networks as one stack, or one network alone."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from benchmarks.contenders import Always, Run, Start
from benchmarks.work import Work
from minidl import Linear, Sequential, Sigmoid, seeded_generator, stack
from minidl.engine.flat import flatten
from minidl.engine.replay import Replay, leaves
from minidl.registry import KINDS
from minidl.training import training_step


class MinidlStack(Always):
    """All networks in one stack, which may mix conditions. The first run records the step."""

    name = "minidl"

    def prepare(self, work: Work) -> Start:
        x, y = work.batches
        trainer = Trainer(stack([build(work, r) for r in range(work.networks)]))

        def start() -> Run:
            trainer.begin()

            def run(steps: int) -> list[Tensor]:
                trainer.train(x[:steps], y[:steps])
                return trainer.values()

            return run

        return start


class MinidlAlone(Always):
    """One network after another, each without a stack axis."""

    name = "minidl alone"

    def prepare(self, work: Work) -> Start:
        x, y = work.batches
        trainers = [Trainer(build(work, r)) for r in range(work.networks)]

        def start() -> Run:
            for trainer in trainers:
                trainer.begin()

            def run(steps: int) -> list[Tensor]:
                for r, trainer in enumerate(trainers):
                    trainer.train(x[:steps, r], y[:steps, r])
                columns = zip(*(trainer.values() for trainer in trainers), strict=True)
                return [torch.stack(column) for column in columns]

            return run

        return start


class Trainer:
    """A model, a loss and an optimizer that can begin again, with what was recorded of them."""

    def __init__(self, built: tuple[Any, Any, Any]):
        self.model, _, optimizer = built
        flatten(optimizer)
        self.step = Replay(partial(training_step, *built), built)
        held = [leaf for _, leaf in leaves(built) if isinstance(leaf, Tensor)]
        self.initial = [(tensor, tensor.clone()) for tensor in held]

    def begin(self) -> None:
        """Set every tensor to what it was at first."""
        for tensor, value in self.initial:
            tensor.copy_(value)

    @torch.inference_mode()
    def train(self, x: Tensor, y: Tensor) -> None:
        """Do what ``minidl.train`` does in an epoch, on batches that are drawn already."""
        for batch, target in zip(x, y, strict=True):
            self.step(batch, target)

    def values(self) -> list[Tensor]:
        return [value.clone() for value, _ in self.model.param()]


def build(work: Work, r: int) -> tuple[Sequential, Any, Any]:
    """Return network r, its loss and its optimizer."""
    condition = work.condition_of(r)
    generator = seeded_generator(r, "weights")
    modules = []
    for pair in pairwise(work.widths):
        modules += [
            Linear(*pair, generator=generator),
            KINDS["activation"][condition.activation](),
        ]
    model = Sequential(*modules[:-1], Sigmoid())
    optimizer = KINDS["optimizer"][condition.optimizer](model.param(), condition.lr)
    return model, KINDS["loss"][condition.loss](), optimizer
