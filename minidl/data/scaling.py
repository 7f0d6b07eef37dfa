"""Columns brought to one scale, which is that of another set: as a rule, of the training points."""

from __future__ import annotations

import torch
from torch import Tensor


def scaled(x: Tensor, reference: Tensor, how: str) -> Tensor:
    """Shift and divide the columns of ``x`` ``(*stack, n, d)`` by statistics of another set.

    ``standard`` takes mean and deviation (that of the set itself, as in scikit-learn's
    ``StandardScaler``), ``minmax`` the smallest number and the range, ``train`` and ``own`` mean
    and deviation as estimated from a sample. A column that is constant in the other set is only
    shifted, to 0.
    """
    shift, scale = SCALES[how](reference)
    first = reference[..., :1, :]
    constant = (reference == first).all(dim=-2, keepdim=True)
    return (x - torch.where(constant, first, shift)) / torch.where(constant, 1.0, scale)


def standard(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and deviation of each column, the latter of the set itself."""
    return x.mean(dim=-2, keepdim=True), x.std(dim=-2, keepdim=True, correction=0)


def sample(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and deviation of each column, the latter as estimated from a sample."""
    return x.mean(dim=-2, keepdim=True), x.std(dim=-2, keepdim=True)


def minmax(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the smallest number of each column, and its range."""
    low, high = x.amin(dim=-2, keepdim=True), x.amax(dim=-2, keepdim=True)
    return low, high - low


SCALES = {"standard": standard, "minmax": minmax, "train": sample, "own": sample}
