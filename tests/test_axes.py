"""Axes that are drawn or spaced: plain lists once they are read, the same on every machine."""

import math
from decimal import Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from minidl.study.errors import InputError
from minidl.study.grid.axes import write_out
from minidl.study.grid.change import as_change
from minidl.study.grid.expand import expand
from minidl.study.grid.load import load_study, parse_study

# Written down from one machine: they must never be others.
FIXED = {
    "log_uniform": (
        {"log_uniform": [1e-4, 1], "samples": 8, "seed": 0},
        [0.00651, 0.00058, 0.00164, 0.203, 0.00142, 0.388, 0.00781, 0.000532],
    ),
    "uniform": ({"uniform": [0, 0.99], "samples": 4}, [0.4488, 0.189, 0.3009, 0.8184]),
    "uniform far from zero": ({"uniform": [1000, 1001], "samples": 2}, [1000.453, 1000.191]),
    "integers": ({"integers": [1, 64], "samples": 5}, [30, 13, 20, 53, 19]),
    "all integers": ({"integers": [1, 3], "samples": 3}, [2, 1, 3]),
    "linspace": ({"linspace": [0, 0.4, 5]}, [0.0, 0.1, 0.2, 0.3, 0.4]),
    "thirds": ({"linspace": [0, 1, 4]}, [0, 0.333333, 0.666667, 1]),
    "whole linspace": ({"linspace": [10, 50, 5]}, [10, 20, 30, 40, 50]),
    "logspace": ({"logspace": [1e-3, 1, 4]}, [0.001, 0.01, 0.1, 1.0]),
    "roots of ten": ({"logspace": [1, 100, 5]}, [1, 3.16, 10, 31.6, 100]),
    "downwards": ({"logspace": [1, 0.001, 4]}, [1.0, 0.1, 0.01, 0.001]),
    "range": ({"range": [10, 60, 10]}, [10, 20, 30, 40, 50]),
    "range of two": ({"range": [2, 5]}, [2, 3, 4]),
    "range of tenths": ({"range": [0, 0.5, 0.1]}, [0.0, 0.1, 0.2, 0.3, 0.4]),
    "range downwards": ({"range": [3, 0, -1]}, [3, 2, 1]),
}


@pytest.mark.parametrize(("value", "expected"), FIXED.values(), ids=FIXED)
def test_the_numbers_are_these(value, expected):
    found = write_out("optimizer.lr", value, "here")
    assert found == expected
    assert [type(number) for number in found] == [type(number) for number in expected]


def test_an_axis_and_a_seed_have_their_own_draws():
    axes = [
        tuple(write_out(axis, {"uniform": [0, 1], "samples": 5, "seed": seed}, "here"))
        for axis in ("a", "b")
        for seed in (0, 1)
    ]
    assert len(set(axes)) == 4


def test_draws_are_uniform_and_their_logarithms_are():
    drawn = write_out("a", {"log_uniform": [1e-4, 1], "samples": 2000}, "here")
    logarithms = [(math.log10(number) + 4) / 4 for number in drawn]
    assert stats.kstest(logarithms, "uniform").pvalue > 0.01
    drawn = write_out("a", {"uniform": [-3, 1], "samples": 2000}, "here")
    assert stats.kstest([(number + 3) / 4 for number in drawn], "uniform").pvalue > 0.01
    counts = [0] * 10
    for seed in range(300):
        for number in write_out("a", {"integers": [0, 9], "samples": 3, "seed": seed}, "here"):
            counts[int(number)] += 1
    assert stats.chisquare(counts).pvalue > 0.01


@given(
    low=st.floats(1e-12, 1e12),
    ratio=st.floats(1.5, 1e6),
    samples=st.integers(1, 200),
    way=st.sampled_from(["log_uniform", "uniform"]),
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_draws_are_inside_their_bounds_different_and_short(low, ratio, samples, way):
    drawn = write_out("a", {way: [low, low * ratio], "samples": samples}, "here")
    assert len(set(drawn)) == samples
    assert all(low <= number <= low * ratio for number in drawn)
    inner = [number for number in drawn if number not in (low, low * ratio)]
    digits = [len(Decimal(repr(number)).normalize().as_tuple().digits) for number in inner]
    assert max(digits, default=0) <= 10


def test_logarithms_do_not_depend_on_the_machines_library():
    with localcontext() as context:
        context.prec = 50
        exact = [Decimal(10) ** (Decimal(i) / 8) for i in range(1, 8)]
    found = write_out("a", {"logspace": [1, 10, 9]}, "here")
    assert found[1:-1] == [float(f"{number:.3g}") for number in exact]


STUDY = """
name: s
grid:
  activation: [tanh, relu]
  optimizer.lr: {log_uniform: [1e-3, 1], samples: 3, seed: 4}
overrides:
  - {when: {activation: relu}, set: {epochs: 7, batch_size: 2}}
  - {when: {activation: tanh}, set: {epochs: 9}}
"""


def test_a_study_is_stored_as_what_was_drawn_and_gives_the_same_runs_again():
    study = parse_study(STUDY, "grid.yaml")
    assert study.grid["optimizer.lr"] == [0.00358, 0.287, 0.00101]
    again = parse_study(study.to_yaml(), "study.yaml")
    assert [run.id for run in expand(again)] == [run.id for run in expand(study)]
    label = expand(study)[0].labels["optimizer.lr"]
    assert label == str(study.grid["optimizer.lr"][0])
    assert len(label) <= 7


@pytest.fixture
def changed(tmp_path):
    (tmp_path / "grid.yaml").write_text(STUDY)

    def change(*texts: str):
        return load_study(str(tmp_path / "grid.yaml"), changes=texts)

    return change


def test_commas_are_the_values_of_an_axis(changed):
    grid = changed("activation=tanh,sigmoid", "optimizer.lr=0.1, 0.2").grid
    assert grid == {"activation": ["tanh", "sigmoid"], "optimizer.lr": [0.1, 0.2]}
    grid = changed("optimizer=adam,{name: sgd, momentum: 0.5}").grid
    assert grid["optimizer"] == ["adam", {"name": "sgd", "momentum": 0.5}]
    assert changed("model.hidden=[3],[3, 4]").grid["model.hidden"] == [[3], [3, 4]]
    assert changed("seeds=3,5").seeds == [3, 5]


def test_what_is_no_axis_becomes_one_over_every_override(changed):
    study = changed("epochs=2,3")
    assert study.grid["epochs"] == [2, 3]
    assert {run.settings["epochs"] for run in expand(study)} == {2, 3}
    assert {run.settings["batch_size"] for run in expand(study)} == {5, 2}
    assert len(study.overrides) == 1


def test_an_axis_is_drawn_from_outside(changed):
    grid = changed(
        "optimizer.lr={logspace: [0.1, 1, 2]}", "batch_size={integers: [1, 9], samples: 2}"
    )
    assert grid.grid["optimizer.lr"] == [0.1, 1.0]
    assert len(grid.grid["batch_size"]) == 2


def test_brackets_and_quotes_are_what_they_were(changed):
    study = changed("model.hidden=[3, 4]")
    assert "model.hidden" not in study.grid
    assert expand(study)[0].settings["model"]["hidden"] == [3, 4]
    assert expand(changed("model.hidden=3,4"))[0].settings["model"]["hidden"] == [3, 4]
    with pytest.raises(InputError, match="activation 'tanh,relu' is unknown"):
        expand(changed("activation='tanh,relu'"))
    with pytest.raises(
        InputError, match="--set epochs=1,x: epochs must be a whole number, got 'x'"
    ):
        expand(changed("epochs=1,x"))
    with pytest.raises(InputError, match=r"--set optimizer\.lrr=1,2: argument of optimizer"):
        expand(changed("optimizer.lrr=1,2"))
    assert as_change("a=1,2").text == "1,2"
