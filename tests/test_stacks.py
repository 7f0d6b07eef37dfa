"""How runs are planned into stacks: all of them, once, and so that all jobs end together."""

from __future__ import annotations

import json
from typing import Any

import pytest

from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.plan import (
    CHEAP,
    LONGEST,
    MAX_STACK,
    Stack,
    activation,
    cut,
    ends,
    plan,
    shape,
)

ACTIVATIONS = ["tanh", "relu", "leaky_relu", "sigmoid"]


def runs_of(seeds: int, **changes: Any) -> list[RunSpec]:
    settings: dict[str, Any] = {
        "name": "study",
        "grid": {"activation": ACTIVATIONS[:3], "loss": ["mse", "bce"]},
        "seeds": seeds,
    }
    return expand(parse_study(json.dumps(settings | changes), "study"))


OPTIMIZERS = {
    "grid": {"activation": ACTIVATIONS, "optimizer": ["none", "sgd", "adam"]},
    "overrides": [{"when": {"optimizer": "adam"}, "set": {"epochs": 150}}],
}


@pytest.mark.parametrize("jobs", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("seeds", [1, 2, 10, 100])
@pytest.mark.parametrize("changes", [{}, OPTIMIZERS])
def test_every_run_once_in_stacks_of_one_shape(changes: dict[str, Any], seeds: int, jobs: int):
    runs = runs_of(seeds, **changes)
    stacks = plan(runs, jobs)
    assert sorted(run.id for stack in stacks for run in stack) == sorted(run.id for run in runs)
    assert all(0 < len(stack) <= MAX_STACK for stack in stacks)
    assert all(len({shape(run) for run in stack}) == 1 for stack in stacks)
    costs = [Stack(stack).cost for stack in stacks]
    assert costs == sorted(costs, reverse=True)


PENALISED = {
    "grid": {
        "optimizer": [
            *({"name": "sgd", "weight_decay": rate} for rate in (0, 0.1, 0.3)),
            *({"name": "sgd", "clip_norm": norm} for norm in (1.0, 2.0)),
            *({"name": "sgd", "dampening": rate} for rate in (0, 0.5)),
            {"name": "sgd", "dampening": 0.0, "nesterov": True},
            {"name": "none", "weight_decay": 0.2},
            *({"name": "adamw", "weight_decay": rate} for rate in (0, 0.1)),
        ]
    }
}


def test_runs_share_a_stack_where_the_same_parts_of_an_optimizer_are_used():
    stacks = [
        [run.settings["optimizer"] for run in stack] for stack in plan(runs_of(1, **PENALISED), 1)
    ]
    sizes = sorted((len(stack), len({own["name"] for own in stack})) for stack in stacks)
    assert sizes == [(1, 1), (1, 1), (2, 1), (2, 1), (2, 1), (3, 2)]


def test_no_runs_no_stacks():
    assert plan([], 2) == []


def test_one_job_trains_everything_together_that_can_be():
    assert [len(stack) for stack in plan(runs_of(10, **OPTIMIZERS), 1)] == [80, 40]


def test_a_stack_is_cut_where_the_activation_changes():
    for stack in plan(runs_of(10), 2):
        assert len({activation(run) for run in stack}) == 1


@pytest.mark.parametrize("jobs", [2, 3, 4, 8])
def test_all_jobs_end_at_about_the_same_time(jobs: int):
    stacks = [Stack(stack) for stack in plan(runs_of(30, **OPTIMIZERS), jobs)]
    times = ends(stacks, jobs)
    assert sum(times) == pytest.approx(sum(stack.cost for stack in stacks))
    assert times[0] < 1.45 * sum(times) / jobs


def test_two_jobs_nearly_halve_the_paper_study():
    runs = runs_of(10, **OPTIMIZERS)
    one, two = ([Stack(stack) for stack in plan(runs, jobs)] for jobs in (1, 2))
    assert ends(two, 2)[0] < 0.65 * ends(one, 1)[0]


def test_a_wide_network_is_planned_as_the_work_that_it_is():
    runs = [*runs_of(1, model={"hidden": [300, 300]}), *runs_of(100, model={"hidden": [5]})]
    first, *_ = plan(runs, 1)
    assert {tuple(run.settings["model"]["hidden"]) for run in first} == {(300, 300)}


@pytest.mark.parametrize("epochs", [300, 1000, 3000])
@pytest.mark.parametrize("width", [25, 200])
def test_no_stack_takes_long_as_far_as_that_costs_little(epochs: int, width: int):
    runs = runs_of(100, epochs=epochs, model={"hidden": [width, width]})
    stacks = [Stack(stack) for stack in plan(runs, 1)]
    assert sorted(run.id for stack in stacks for run in stack.runs) == sorted(r.id for r in runs)
    for stack in (stack for stack in stacks if stack.cost > LONGEST and len(stack.runs) > 1):
        assert sum(Stack(half).cost for half in cut(stack.runs)) > CHEAP * stack.cost


def test_networks_that_take_long_each_are_trained_apart():
    slow = {"model": {"hidden": [500, 500]}, "epochs": 10_000, "batch_size": 20}
    assert {len(stack) for stack in plan(runs_of(3, **slow), 1)} == {1}
