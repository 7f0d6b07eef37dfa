"""The losses' values and gradients against torch's own, and finite at the ends."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from minidl import BCE, MSE, Sigmoid, seeded_generator, stack

DTYPES = [torch.float32, torch.float64]
PAIRS = [(MSE, functional.mse_loss), (BCE, functional.binary_cross_entropy)]


def predictions(*shape: int) -> tuple[Tensor, Tensor]:
    generator = seeded_generator(7, "tests")
    prediction, noise = torch.rand(2, *shape, generator=generator, dtype=torch.float64)
    return prediction, (noise > 0.4).double()


@pytest.mark.parametrize(("loss", "reference"), PAIRS)
@pytest.mark.parametrize("n", [1, 3, 5])
def test_value_and_gradient_are_torchs(loss: type, reference, n: int):
    prediction, target = predictions(n, 2)
    prediction.requires_grad_()
    expected = reference(prediction, target)
    (gradient,) = torch.autograd.grad(expected, prediction)
    prediction = prediction.detach()
    torch.testing.assert_close(loss().forward(prediction, target), expected.detach())
    torch.testing.assert_close(loss().backward(prediction, target), gradient, rtol=1e-13, atol=0)


@pytest.mark.parametrize(("loss", "reference"), PAIRS)
def test_a_stack_has_one_value_for_each_replica(loss: type, reference):
    prediction, target = predictions(3, 5, 2)
    values = stack([loss()] * 3).forward(prediction, target)
    expected = torch.stack([reference(p, t) for p, t in zip(prediction, target, strict=True)])
    torch.testing.assert_close(values, expected)


def test_losses_can_differ_between_replicas():
    prediction, target = predictions(3, 5, 2)
    values = stack([MSE(), BCE(), MSE()]).forward(prediction, target)
    alone = [part.forward(*predictions(3, 5, 2)) for part in (MSE(), BCE(), MSE())]
    assert torch.equal(values, torch.stack([value[i] for i, value in enumerate(alone)]))


@pytest.mark.parametrize("dtype", DTYPES)
def test_bce_at_exactly_0_and_1_is_torchs(dtype: torch.dtype):
    prediction = torch.tensor([[0.0, 0.0, 1.0, 1.0]], dtype=dtype).requires_grad_()
    target = torch.tensor([[0.0, 1.0, 0.0, 1.0]], dtype=dtype)
    expected = functional.binary_cross_entropy(prediction, target)
    (gradient,) = torch.autograd.grad(expected, prediction)
    value = BCE().forward(prediction.detach(), target)
    assert value == expected == 50
    ours = BCE().backward(prediction.detach(), target)
    assert ours.isfinite().all()
    torch.testing.assert_close(ours, gradient)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_bce_through_a_sigmoid_is_finite_far_out(dtype: torch.dtype, label: float):
    logits = torch.tensor([[-1000.0, -100.0, -17.0, 0.0, 17.0, 100.0, 1000.0]], dtype=dtype)
    target, sigmoid, loss = torch.full_like(logits, label), Sigmoid(), BCE()
    output = sigmoid.forward(logits)
    assert ((output >= 0) & (output <= 1)).all()
    assert loss.forward(output, target).isfinite()
    assert sigmoid.backward(loss.backward(output, target)).isfinite().all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_bce_through_a_sigmoid_is_the_error_at_the_logit(dtype: torch.dtype):
    logits, target = torch.linspace(-8, 8, 12, dtype=dtype).view(6, 2), predictions(6, 2)[1]
    sigmoid, target = Sigmoid(), target.to(dtype)
    output = sigmoid.forward(logits)
    gradient = sigmoid.backward(BCE().backward(output, target))
    torch.testing.assert_close(gradient, (output - target) / 12)
