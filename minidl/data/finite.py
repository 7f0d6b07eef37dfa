"""Sources with a fixed number of points: they are split, not drawn."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from minidl.data.source import Dataset, DataSource


class Finite(DataSource):
    """A table of points; a seed takes some of them to train on and others to test on.

    With ``stratify`` both parts have the classes in the same shares as the table, as far as whole
    points allow. A table used whole for training keeps its order, and the seed does not matter.
    """

    train, test = None, 0.25

    def table(self) -> Dataset:
        """Return all points."""
        raise NotImplementedError

    def is_drawn(self, train: int, test: int) -> bool:  # noqa: ARG002  # as in the base class
        return train != self.size

    def draw(self, n: int, generator: Generator) -> Dataset:
        return self.parts(n, 0, generator)[0]

    def parts(self, train: int, test: int, generator: Generator) -> tuple[Dataset, Dataset]:
        whole = self.table()
        if not self.is_drawn(train, test):
            return whole.split(train) if test else (whole, whole.split(train)[1])
        order = torch.randperm(len(whole.x), generator=generator)
        if self.stratify:
            order = stratified(order, label_of(whole.y), train, test)
        chosen = Dataset(whole.x[order], whole.y[order])
        own, others = chosen.split(train)
        return own, others.split(test)[0]


def label_of(y: Tensor) -> Tensor:
    """Return the class numbers ``(n,)`` that targets stand for."""
    return y.argmax(dim=-1) if y.shape[-1] > 1 else (y > 0.5).long().squeeze(-1)


def stratified(order: Tensor, label: Tensor, train: int, test: int) -> Tensor:
    """Return an order whose first ``train`` points, and the ``test`` after them, have the classes
    in the shares of the whole.
    """
    groups = [order[label[order] == k] for k in label.unique()]
    counts = torch.tensor([len(group) for group in groups])
    taken = allotted(train, counts)
    tested = allotted(test, counts - taken)
    pieces = [
        group.split([int(a), int(b), len(group) - int(a) - int(b)])
        for group, a, b in zip(groups, taken, tested, strict=True)
    ]
    mixed = [torch.cat(column) for column in zip(*pieces, strict=True)]
    place = torch.empty_like(order)
    place[order] = torch.arange(len(order))
    return torch.cat([part[place[part].argsort()] for part in mixed])


def allotted(n: int, counts: Tensor) -> Tensor:
    """Return how many of ``n`` go to each class, in proportion to the counts; what is left over
    goes to the largest remainders.
    """
    total = max(int(counts.sum()), 1)
    own = counts * n // total
    first = (counts * n % total).argsort(descending=True, stable=True)
    own[first[: n - int(own.sum())]] += 1
    return own
