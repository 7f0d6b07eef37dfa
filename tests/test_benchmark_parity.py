"""The benchmark's contenders train the same networks, so that nobody wins by doing less."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from benchmarks import where
from benchmarks.contenders import Contender
from benchmarks.contenders.cpp import Cpp
from benchmarks.contenders.jax_scan import JaxScan
from benchmarks.contenders.minidl_stack import MinidlAlone, MinidlStack
from benchmarks.contenders.sklearn_mlp import SklearnMLP
from benchmarks.contenders.torch_func import TorchFunc
from benchmarks.contenders.torch_nn import TorchNN
from benchmarks.parity import TOLERANCE, losses, parity_work, worst_difference
from benchmarks.work import CONDITIONS, Condition

REFERENCE = TorchNN("torch.nn")
PEERS: list[Contender] = [
    TorchNN("torch.nn fused", fused=True),
    TorchFunc(),
    MinidlStack(),
    MinidlAlone(),
    JaxScan(),
    SklearnMLP(),
    Cpp(),
]
# every activation, loss and optimizer at least once
SHORT = {"tanh bce sgd", "relu bce adam", "leaky_relu mse none"}


@pytest.mark.parametrize("contender", PEERS, ids=lambda contender: contender.name)
@pytest.mark.parametrize("condition", [c for c in CONDITIONS if str(c) in SHORT], ids=str)
def test_every_contender_trains_the_same_networks(condition: Condition, contender: Contender):
    if reason := contender.missing() or contender.unfit(condition):
        pytest.skip(reason)
    work = parity_work(condition)
    assert worst_difference(contender, REFERENCE, work) <= TOLERANCE


@pytest.mark.parametrize("condition", [c for c in CONDITIONS if str(c) in SHORT], ids=str)
def test_training_moves_the_losses_far_more_than_the_tolerance(condition: Condition):
    work = parity_work(condition)
    trained = REFERENCE.prepare(work)()(work.steps)
    moved = (losses(trained, work) - losses(work.weights, work)).abs()
    assert moved.max() > 10 * TOLERANCE


def test_another_learning_rate_is_noticed():
    work = parity_work(CONDITIONS[0])
    slower = replace(work, conditions=(replace(work.condition, lr=0.5),))
    theirs = losses(REFERENCE.prepare(slower)()(work.steps), work)
    ours = losses(MinidlStack().prepare(work)()(work.steps), work)
    assert (ours - theirs).abs().max() > TOLERANCE


def test_the_batches_are_those_of_a_study():
    work = parity_work(CONDITIONS[0])
    x, y = work.batches
    assert x.shape == (work.steps, work.networks, work.batch_size, 2)
    assert y.shape == (work.steps, work.networks, work.batch_size, 1)
    assert torch.equal(y, ((x - 0.5).square().sum(-1, keepdim=True) < 0.5 / torch.pi).float())


def test_an_unknown_section_is_refused():
    root = Path(__file__).parents[1]
    command = [sys.executable, "-m", "benchmarks", "nonsense"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "'nonsense' is no section" in done.stderr


def test_where_a_step_goes_is_told_operation_by_operation(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(where, "NETWORKS", 2)
    monkeypatch.setattr(where, "STEPS", 12)
    for figures in where.measure().values():
        assert list(figures["parts"]) == ["forward", "loss", "backward", "optimizer"]
        assert all(row["shapes"] and row["calls"] for row in figures["operations"])
        assert 0.5 < sum(row["share"] for row in figures["operations"]) <= 1 + 1e-9
