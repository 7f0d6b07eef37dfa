"""Initial weights against torch.nn.init: the same draws give the same numbers."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from minidl.init import he, lecun, normal, orthogonal, uniform, xavier, zeros
from minidl.registry import KINDS

GAINS = {"linear": None, "sigmoid": None, "tanh": None, "relu": None, "leaky_relu": 0.01}
GAINS["selu"] = None
DISTRIBUTIONS = ["uniform", "normal"]
SIZES = [(7, 5), (5, 7), (30, 200)]


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def assert_drawn_as(weight: Tensor, fill: Any, **arguments: Any) -> None:
    """torch keeps a weight as (d_out, d_in), and draws its numbers in the order of memory."""
    theirs = fill(torch.empty(weight.T.shape), generator=generator(), **arguments)
    torch.testing.assert_close(weight.flatten(), theirs.flatten(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("gain", [1.0, 0.3, *GAINS])
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_xavier_is_torchs(distribution: Any, gain: Any, size: tuple[int, int]):
    weight, bias = xavier(*size, generator(), distribution=distribution, gain=gain)
    factor = nn.init.calculate_gain(gain, GAINS[gain]) if gain in GAINS else gain
    assert_drawn_as(weight, getattr(nn.init, f"xavier_{distribution}_"), gain=factor)
    assert not bias.any()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", ["fan_in", "fan_out"])
@pytest.mark.parametrize("gain", GAINS)
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_he_is_torchs_kaiming(distribution: Any, gain: Any, mode: Any, size: tuple[int, int]):
    weight, _ = he(*size, generator(), distribution=distribution, gain=gain, mode=mode)
    fill = getattr(nn.init, f"kaiming_{distribution}_")
    assert_drawn_as(weight, fill, a=GAINS[gain] or 0, mode=mode, nonlinearity=gain)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_lecun_is_kaiming_without_a_gain(distribution: Any, size: tuple[int, int]):
    weight, _ = lecun(*size, generator(), distribution=distribution)
    assert_drawn_as(weight, getattr(nn.init, f"kaiming_{distribution}_"), nonlinearity="linear")


@pytest.mark.parametrize("size", SIZES)
def test_uniform_and_normal_are_torchs(size: tuple[int, int]):
    assert_drawn_as(uniform(*size, generator(), bound=0.5)[0], nn.init.uniform_, a=-0.5, b=0.5)
    assert_drawn_as(normal(*size, generator(), std=0.01)[0], nn.init.normal_, std=0.01)
    bound = 1 / math.sqrt(size[0])
    assert_drawn_as(uniform(*size, generator())[0], nn.init.uniform_, a=-bound, b=bound)


@pytest.mark.parametrize("size", [(1, 1), (5, 7), (3, 3), (1, 9)])
def test_orthogonal_is_torchs_where_both_draw_alike(size: tuple[int, int]):
    weight, _ = orthogonal(*size, generator(), gain=1.5)
    theirs = torch.empty(size[::-1], dtype=torch.float64)
    nn.init.orthogonal_(theirs, gain=1.5, generator=generator())
    torch.testing.assert_close(weight, theirs.T.float(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (5, 7), (40, 40), (9, 1)])
def test_rows_or_columns_are_orthogonal_and_as_long_as_the_gain(size: tuple[int, int]):
    weight = orthogonal(*size, generator(), gain="relu")[0].double()
    short = weight if size[0] <= size[1] else weight.T
    expected = 2 * torch.eye(min(size), dtype=torch.float64)
    torch.testing.assert_close(short @ short.T, expected, rtol=0, atol=1e-5)


def test_one_by_one_is_orthogonal_with_either_sign():
    drawn = {orthogonal(1, 1, torch.Generator().manual_seed(i))[0].item() for i in range(20)}
    assert drawn == {1.0, -1.0}


@pytest.mark.parametrize("name", KINDS["init"])
def test_a_bias_changes_no_weight_and_is_as_said(name: str):
    build = KINDS["init"][name]
    weight, _ = build(16, 4000, generator())
    for bias, deviation in {
        "zeros": 0,
        0.1: 0,
        "uniform": 1 / math.sqrt(16 * 3),
        "normal": {"zeros": 0, "orthogonal": 1 / math.sqrt(4000)}.get(name, weight.std().item()),
    }.items():
        same, drawn = build(16, 4000, generator(), bias=bias)
        assert torch.equal(same, weight)
        assert drawn.shape == (1, 4000)
        assert drawn.std().item() == pytest.approx(deviation, rel=0.05, abs=1e-6)
        assert drawn.mean().item() == pytest.approx(bias if bias == 0.1 else 0, abs=0.05)


def test_zeros_are_zeros():
    weight, bias = zeros(3, 2, generator(), bias=0.5)
    assert not weight.any()
    assert (bias == 0.5).all()


@pytest.mark.parametrize("name", KINDS["init"])
def test_the_bounds_of_uniform_numbers_are_torchs_linear(name: str):
    layer = nn.Linear(9, 500)
    _, bias = KINDS["init"][name](9, 500, generator(), bias="uniform")
    assert bias.abs().max() <= 1 / 3 + 1e-6
    assert layer.bias.abs().max() <= 1 / 3 + 1e-6


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("xavier", {"gain": "elu"}, "gain must be one of linear, sigmoid, "),
        ("xavier", {"gain": -1}, "gain must be at least 0, got -1"),
        ("he", {"mode": "fan"}, "mode must be one of fan_in, fan_out, got 'fan'"),
        ("lecun", {"distribution": "t"}, "distribution must be one of uniform, normal, got 't'"),
        ("zeros", {"bias": "ones"}, "bias must be one of zeros, uniform, normal, got 'ones'"),
        ("uniform", {"bound": -1}, "bound must be at least 0, got -1"),
        ("normal", {"std": float("nan")}, "std must be at least 0, got nan"),
    ],
)
def test_what_is_no_initialiser_is_refused(name: str, arguments: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        KINDS["init"][name](2, 3, generator(), **arguments)
