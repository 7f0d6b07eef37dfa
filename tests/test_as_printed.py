"""What each of the paper's printed errors does, as the arithmetic predicts it."""

import pytest
import torch
from torch import Tensor

from minidl import (
    BCE,
    MSE,
    Adam,
    LeakyReLU,
    Linear,
    Sequential,
    Sigmoid,
    Tanh,
    disk,
    seeded_generator,
)
from minidl import train as train_network
from minidl.as_printed import (
    AdamAsPrinted,
    AdamCorrectionAsPrinted,
    AdamPowerAsPrinted,
    BCEAsPrinted,
    LeakyReLUAsPrinted,
    MSEAsPrinted,
    TanhAsPrinted,
)
from minidl.optimizers import Optimizer
from minidl.registry import KINDS, as_printed


def random(*shape: int) -> Tensor:
    return torch.randn(shape, generator=seeded_generator(7, "tests"), dtype=torch.float64)


def trained(loss: str, optimizer: str, **arguments: float) -> list[Tensor]:
    """Return the weights of a small network after 3 epochs of batches of 4."""
    generator = seeded_generator(0, "weights")
    first, last = (Linear(*size, generator=generator) for size in ((2, 5), (5, 1)))
    model, data = Sequential(first, Tanh(), last, Sigmoid()), disk(40, seeded_generator(0, "data"))
    step = KINDS["optimizer"][optimizer](model.param(), **arguments)
    order = seeded_generator(0, "batches")
    train_network(model, KINDS["loss"][loss](), step, data, epochs=3, batch_size=4, generator=order)
    return [value for value, _ in model.param()]


def same(ours: list[Tensor], theirs: list[Tensor]) -> bool:
    return all(map(torch.equal, ours, theirs))


def one_step(optimizer: type[Optimizer], gradient: list[float], steps: int = 1) -> Tensor:
    value = torch.zeros(1, len(gradient), dtype=torch.float64)
    taken = optimizer([(value, torch.tensor([gradient], dtype=torch.float64))], lr=0.1)
    for _ in range(steps):
        taken.step()
    return value[0]


def test_sgd_as_printed_is_none():
    assert same(trained("mse", "sgd_as_printed", lr=0.1), trained("mse", "none", lr=0.1))
    assert not same(trained("mse", "sgd", lr=0.1), trained("mse", "none", lr=0.1))


@pytest.mark.parametrize("optimizer", ["none", "sgd"])
def test_bce_as_printed_trains_like_mse_at_half_the_learning_rate(optimizer: str):
    """Bit for bit, because a factor of 2 never rounds."""
    halved = trained("mse", optimizer, lr=0.05)
    assert same(trained("bce_as_printed", optimizer, lr=0.1), halved)
    assert not same(trained("bce", optimizer, lr=0.1), halved)


def test_bce_as_printed_has_half_of_mses_gradient_at_the_logit():
    sigmoid, target = Sigmoid(), (random(5, 2) > 0).double()
    output = sigmoid.forward(2 * random(5, 2))
    halves = sigmoid.backward(MSE().backward(output, target)) / 2
    torch.testing.assert_close(
        sigmoid.backward(BCEAsPrinted().backward(output, target)), halves, rtol=1e-14, atol=0
    )


def test_bce_as_printed_is_the_printed_sum_and_finite():
    prediction, target = torch.sigmoid(random(5, 2)), torch.sigmoid(random(5, 2) + 1)
    printed = -(prediction * target.log() + (1 - prediction) * (1 - target).log()).sum()
    torch.testing.assert_close(BCEAsPrinted().forward(prediction, target), printed)
    labels = (target > 0.7).double()
    assert BCEAsPrinted().forward(prediction, labels).isfinite()
    assert BCEAsPrinted().forward(prediction, labels) > 10 * BCE().forward(prediction, labels)


def test_mse_as_printed_gives_every_sample_the_gradient_of_the_whole_batch():
    prediction, target = random(5, 1), random(5, 1).flip(0)
    right = MSE().backward(prediction, target)
    printed = MSEAsPrinted().backward(prediction, target)
    torch.testing.assert_close(printed, right.sum().expand(5, 1))
    assert torch.equal(
        MSEAsPrinted().backward(prediction[:1], target[:1]),
        MSE().backward(prediction[:1], target[:1]),
    )


def test_tanh_as_printed_has_the_gradient_inside():
    x, gradient = random(5, 2), random(5, 2).flip(0)
    module = TanhAsPrinted()
    assert torch.equal(module.forward(x), Tanh().forward(x))
    torch.testing.assert_close(module.backward(gradient), 1 - torch.tanh(x) ** 2 * gradient)


def test_leaky_relu_as_printed_returns_one_above_zero():
    module, x = LeakyReLUAsPrinted(), torch.tensor([[-2.0, 0.0, 3.0]])
    assert torch.equal(module.forward(x), LeakyReLU().forward(x))
    assert module.backward(torch.tensor([[5.0, 5.0, 5.0]])).tolist() == [
        pytest.approx([0.05, 0.05, 1.0])
    ]


@pytest.mark.parametrize("optimizer", [AdamPowerAsPrinted, AdamAsPrinted])
def test_adams_printed_power_dies_at_a_negative_gradient(optimizer: type[Optimizer]):
    assert one_step(optimizer, [0.5, -0.5]).isnan().tolist() == [False, True]
    assert one_step(optimizer, [0.5, -0.5], steps=9).isnan().tolist() == [False, True]


@pytest.mark.parametrize("optimizer", [AdamPowerAsPrinted, AdamAsPrinted])
def test_adams_printed_power_survives_a_zero_gradient(optimizer: type[Optimizer]):
    assert one_step(optimizer, [0.0, 0.5], steps=9).isnan().tolist() == [False, False]


def test_adams_printed_power_kills_training_in_the_first_step():
    assert all(value.isnan().any() for value in trained("mse", "adam_power_as_printed"))


def test_adams_printed_power_is_the_iteration():
    """Second moments after two steps: 0.001 g at first, and then 0.999 of that and 0.001 g^2."""
    g, first = 0.5, (0.1 * 0.5, 0.9 * 0.1 * 0.5 + 0.1 * 0.5)
    second = (0.001 * g, 0.999 * 0.001 * g + 0.001 * g**2)
    expected = 0.0
    for t, (m, v) in enumerate(zip(first, second, strict=True), start=1):
        expected -= 0.1 * m / (1 - 0.9**t) / ((v / (1 - 0.999**t)) ** 0.5 + 1e-8)
    assert one_step(AdamPowerAsPrinted, [g], steps=2).item() == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("g", [0.5, -0.5])
def test_adams_printed_correction_divides_by_the_square(g: float):
    expected = -0.1 * (0.1 * g / (1 - 0.9**2)) / ((0.001 * g * g / (1 - 0.999**2)) ** 0.5 + 1e-8)
    step = one_step(AdamCorrectionAsPrinted, [g]).item()
    assert step == pytest.approx(expected, rel=1e-10)
    assert abs(step) == pytest.approx(
        0.1 * 0.1 / 0.19 * (1 - 0.999**2) ** 0.5 / 0.001**0.5, rel=1e-6
    )


def test_both_printed_errors_of_adam_together():
    g = 0.5
    expected = -0.1 * (0.1 * g / (1 - 0.9**2)) / ((0.001 * g / (1 - 0.999**2)) ** 0.5 + 1e-8)
    assert one_step(AdamAsPrinted, [g]).item() == pytest.approx(expected, rel=1e-10)


def test_each_says_which_sentence_it_copies():
    for kind, components in KINDS.items():
        for name, component in components.items():
            assert bool(as_printed(component)) is name.endswith("as_printed"), (kind, name)


def test_the_printed_correction_is_adam_at_another_rate():
    """Once Adam's own corrections have faded: sqrt(0.001999) / 0.19 = 0.2353 times the rate."""
    gradients = random(5000, 1, 3) + 0.5
    moved = []
    for optimizer, lr in ((AdamCorrectionAsPrinted, 0.1), (Adam, 0.1 * 0.2353)):
        value, gradient = torch.zeros(2, 1, 3, dtype=torch.float64)
        before, step = value.clone(), optimizer([(value, gradient)], lr=lr)
        for number, now in enumerate(gradients):
            if number == 4800:
                before = value.clone()
            gradient.copy_(now)
            step.step()
        moved.append(value - before)
    torch.testing.assert_close(moved[0], moved[1], rtol=1e-2, atol=0)
