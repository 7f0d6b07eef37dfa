"""minidl: the networks as one stack, or one network alone."""

from __future__ import annotations

import copy
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from benchmarks.contenders import Always, Run, Start
from benchmarks.work import Work
from minidl import Linear, Sequential, Sigmoid, seeded_generator, stack
from minidl.flat import flatten
from minidl.registry import KINDS
from minidl.replay import Replay
from minidl.training import training_step


class MinidlStack(Always):
    """All networks in one stack, which may mix conditions."""

    name = "minidl"

    def prepare(self, work: Work) -> Start:
        x, y = work.batches
        built = stack([build(work, r) for r in range(work.networks)])

        def start() -> Run:
            model, loss, optimizer = copy.deepcopy(built)
            flatten(optimizer)

            def run(steps: int) -> list[Tensor]:
                train(model, loss, optimizer, x[:steps], y[:steps])
                return [value for value, _ in model.param()]

            return run

        return start


class MinidlAlone(Always):
    """One network after another, each without a stack axis."""

    name = "minidl alone"

    def prepare(self, work: Work) -> Start:
        x, y = work.batches
        built = [build(work, r) for r in range(work.networks)]

        def start() -> Run:
            networks = copy.deepcopy(built)
            for _, _, optimizer in networks:
                flatten(optimizer)

            def run(steps: int) -> list[Tensor]:
                for r, (model, loss, optimizer) in enumerate(networks):
                    train(model, loss, optimizer, x[:steps, r], y[:steps, r])
                trained = [[value for value, _ in model.param()] for model, _, _ in networks]
                return [torch.stack(column) for column in zip(*trained, strict=True)]

            return run

        return start


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


@torch.inference_mode()
def train(model: Any, loss: Any, optimizer: Any, x: Tensor, y: Tensor) -> None:
    """Do what ``minidl.train`` does in an epoch, on batches that are drawn already."""
    step = Replay(partial(training_step, model, loss, optimizer), (model, loss, optimizer))
    for batch, target in zip(x, y, strict=True):
        step(batch, target)
