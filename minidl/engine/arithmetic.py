"""The settings of a process with which training computes, restored afterwards."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def arithmetic() -> Iterator[None]:
    """Compute on one thread, with denormal numbers flushed to zero, and with no autograd.

    With more threads a product rounds differently alone and in a stack, and networks this small are
    no faster. The velocities of dead units decay into denormals, which are tens of times slower.
    """
    threads, flushed = torch.get_num_threads(), flushes_denormals()
    use_threads(1)
    torch.set_flush_denormal(True)
    try:
        with torch.no_grad():
            yield
    finally:
        torch.set_flush_denormal(flushed)
        use_threads(threads)


def use_threads(count: int) -> None:
    if torch.get_num_threads() != count:
        torch.set_num_threads(count)


def flushes_denormals() -> bool:
    """Whether this thread flushes denormal numbers to zero. Torch cannot tell, only set it."""
    smallest_normal = sys.float_info.min
    return smallest_normal / 2 == 0
