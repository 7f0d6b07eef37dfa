"""The initialiser of axeldinh/DeepLearning, Proj2, as it ran: normal with the deviation squared."""

from typing import Literal

import torch

from minidl import register

GAINS = {"relu": 2**0.5, "tanh": 5 / 3, "linear": 1.0}


@register("init", "std_squared")
def std_squared(
    d_in: int,
    d_out: int,
    generator: torch.Generator,
    *,
    fan: Literal["in", "both"] = "in",
    gain: Literal["relu", "tanh", "linear"] = "linear",
) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights and biases normal, with the variance of xavier or he as their deviation."""
    variance = GAINS[gain] ** 2 * (2 / (d_in + d_out) if fan == "both" else 1 / d_in)
    weight = torch.randn(d_in, d_out, generator=generator) * variance
    return weight, torch.randn(1, d_out, generator=generator) * variance
