"""Dropout and layer normalisation, against torch, alone, in company and replayed; their lists."""

import copy
import json
from functools import partial
from typing import Any

import pytest
import torch
from helpers.studies import contents, minidl, write
from helpers.studies import train as train_study
from safetensors.torch import load_file
from torch import Tensor, nn

from minidl import (
    MSE,
    SGD,
    Dataset,
    Dropout,
    LayerNorm,
    Linear,
    Sequential,
    Tanh,
    evaluate,
    seeded_generator,
    stack,
    train,
)
from minidl.counter import GOLDEN, bits, key_of, mixed
from minidl.engine.replay import Replay
from minidl.registry import KINDS
from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.later import identity
from minidl.study.run import run_study
from minidl.study.stacks.build import build
from minidl.study.stacks.plan import plan
from minidl.study.stacks.train import train_stack
from minidl.study.stacks.weights import named_param
from minidl.training import training_step

STUDY = """
name: layers
data: {name: disk, train: 22, test: 10}
epochs: 4
evaluate_every: 2
"""


def source(number: int, stream: str = "layer 2") -> torch.Generator:
    return seeded_generator(number, stream)


# --- random bits


def splitmix(state: int, count: int) -> list[int]:
    """SplitMix64 in Python's whole numbers."""
    found, whole = [], 2**64
    for i in range(1, count + 1):
        z = (state + i * 0x9E3779B97F4A7C15) % whole
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % whole
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % whole
        found.append(z ^ (z >> 31))
    return found


def test_the_bits_are_those_of_splitmix64():
    assert splitmix(1234567, 1) == [6457827717110365317]  # its published first number
    for state in (0, 1234567, -5):
        ours = mixed(torch.tensor([[state]]) + torch.arange(1, 6) * GOLDEN)
        assert [number % 2**64 for number in ours[0].tolist()] == splitmix(state, 5)


def drawn(steps: int = 200, replicas: int = 4, n: int = 10, d: int = 25) -> Tensor:
    """Numbers in [0, 1): (steps, replicas, n, d)."""
    key = torch.stack([key_of(source(i)) for i in range(replicas)])
    every = [bits(key, torch.full((replicas, 1, 1), step), n, d) for step in range(steps)]
    return torch.stack(every).double() / 2.0**64 + 0.5


def test_the_bits_are_uniform():
    counts = torch.histc(drawn(), bins=256, min=0, max=1)
    expected = counts.sum() / 256
    assert ((counts - expected) ** 2 / expected).sum() < 330  # chi-square, 255 degrees, p 0.001


@pytest.mark.parametrize("axis", range(4), ids=["steps", "replicas", "points", "units"])
@pytest.mark.parametrize("lag", [1, 2, 3])
def test_neighbours_are_not_correlated(axis: int, lag: int):
    u = (drawn() - 0.5) * 12**0.5
    first, second = u.narrow(axis, 0, u.shape[axis] - lag), u.narrow(axis, lag, u.shape[axis] - lag)
    assert abs((first * second).mean()) * first.numel() ** 0.5 < 4  # standard deviations


def test_every_bit_is_set_half_of_the_time():
    numbers = bits(key_of(source(0)), torch.tensor([[7]]), 100, 200)
    for bit in range(64):
        assert abs((numbers >> bit & 1).double().mean() - 0.5) < 4 * 0.5 / 20_000**0.5


# --- dropout


def test_dropout_drops_a_share_and_keeps_the_mean():
    layer = Dropout(50, source(0), p=0.2)
    y = torch.stack([layer.forward(torch.ones(40, 50)) for _ in range(20)])
    dropped = (y == 0).double().mean()
    assert abs(dropped - 0.2) < 4 * (0.2 * 0.8 / y.numel()) ** 0.5
    assert y.unique().tolist() == [0, 1.25]
    assert not torch.equal(y[0], y[1])  # each step draws anew
    assert torch.equal(layer.backward(torch.ones(40, 50)), y[-1])


def test_dropout_is_off_in_evaluation_and_none_is_exact():
    x = torch.randn(3, 5)
    assert torch.equal(Dropout(5, source(0), p=0.0).forward(x), x)
    layer = Dropout(5, source(0), p=0.9)
    data = Dataset(x, x)
    assert evaluate(layer, MSE(), data, metrics=())["loss"] == 0
    assert not layer.step.any()
    assert layer.training


def test_backward_is_of_the_last_forward_in_evaluation_too():
    layer, x = Dropout(5, source(0), p=0.5), torch.randn(3, 5)
    layer.forward(x)
    layer.training = False
    layer.forward(x)
    assert torch.equal(layer.backward(x), x)


@pytest.mark.parametrize("p", [-0.1, 1.0, float("nan")])
def test_a_share_below_1(p: float):
    with pytest.raises(ValueError, match="p must be at least 0 and below 1"):
        Dropout(3, source(0), p=p)


def network(seed: int, p: float, norm: bool = False) -> tuple[Any, ...]:
    generator = seeded_generator(seed, "weights")
    parts: list[Any] = [Linear(3, 8, generator=generator), Tanh(), Dropout(8, source(seed), p=p)]
    if norm:
        parts.insert(1, LayerNorm(8))
    model = Sequential(*parts, Linear(8, 2, generator=generator))
    return model, MSE(), SGD(model.param(), lr=0.1)


def points(seed: int) -> Dataset:
    generator = seeded_generator(seed, "data")
    return Dataset(torch.randn(17, 3, generator=generator), torch.randn(17, 2, generator=generator))


def weights(parts: Any, data: Dataset, generator: Any) -> list[Tensor]:
    train(*parts, data, epochs=4, batch_size=5, generator=generator)
    return [value for value, _ in parts[0].param()]


@pytest.mark.parametrize("norm", [False, True])
def test_dropout_of_several_shares_in_one_stack(norm: bool):
    """None beside 0.2 beside 0.5: each as it is alone, and none as if there were no dropout."""
    shares = [0.0, 0.2, 0.5, 0.2]
    together = stack([network(i, p, norm) for i, p in enumerate(shares)])
    data = stack([points(i) for i in range(4)])
    whole = weights(together, data, [source(i, "batches") for i in range(4)])
    for i, p in enumerate(shares):
        alone = weights(network(i, p, norm), points(i), source(i, "batches"))
        assert all(torch.equal(ours[i], own) for ours, own in zip(whole, alone, strict=True))
    bare = network(0, 0.0, norm)
    bare[0].modules = [part for part in bare[0].modules if not isinstance(part, Dropout)]
    bare = bare[0], MSE(), SGD(bare[0].param(), lr=0.1)
    without = weights(bare, points(0), source(0, "batches"))
    assert all(torch.equal(ours[0], own) for ours, own in zip(whole, without, strict=True))


@pytest.mark.parametrize("shape", [(), (3,)])
def test_a_step_is_replayed(shape: tuple[int, ...]):
    built = [network(i, 0.3, norm=True) for i in range(3)]
    together = stack(built) if shape else built[0]
    written = copy.deepcopy(together)
    replayed = Replay(partial(training_step, *together), together)
    for size in [5, 5, 3] * 5:
        x, y = torch.randn(*shape, size, 3), torch.randn(*shape, size, 2)
        replayed(x, y)
        training_step(*written, x, y)
        for (own, _), (other, _) in zip(together[0].param(), written[0].param(), strict=True):
            assert torch.equal(own, other)
    assert replayed.programs
    assert not replayed.written


# --- layer normalisation


@pytest.mark.parametrize("shape", [(), (3,)])
@pytest.mark.parametrize("eps", [1e-5, 0.1])
def test_layer_norm_is_torchs(shape: tuple[int, ...], eps: float):
    torch.manual_seed(0)
    ours, theirs = LayerNorm(6, eps=eps), nn.LayerNorm(6, eps=eps, dtype=torch.float64)
    with torch.no_grad():
        theirs.weight.copy_(torch.randn(6))
        theirs.bias.copy_(torch.randn(6))
    for name in ("weight", "bias"):
        setattr(ours, name, getattr(theirs, name).detach().view(1, 6).clone())
        setattr(ours, f"{name}_gradient", torch.zeros(1, 6, dtype=torch.float64))
    layer = stack([ours] * 3) if shape else ours
    x = torch.randn(*shape, 5, 6, dtype=torch.float64, requires_grad=True)
    gradient = torch.randn(*shape, 5, 6, dtype=torch.float64)
    expected = theirs(x)
    torch.testing.assert_close(layer.forward(x.detach()), expected)
    (by_x,) = torch.autograd.grad(expected, x, gradient, retain_graph=True)
    torch.testing.assert_close(layer.backward(gradient), by_x)
    by_weight, by_bias = torch.autograd.grad(expected, [theirs.weight, theirs.bias], gradient)
    whole = [g.sum(dim=0) if shape else g for _, g in layer.param()]
    torch.testing.assert_close(whole, [by_weight.view(1, 6), by_bias.view(1, 6)])


@pytest.mark.parametrize("d", [1, 2, 3, 7, 8, 16, 25, 33, 64, 100, 257])
@pytest.mark.parametrize("n", [1, 2, 5, 32])
def test_layer_norm_rounds_alike_alone_and_in_company(n: int, d: int):
    generator = source(0)
    x, gradient = (torch.randn(5, n, d, generator=generator) for _ in range(2))
    layers = [LayerNorm(d) for _ in range(5)]
    for layer in layers:
        layer.weight.normal_(generator=generator)
    together = stack(layers)
    whole = [
        together.forward(x),
        together.backward(gradient),
        *(g for _, g in together.param()),
    ]
    for i, layer in enumerate(layers):
        own = [layer.forward(x[i].clone()), layer.backward(gradient[i].clone())]
        own += [g for _, g in layer.param()]
        assert all(torch.equal(ours[i], alone) for ours, alone in zip(whole, own, strict=True))


def test_eps_is_above_0():
    with pytest.raises(ValueError, match="eps must be above 0"):
        LayerNorm(3, eps=0.0)


@pytest.mark.parametrize(("d", "got"), [(3, 1), (1, 3), (3, 2)])
def test_layer_norm_of_another_number_of_inputs_is_refused(d: int, got: int):
    with pytest.raises(ValueError, match=f"this layer has {d} inputs, got x of the shape"):
        LayerNorm(d).forward(torch.randn(5, got))


@pytest.mark.parametrize("name", KINDS["layer"])
def test_every_layer_hands_on_as_many_numbers(name: str):
    layer = KINDS["layer"][name](7, source(0))
    assert layer.forward(torch.randn(4, 7)).shape == (4, 7)
    assert layer.backward(torch.randn(4, 7)).shape == (4, 7)


# --- in a study


def runs_of(model: str, more: str = "grid: {}") -> list[Any]:
    return expand(parse_study(f"{STUDY}model: {model}\n{more}", "s"))


def names(model: str) -> list[str]:
    (run,) = runs_of(model)
    return [type(module).__name__ for module in build(run).model.modules]


def test_the_parts_of_a_network():
    assert names("{hidden: [3], dropout: 0.1}") == [
        "Linear",
        "ReLU",
        "Dropout",
        "Linear",
        "Sigmoid",
    ]
    norm = "{hidden: [3, 4], dropout: [0, 0.1], layer_norm: true}"
    both = ["Linear", "LayerNorm", "ReLU"]
    assert names(norm) == [*both, *both, "Dropout", "Linear", "Sigmoid"]
    listed = (
        "{layers: [{linear: 3}, {name: leaky_relu, negative_slope: 0.2}, {dropout: 0.1}, linear]}"
    )
    assert names(listed) == ["Linear", "LeakyReLU", "Dropout", "Linear"]


def test_a_list_says_what_the_short_form_says():
    short = runs_of("{hidden: [5, 4], dropout: [0, 0.1], layer_norm: true}")
    listed = "[{linear: 5}, layer_norm, relu, {linear: 4}, layer_norm, relu, {dropout: 0.1}, "
    listed = runs_of(f"{{layers: {listed} linear, sigmoid]}}")
    first, second = (train_stack(runs)[0] for runs in (short, listed))
    assert first.curve == second.curve


def test_nothing_changes_what_was():
    """No new default is part of an id, and layers draw nothing from the stream of the weights."""
    (plain,), (dropped,) = runs_of("{hidden: [5, 4]}"), runs_of("{hidden: [5, 4], dropout: 0.1}")
    assert identity(plain.settings)["model"].keys() == {"hidden", "output", "threshold"}
    first, second = (list(named_param(build(run).model).values()) for run in (plain, dropped))
    assert all(map(torch.equal, first, second))


def test_equal_rates_are_one_and_none_is_no_layer():
    (run,) = runs_of("{hidden: [5, 4], dropout: [0.1, 0.1]}")
    assert run.id == runs_of("{hidden: [5, 4], dropout: 0.1}")[0].id
    (run,) = runs_of("{hidden: [5, 4], dropout: [0, 0]}")
    assert run.id == runs_of("{hidden: [5, 4]}")[0].id


GRID = """
seeds: 2
grid:
  activation: [tanh, relu]
  model.dropout: [0, 0.1, [0, 0.2], 0.5]
  model.layer_norm: [false, true]
"""


def test_alone_and_in_company(tmp_path):
    text = f"{STUDY}model: {{hidden: [5, 4]}}\n{GRID}"
    runs = expand(parse_study(text, "s"))
    assert len(plan(runs, 1)) == 6  # without, with one and with two places of dropout, by the norm
    together = contents(train_study(text, tmp_path / "all"))
    for run in runs[::5]:
        run_study(parse_study(text, "s"), [run], tmp_path / run.id)
        assert contents(tmp_path / run.id)[run.id] == together[run.id]


def test_a_grid_of_lists_and_what_comes_out(tmp_path):
    layers = "[{linear: 3}, layer_norm, tanh, {dropout: 0.5}, linear, sigmoid]"
    text = f"{STUDY}grid:\n  model.layers: [{layers}, [linear, sigmoid]]\n"
    words = ("--grid", write(tmp_path, text), "--out", tmp_path / "r", "--jobs", 1)
    shown = minidl("run", *words).stdout
    assert "linear 3-layer_norm-tanh-dropout 0.5-linear-sigmoid" in " ".join(shown.split())
    rows = json.loads(minidl("export", tmp_path / "r", "--format", "json").stdout)
    assert [row["activation"] for row in rows] == [None, None]
    out = tmp_path / "w.safetensors"
    minidl("export", tmp_path / "r", "--weights", rows[0]["id"], "--torch", "--out", out)
    model = nn.Sequential(
        nn.Linear(2, 3), nn.LayerNorm(3), nn.Tanh(), nn.Dropout(0.5), nn.Linear(3, 1), nn.Sigmoid()
    )
    model.load_state_dict(load_file(out))
    said = minidl("predict", tmp_path / "r", rows[0]["id"]).stdout.splitlines()[1:]
    numbers = torch.tensor([[float(part) for part in line.split(",")[:3]] for line in said])
    torch.testing.assert_close(model.eval()(numbers[:, :2]), numbers[:, 2:], atol=1e-6, rtol=1e-5)
