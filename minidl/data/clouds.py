"""Classes that are clouds of points around centres."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from minidl.data.labels import Labelled, blocks, not_negative, uniform
from minidl.registry import register


@register("data", "blobs")
class Blobs(Labelled):
    """Round normal clouds of deviation ``cluster_std``, as in scikit-learn's ``make_blobs``.

    Their ``centers`` are drawn from the box ``center_box`` in every dimension, so each seed has
    centres of its own; a pinned ``data.seed`` fixes them.
    """

    def __init__(
        self,
        centers: int = 3,
        n_features: int = 2,
        cluster_std: float = 1.0,
        center_box: list[float] = [-10.0, 10.0],  # noqa: B006  # a setting; nobody changes it
        label_noise: float = 0.0,
    ):
        not_negative("cluster_std", cluster_std)
        super().__init__(cluster_std, label_noise, classes=centers)
        if n_features < 1:
            raise ValueError(f"n_features must be at least 1, got {n_features}")
        if len(center_box) != 2 or center_box[0] > center_box[1]:
            raise ValueError(f"center_box must be [lowest, highest], got {center_box}")
        self.d_in, self.box = n_features, center_box

    def points(self, n: int, generator: Generator) -> tuple[Tensor, Tensor]:
        label = blocks(n, len(self.classes))
        shape = (len(self.classes), self.d_in)
        centers = uniform(shape, self.box[0], self.box[1], generator)
        return centers[label], label


@register("data", "gauss")
class Gauss(Labelled):
    """Two normal clouds around (-2, -2) and (2, 2), as in TensorFlow Playground: the variance is
    0.5 + 7 noise.
    """

    def __init__(self, noise: float = 0.0, label_noise: float = 0.0):
        super().__init__(0.0, label_noise)
        self.deviation = (0.5 + 7 * not_negative("noise", noise)) ** 0.5

    def points(self, n: int, generator: Generator) -> tuple[Tensor, Tensor]:
        label = blocks(n, 2)
        centre = 4.0 * label.unsqueeze(-1) - 2
        return centre + self.deviation * torch.randn(n, 2, generator=generator), label

    def boundary(self) -> Tensor:
        return torch.tensor([[-6.0, 6.0], [6.0, -6.0]], dtype=torch.float64)


@register("data", "linear")
class Linear(Labelled):
    """Two clouds, sheared at random, that a line (nearly) separates, as in scikit-learn's
    ``make_classification`` without redundant features and with one cluster per class.

    The clouds stand at two corners of a cube of edge ``2 class_sep``. Each seed shears them anew,
    unless ``data.seed`` is pinned.
    """

    def __init__(
        self,
        n_features: int = 2,
        class_sep: float = 1.0,
        noise: float = 0.0,
        label_noise: float = 0.0,
    ):
        super().__init__(noise, label_noise)
        if n_features < 1:
            raise ValueError(f"n_features must be at least 1, got {n_features}")
        self.d_in, self.class_sep = n_features, class_sep

    def points(self, n: int, generator: Generator) -> tuple[Tensor, Tensor]:
        label = blocks(n, 2)
        first = torch.randint(2, (self.d_in,), generator=generator)
        turned = torch.rand(self.d_in, generator=generator).argsort() < (self.d_in + 1) // 2
        corners = torch.stack([first, torch.where(turned, 1 - first, first)]).float()
        shear = uniform((2, self.d_in, self.d_in), -1, 1, generator)
        x = torch.randn(n, 1, self.d_in, generator=generator) @ shear[label]
        return x.squeeze(1) + self.class_sep * (2 * corners[label] - 1), label
