"""The losses' values and gradients against torch's own, and finite at the ends."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from minidl import (
    BCE,
    MAE,
    MSE,
    BCEWithLogits,
    CrossEntropy,
    Dataset,
    Hinge,
    Huber,
    Identity,
    Sigmoid,
    evaluate,
    seeded_generator,
    stack,
)
from minidl.registry import KINDS
from minidl.replicas import Replicas

DTYPES = [torch.float32, torch.float64]
PAIRS = [
    (MSE, functional.mse_loss),
    (MAE, functional.l1_loss),
    (Huber, functional.huber_loss),
    (partial(Huber, delta=0.25), partial(functional.huber_loss, delta=0.25)),
    (BCE, functional.binary_cross_entropy),
    (BCEWithLogits, functional.binary_cross_entropy_with_logits),
    (CrossEntropy, functional.cross_entropy),
    (Hinge, lambda z, t, reduction="mean": getattr((1 - (2 * t - 1) * z).relu(), reduction)()),
]
LOGITS = [BCEWithLogits, CrossEntropy, Hinge]


def predictions(*shape: int) -> tuple[Tensor, Tensor]:
    generator = seeded_generator(7, "tests")
    prediction, noise = torch.rand(2, *shape, generator=generator, dtype=torch.float64)
    return prediction, (noise > 0.4).double()


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(("loss", "reference"), PAIRS)
@pytest.mark.parametrize("n", [1, 3, 5])
def test_value_and_gradient_are_torchs(loss: Any, reference: Any, n: int, reduction: str):
    prediction, target = predictions(n, 2)
    if loss in LOGITS:
        prediction = 20 * prediction - 10
    prediction.requires_grad_()
    expected = reference(prediction, target, reduction=reduction)
    (gradient,) = torch.autograd.grad(expected, prediction)
    prediction, ours = prediction.detach(), loss(reduction=reduction)
    torch.testing.assert_close(ours.forward(prediction, target), expected.detach())
    torch.testing.assert_close(ours.backward(prediction, target), gradient, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("loss", "reference"), PAIRS)
def test_a_stack_has_one_value_for_each_replica(loss: Any, reference: Any):
    prediction, target = predictions(3, 5, 2)
    values = stack([loss()] * 3).forward(prediction, target)
    expected = torch.stack([reference(p, t) for p, t in zip(prediction, target, strict=True)])
    torch.testing.assert_close(values, expected)


def assert_as_alone(parts: list[Any], *numbers: Tensor) -> Any:
    """Each part of a stack gives the bits that it gives alone, forwards and backwards."""
    whole = stack(parts)
    for compute in ("forward", "backward"):
        together = getattr(whole, compute)(*numbers)
        for i, part in enumerate(parts):
            assert torch.equal(together[i], getattr(part, compute)(*(each[i] for each in numbers)))
    return whole


def test_deltas_may_differ_between_replicas():
    numbers = [each.float() for each in predictions(4, 50, 2)]
    whole = assert_as_alone([Huber(delta) for delta in (0.1, 0.7, 0.3, 5.0)], *numbers)
    assert isinstance(whole, Huber)


@pytest.mark.parametrize("name", KINDS["loss"])
def test_means_and_sums_share_a_stack(name: str):
    loss = KINDS["loss"][name]
    if name.endswith("as_printed"):
        pytest.skip("the paper's sentence is one formula")
    numbers = [each.float() for each in predictions(4, 5, 2)]
    whole = assert_as_alone([loss(reduction=r) for r in ("mean", "sum", "sum", "mean")], *numbers)
    assert isinstance(whole, Replicas)
    assert whole.sizes == [1, 2, 1]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(("loss", "reference"), PAIRS)
def test_evaluation_in_pieces_gives_the_loss_of_the_whole(loss: Any, reference: Any, reduction):
    prediction, target = predictions(230, 2)
    found = evaluate(Identity(), loss(reduction=reduction), Dataset(prediction, target), [])
    expected = reference(prediction, target, reduction=reduction)
    assert found["loss"].item() == pytest.approx(expected.item(), rel=1e-12)


def test_evaluation_of_a_stack_of_means_and_sums():
    parts = [MSE(), CrossEntropy("sum"), Huber(reduction="sum"), MSE("sum"), BCE()]
    data = Dataset(*predictions(5, 230, 2))
    whole = evaluate(Identity(), stack(parts), data, [])["loss"]
    for i, part in enumerate(parts):
        own = Dataset(data.x[i], data.y[i])
        assert whole[i] == evaluate(Identity(), part, own, [])["loss"]


@pytest.mark.parametrize("coding", [lambda t: t, lambda t: 2 * t - 1])
def test_hinge_reads_0_and_1_as_minus_1_and_1(coding: Callable[[Tensor], Tensor]):
    z, target = predictions(9, 1)
    expected = (1 - (2 * target - 1) * z).clamp(min=0).mean()
    torch.testing.assert_close(Hinge().forward(z, coding(target)), expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", LOGITS)
def test_logits_far_out_are_finite(dtype: torch.dtype, loss: Any):
    logits = torch.tensor([[1000.0, -1000.0], [-1000.0, 1000.0], [0.0, 0.0]], dtype=dtype)
    target = torch.tensor([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0]], dtype=dtype)
    assert loss().forward(logits, target).isfinite()
    assert loss().backward(logits, target).isfinite().all()


def test_cross_entropy_takes_probabilities_as_torch_does():
    z, weights = predictions(6, 4)[0], predictions(6, 4)[0].flip(0)
    target = weights / weights.sum(dim=-1, keepdim=True)
    z.requires_grad_()
    expected = functional.cross_entropy(z, target)
    (gradient,) = torch.autograd.grad(expected, z)
    torch.testing.assert_close(CrossEntropy().forward(z.detach(), target), expected.detach())
    torch.testing.assert_close(CrossEntropy().backward(z.detach(), target), gradient)


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_company_changes_no_bit_of_a_cross_entropy(n: int):
    for k in range(1, 40):
        z, weights = torch.randn(2, 5, n, k, generator=seeded_generator(k, "tests"))
        target = torch.zeros_like(z).scatter(-1, weights.argmax(-1, keepdim=True), 1.0)
        assert_as_alone([CrossEntropy()] * 5, 3 * z, target)


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
