"""Activations have the same bits alone, in any stack, and wherever a number lies in memory."""

from typing import Any

import pytest
import torch
from torch import Tensor

from minidl import ELU, GELU, SELU, HardTanh, Softmax, Softplus, seeded_generator, stack
from minidl.registry import KINDS
from minidl.replicas import Replicas

ELEMENTWISE = [name for name in KINDS["activation"] if name != "softmax"]


def numbers(*shape: int) -> Tensor:
    return 3 * torch.randn(shape, generator=seeded_generator(5, "tests"))


def both_ways(module: Any, x: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor]:
    return module.forward(x), module.backward(gradient)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_number_is_rounded_alike_wherever_it_lies(name: str):
    """torch's vectorised loops and the tails behind them may take different paths."""
    build, (x, gradient) = KINDS["activation"][name], numbers(2, 1, 300)
    whole = both_ways(build(), x, gradient)
    for start in range(0, 40, 3):
        for length in (*range(1, 70, 4), 127, 130):
            part = slice(start, start + length)
            for own in ((x[:, part], gradient[:, part]), (x[:, part].clone(), gradient[:, part])):
                for ours, all_of_it in zip(both_ways(build(), *own), whole, strict=True):
                    assert torch.equal(ours, all_of_it[:, part]), (start, length)


@pytest.mark.parametrize(
    "parts",
    [
        [ELU(0.3), ELU(1.7), SELU(), ELU(0.0)],
        [Softplus(3.0), Softplus(0.7, threshold=1.0), Softplus(1.1)],
        [HardTanh(), HardTanh(-0.3, 0.7), HardTanh(min_val=0.1)],
        [GELU(), GELU("tanh"), GELU("tanh"), GELU()],
    ],
    ids=lambda parts: type(parts[0]).__name__,
)
@pytest.mark.parametrize("n", [1, 7])
def test_arguments_may_differ_between_replicas(parts: list[Any], n: int):
    x, gradient = numbers(2, len(parts), n, 9)
    together = stack(parts)
    assert isinstance(together, Replicas) is isinstance(parts[0], GELU)
    for whole, *alone in zip(
        both_ways(together, x, gradient),
        *(both_ways(part, x[i], gradient[i]) for i, part in enumerate(parts)),
        strict=True,
    ):
        assert torch.equal(whole, torch.stack(alone))


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_company_changes_no_bit_of_a_softmax(n: int):
    for k in range(1, 40):
        x, gradient = torch.randn(2, 5, n, k, generator=seeded_generator(k, "tests"))
        whole = both_ways(Softmax(), x, gradient)
        for i in range(5):
            alone = both_ways(Softmax(), x[i].clone(), gradient[i].clone())
            assert torch.equal(whole[0][i], alone[0])
            assert torch.equal(whole[1][i], alone[1])


@pytest.mark.parametrize("name", KINDS["activation"])
def test_values_stay_inside_the_range(name: str):
    activation = KINDS["activation"][name]()
    low, high = getattr(activation, "range", (-torch.inf, torch.inf))
    y = activation.forward(torch.cat([numbers(50, 3), torch.tensor([[1e4, -1e4, 0.0]])]))
    assert y.isfinite().all()
    assert ((y >= low) & (y <= high)).all()
