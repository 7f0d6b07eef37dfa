"""Every hand-written backward against torch.autograd, for every component that is registered.

Float64, alone and in a stack of three. What is registered tomorrow is tested tomorrow.
"""

from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from minidl import Linear, Module, Sequential, Sigmoid, Tanh, seeded_generator, stack
from minidl.gradcheck import gradcheck
from minidl.registry import KINDS, as_printed

STACKS = [(), (3,)]

REFERENCE = {
    "tanh": torch.tanh,
    "relu": functional.relu,
    "leaky_relu": functional.leaky_relu,
    "sigmoid": torch.sigmoid,
    "identity": lambda x: x,
    "elu": functional.elu,
    "selu": functional.selu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "softplus": functional.softplus,
    "softsign": functional.softsign,
    "hardtanh": functional.hardtanh,
    "softmax": partial(functional.softmax, dim=-1),
}
ARGUMENTS = [
    ("elu", {"alpha": 0.3}),
    ("gelu", {"approximate": "tanh"}),
    ("softplus", {"beta": 3.0, "threshold": 1.0}),
    ("softplus", {"beta": 0.5}),
    ("hardtanh", {"min_val": -2.0, "max_val": 0.5}),
    ("leaky_relu", {"negative_slope": 0.2}),
]


def build(kind: str, name: str, shape: tuple[int, ...]) -> Module:
    """Return a component as it is, or three of them stacked."""
    built = [KINDS[kind][name]() for _ in range(3)]
    return stack(built) if shape else built[0]


def random(*shape: int) -> Tensor:
    return torch.randn(shape, generator=seeded_generator(7, "tests"), dtype=torch.float64)


def differentiable(tensor: Tensor) -> Tensor:
    return tensor.clone().requires_grad_()


def agree(ours: Tensor, theirs: Tensor) -> bool:
    return ours.shape == theirs.shape and torch.allclose(ours, theirs, rtol=1e-12, atol=1e-14)


def assert_right_unless_printed(kind: str, name: str, ours: Tensor, theirs: Tensor) -> None:
    """Require agreement, and of a formula that is copied because it is wrong, disagreement."""
    assert agree(ours, theirs) is (as_printed(KINDS[kind][name]) is None)


@pytest.mark.parametrize("shape", STACKS)
@pytest.mark.parametrize("name", KINDS["activation"])
def test_activation(name: str, shape: tuple[int, ...]):
    x, gradient = differentiable(3 * random(*shape, 5, 4)), random(*shape, 5, 4) + 0.5
    module = build("activation", name, shape)
    (expected,) = torch.autograd.grad(module.forward(x), x, gradient)
    module.forward(x.detach())
    assert_right_unless_printed("activation", name, module.backward(gradient), expected)


@pytest.mark.parametrize("name", REFERENCE)
def test_activation_values(name: str):
    x = torch.cat([3 * random(5, 4), torch.tensor([[0.0, -0.0, 100.0, -100.0]]).double()])
    assert agree(KINDS["activation"][name]().forward(x), REFERENCE[name](x))


@pytest.mark.parametrize(("name", "arguments"), [(name, {}) for name in REFERENCE] + ARGUMENTS)
def test_activations_are_torchs(name: str, arguments: dict[str, Any]):
    x, gradient = differentiable(3 * random(40, 4)), random(40, 4)
    expected = REFERENCE[name](x, **arguments)
    (theirs,) = torch.autograd.grad(expected, x, gradient)
    module = KINDS["activation"][name](**arguments)
    assert agree(module.forward(x.detach()), expected)
    torch.testing.assert_close(module.backward(gradient), theirs, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "selu"])
def test_the_slope_at_a_kink_is_torchs(name: str):
    x = differentiable(torch.tensor([[0.0, -0.0]]))
    (expected,) = torch.autograd.grad(REFERENCE[name](x).sum(), x)
    module = KINDS["activation"][name]()
    module.forward(x.detach())
    assert torch.equal(module.backward(torch.ones(1, 2)), expected)


@pytest.mark.parametrize("shape", STACKS)
@pytest.mark.parametrize("name", KINDS["loss"])
def test_loss(name: str, shape: tuple[int, ...]):
    prediction = differentiable(torch.sigmoid(random(*shape, 5, 2)))
    target = (random(*shape, 5, 2) > 0.3).double()
    loss = build("loss", name, shape)
    value = loss.forward(prediction, target)
    assert value.shape == shape
    gradient = loss.backward(prediction.detach(), target)
    (expected,) = torch.autograd.grad(value.sum(), prediction)
    assert_right_unless_printed("loss", name, gradient, expected)


@pytest.mark.parametrize("shape", [*STACKS, (1,)])
def test_linear(shape: tuple[int, ...]):
    generator = seeded_generator(0, "weights")
    layers = [Linear(4, 3, generator=generator, dtype=torch.float64) for _ in range(3)]
    layer = stack(layers[: shape[0]]) if shape else layers[0]
    weight, bias = differentiable(layer.weight), differentiable(layer.bias)
    x, gradient = differentiable(random(*shape, 5, 4)), random(*shape, 5, 3)
    output = x @ weight + bias
    expected = torch.autograd.grad(output, [x, weight, bias], gradient)
    assert agree(layer.forward(x.detach()), output)
    ours = [layer.backward(gradient), layer.weight_gradient, layer.bias_gradient]
    assert all(map(agree, ours, expected))


@pytest.mark.parametrize("shape", STACKS)
@pytest.mark.parametrize("n", [1, 5])
def test_a_whole_network(shape: tuple[int, ...], n: int):
    generator = seeded_generator(0, "weights")

    def network() -> Sequential:
        sizes = [(2, 4), (4, 3), (3, 1)]
        layers = [Linear(*size, generator=generator, dtype=torch.float64) for size in sizes]
        return Sequential(layers[0], Tanh(), layers[1], Tanh(), layers[2], Sigmoid())

    model = stack([network() for _ in range(3)]) if shape else network()
    x, gradient = differentiable(random(*shape, n, 2)), random(*shape, n, 1)
    h, parameters = x, [differentiable(value) for value, _ in model.param()]
    for weight, bias in zip(parameters[::2], parameters[1::2], strict=True):
        z = h @ weight + bias
        h = torch.sigmoid(z) if bias is parameters[-1] else torch.tanh(z)
    expected = torch.autograd.grad(h, [x, *parameters], gradient)
    model.forward(x.detach())
    ours = [model.backward(gradient), *(own for _, own in model.param())]
    assert all(map(agree, ours, expected))


@pytest.mark.parametrize("shape", [(3, 1, 4), (3, 2, 4), (2, 3, 5, 4)])
@pytest.mark.parametrize("d_out", [1, 3, 40, 200])
def test_one_network_on_a_stack_of_inputs(shape: tuple[int, ...], d_out: int):
    layer = Linear(4, d_out, generator=seeded_generator(0, "weights"), dtype=torch.float64)
    x = random(*shape)
    assert agree(layer.forward(x), x @ layer.weight + layer.bias)


def test_zero_grad_and_update():
    layer = Linear(4, 3, generator=seeded_generator(0, "weights"), dtype=torch.float64)
    before = [value.clone() for value, _ in layer.param()]
    layer.forward(random(5, 4))
    layer.backward(random(5, 3))
    gradients = [gradient.clone() for _, gradient in layer.param()]
    layer.update(0.5)
    for old, gradient, (value, _) in zip(before, gradients, layer.param(), strict=True):
        assert torch.equal(value, old - 0.5 * gradient)
    layer.zero_grad()
    assert all((gradient == 0).all() for _, gradient in layer.param())


def test_gradcheck_fails_what_is_printed_wrong_and_nothing_else():
    checks = gradcheck()
    names = {check.name for check in checks}
    assert names == {"linear", "network", *KINDS["layer"], *KINDS["activation"], *KINDS["loss"]}
    for check in checks:
        assert check.ok is (check.printed is None), check


def test_gradcheck_by_name():
    assert [check.name for check in gradcheck(["bce", "tanh"])] == ["tanh", "bce"]
    with pytest.raises(ValueError, match=r"'tan' has no backward .* linear, .*tanh, .*network"):
        gradcheck(["tanh", "tan"])


@pytest.mark.parametrize("name", ["weight_gradient", "bias_gradient"])
def test_gradcheck_sees_a_wrong_layer(name: str, monkeypatch: pytest.MonkeyPatch):
    right = Linear.backward

    def wrong(self: Linear, gradient: Tensor) -> Tensor:
        result = right(self, gradient)
        getattr(self, name).mul_(1.001)
        return result

    monkeypatch.setattr(Linear, "backward", wrong)
    assert [check.ok for check in gradcheck(["linear", "network", "tanh"])] == [False, True, False]


def test_a_module_occurs_once_in_a_network():
    """What it keeps for ``backward`` is of its last ``forward`` alone."""
    shared, layer = Tanh(), Linear(2, 2, generator=seeded_generator(0, "weights"))
    inner = Sequential(layer, shared)
    for modules in ((layer, shared, shared), (inner, shared), (inner, layer), (inner, inner)):
        with pytest.raises(ValueError, match="occurs twice"):
            Sequential(*modules)
    assert len(Sequential(inner, Tanh()).modules) == 2


def test_tensors_of_an_initialiser_stay_its_own():
    weight, bias = torch.ones(2, 2), torch.zeros(1, 2)
    layers = [
        Linear(2, 2, generator=seeded_generator(0, "weights"), init=lambda *_: (weight, bias))
        for _ in range(2)
    ]
    layers[0].forward(torch.ones(5, 2))
    layers[0].backward(torch.ones(5, 2))
    layers[0].update(0.1)
    assert torch.equal(weight, torch.ones(2, 2))
    assert torch.equal(layers[1].weight, torch.ones(2, 2))
    assert not bias.any()
    assert not layers[1].bias.any()
