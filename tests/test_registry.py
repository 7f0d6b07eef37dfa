"""One decorator line makes a component known everywhere."""

import inspect

import pytest
import torch
from torch import Tensor

from minidl import Module, register, stack
from minidl.gradcheck import gradcheck
from minidl.registry import KINDS, as_printed


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict:
    """The registry as a copy, which the test may change."""
    for kind, components in list(KINDS.items()):
        monkeypatch.setitem(KINDS, kind, dict(components))
    return KINDS


class Cube(Module):
    """``f(x) = x^3``."""

    def forward(self, x: Tensor) -> Tensor:
        self.x = x
        return x**3

    def backward(self, gradient: Tensor) -> Tensor:
        return 3 * self.x**2 * gradient


class WrongCube(Cube):
    """``f(x) = x^3``, and a derivative that forgets the factor."""

    def backward(self, gradient: Tensor) -> Tensor:
        return self.x**2 * gradient


def test_a_new_component_is_known_and_checked(registry: dict):
    register("activation", "cube")(Cube)
    register("activation", "wrong_cube")(WrongCube)
    assert registry["activation"]["cube"] is Cube
    assert [check.ok for check in gradcheck(["cube", "wrong_cube"])] == [True, False]
    assert {"cube", "wrong_cube"} < {check.name for check in gradcheck()}


def test_registering_returns_the_component_and_is_repeatable(registry: dict):
    assert register("activation", "cube")(Cube) is Cube
    assert register("activation", "cube")(Cube) is Cube
    assert registry["activation"]["cube"] is Cube


def test_a_taken_name_is_refused(registry: dict):
    before = registry["activation"]["tanh"]
    with pytest.raises(ValueError, match="activation 'tanh' is registered already"):
        register("activation", "tanh")(Cube)
    assert registry["activation"]["tanh"] is before
    assert register("loss", "tanh")(Cube) is Cube


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="'layers' is unknown; known: activation, layer, loss"):
        register("layers", "cube")


def test_the_papers_components_are_known():
    assert {"tanh", "relu", "leaky_relu", "sigmoid"} <= KINDS["activation"].keys()
    assert {"mse", "bce"} <= KINDS["loss"].keys()
    assert {"sgd", "adam", "none"} <= KINDS["optimizer"].keys()
    assert "disk" in KINDS["data"]


def test_every_component_says_what_it_computes():
    for components in KINDS.values():
        for component in components.values():
            assert len(inspect.cleandoc(component.__doc__ or "")) > 20, component


@pytest.mark.parametrize("kind", ["activation", "loss"])
def test_all_components_of_a_kind_share_one_stack(kind: str):
    """Each alone and each beside all others gives the same bits, forwards and backwards."""
    numbers = torch.rand(2, 5, 2, generator=torch.Generator().manual_seed(0))
    inputs = list(numbers) if kind == "loss" else [numbers[0]]
    parts = [component() for component in KINDS[kind].values()]
    whole, all_inputs = stack(parts), [each.repeat(len(parts), 1, 1) for each in inputs]
    outputs, gradients = whole.forward(*all_inputs), whole.backward(*all_inputs)
    for part, output, gradient in zip(parts, outputs, gradients, strict=True):
        assert torch.equal(output, part.forward(*inputs))
        assert torch.equal(gradient, part.backward(*inputs))


def test_as_printed_is_the_sentence_or_nothing():
    assert as_printed(KINDS["activation"]["tanh"]) is None
    assert "1 - Tanh(x)^2" in (as_printed(KINDS["activation"]["tanh_as_printed"]) or "")


@pytest.mark.parametrize("name", KINDS["init"])
def test_every_initialiser_draws_its_shapes_from_its_generator(name: str):
    def draw(seed: int) -> tuple[Tensor, Tensor]:
        return KINDS["init"][name](4, 3, torch.Generator().manual_seed(seed))

    weight, bias = draw(0)
    assert weight.shape == (4, 3)
    assert bias.shape == (1, 3)
    assert all(map(torch.equal, draw(0), (weight, bias)))
    assert torch.equal(draw(1)[0], weight) is (name == "zeros")
