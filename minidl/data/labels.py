"""What the generators of classes share: noise, wrong labels, order, and targets."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from minidl.data.source import Dataset, DataSource


class Labelled(DataSource):
    """A source of points with labels, in classes of (nearly) equal size.

    ``noise`` is the deviation of the normal noise on every input. ``label_noise`` is the share of
    points whose class is drawn anew from all classes, as with scikit-learn's ``flip_y``.
    """

    d_in = 2

    def __init__(self, noise: float = 0.0, label_noise: float = 0.0, *, classes: int = 2):
        self.noise = not_negative("noise", noise)
        if not 0 <= label_noise <= 1:
            raise ValueError(f"label_noise must be from 0 to 1, got {label_noise}")
        if classes < 2:
            raise ValueError(f"there must be at least 2 classes, got {classes}")
        self.label_noise = label_noise
        self.task = "binary" if classes == 2 else "classes"
        self.d_out = 1 if classes == 2 else classes
        if type(self).classes is DataSource.classes:  # the source does not name them
            self.classes = tuple(map(str, range(classes)))

    def points(self, n: int, generator: Generator) -> tuple[Tensor, Tensor]:
        """Return ``n`` points ``(n, d_in)`` and their classes ``(n,)``, in any order."""
        raise NotImplementedError

    def draw(self, n: int, generator: Generator) -> Dataset:
        x, label = self.points(n, generator)
        order = torch.randperm(n, generator=generator)
        x, label = x[order], label[order]
        if self.noise:
            x = x + self.noise * torch.randn(x.shape, generator=generator)
        if self.label_noise:
            label = relabelled(label, len(self.classes), self.label_noise, generator)
        return Dataset(x, targets(label, len(self.classes)))


def not_negative(name: str, value: float) -> float:
    """Return a number; raises ValueError when it is negative."""
    if value < 0:
        raise ValueError(f"{name} must be at least 0, got {value}")
    return value


def relabelled(label: Tensor, classes: int, share: float, generator: Generator) -> Tensor:
    """Return labels, a share of which is drawn anew from all classes."""
    wrong = torch.rand(label.shape, generator=generator) < share
    return torch.where(wrong, torch.randint(classes, label.shape, generator=generator), label)


def targets(label: Tensor, classes: int) -> Tensor:
    """Return targets ``(n, 1)`` of 0 and 1 for two classes, one-hot ones ``(n, K)`` for more."""
    if classes == 2:
        return label.unsqueeze(-1).float()
    return one_hot(label, classes)


def one_hot(label: Tensor, classes: int) -> Tensor:
    """Return class numbers ``(n,)`` as ``(n, classes)``: 1 at the class's place and 0 elsewhere."""
    return (label.unsqueeze(-1) == torch.arange(classes)).float()


def shares(n: int, classes: int) -> list[int]:
    """Return how many of ``n`` points each class gets; the first classes may get one more."""
    return [n // classes + (k < n % classes) for k in range(classes)]


def blocks(n: int, classes: int) -> Tensor:
    """Return labels ``(n,)`` class by class, in ``shares``."""
    return torch.arange(classes).repeat_interleave(torch.tensor(shares(n, classes)))


def uniform(
    shape: tuple[int, ...], low: float | Tensor, high: float | Tensor, generator: Generator
) -> Tensor:
    """Return numbers that are uniform in [low, high)."""
    return low + (high - low) * torch.rand(shape, generator=generator)
