"""Random bits by counting: the same for the same key, step and place, in any stack.

SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014) mixes the
numbers ``s, s + g, s + 2 g, ...`` one by one, so each can be computed without those before it. It
uses integer operations alone, which never round: a network gets the same bits alone and in a stack,
and a step that draws bits can be replayed.
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor


def signed(number: int) -> int:
    """Return the number in the range of int64 that has the same 64 bits."""
    return (number + 2**63) % 2**64 - 2**63


GOLDEN = signed(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio
FIRST, SECOND = signed(0xBF58476D1CE4E5B9), signed(0x94D049BB133111EB)


def key_of(generator: Generator) -> Tensor:
    """Draw the key ``(1, 1)`` of a stream."""
    return torch.empty(1, 1, dtype=torch.int64).random_(-(2**63), None, generator=generator)


def bits(key: Tensor, step: Tensor, n: int, d: int) -> Tensor:
    """Return 64 bits for each of ``(*stack, n, d)`` places, as int64 from -2^63 to 2^63 - 1.

    ``key`` and ``step`` are ``(*stack, 1, 1)``; every step of a key starts at a number of its own.
    """
    start = mixed(key + step * GOLDEN)
    places = torch.arange(1, n * d + 1).view(n, d)
    return mixed(start + places * GOLDEN)


def mixed(z: Tensor) -> Tensor:
    """Mix 64 bits, one to one, until each depends on all: the output function of SplitMix64."""
    z = folded(z, 30) * FIRST
    z = folded(z, 27) * SECOND
    return folded(z, 31)


def folded(z: Tensor, by: int) -> Tensor:
    """Return ``z ^ (z >>> by)``: torch shifts copies of the sign in, and the mask removes them."""
    shifted = torch.bitwise_right_shift(z, by)
    return shifted.bitwise_and_(2 ** (64 - by) - 1).bitwise_xor_(z)
