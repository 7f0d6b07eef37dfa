"""Data sets, and the sources that points are drawn from."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from typing import NamedTuple

from torch import Generator, Tensor

from minidl.data.scaling import scaled
from minidl.engine.layout import dimensions


class Dataset(NamedTuple):
    """Inputs ``x`` ``(*stack, n, d_in)`` and targets ``y`` ``(*stack, n, d_out)``."""

    x: Tensor
    y: Tensor

    def __repr__(self) -> str:
        return f"Dataset(x {dimensions(self.x)}, y {dimensions(self.y)})"

    def split(self, n: int) -> tuple[Dataset, Dataset]:
        """Cut into the first n points and the rest."""
        return (
            Dataset(self.x[..., :n, :], self.y[..., :n, :]),
            Dataset(self.x[..., n:, :], self.y[..., n:, :]),
        )

    def standardise(self, reference: Dataset) -> Dataset:
        """Shift and scale the inputs by the mean and deviation of another set's inputs; a column
        that is constant there is only shifted.
        """
        return Dataset(scaled(self.x, reference.x, "train"), self.y)


class DataSource:
    """A source of points, which knows their shape, their task, and the truth if there is one.

    ``d_in`` and ``d_out`` are the numbers of inputs and outputs; ``task`` is ``binary`` (one
    output, targets 0 and 1), ``classes`` (K outputs, one-hot) or ``regression``. ``classes`` names
    the answers, in the order of their targets.

    Classes may be coded with -1 in place of 0: then ``neg_label`` is -1.

    ``size`` is the number of points where it is fixed, ``test_size`` that of a separate test set.
    With ``stratify`` every part that is split off has the classes in the shares of the whole.
    ``train`` and ``test`` are how many points a study takes by default: counts or shares, None for
    the rest.
    """

    d_in: int
    d_out: int
    task: str
    classes: tuple[str, ...] = ("0", "1")
    neg_label: int = 0
    size: int | None = None
    test_size: int | None = None
    stratify: bool = False
    train: int | float | None = 1000
    test: int | float | None = 1000

    def version(self) -> Hashable:
        """Return a value that changes when something read from outside, such as a file, does."""
        return None

    def load(self) -> None:
        """Read whatever comes from outside; from then on the attributes are valid.

        This and ``version`` raise ValueError for anything that is missing or not as expected.
        """

    def found(self) -> dict[str, str | None]:
        """Return those of its arguments that loading has filled in."""
        return {}

    def draw(self, n: int, generator: Generator) -> Dataset:
        """Return ``n`` points, drawn from the generator alone."""
        raise NotImplementedError

    def parts(self, train: int, test: int, generator: Generator) -> tuple[Dataset, Dataset]:
        """Return the points to train on and those to test on."""
        return self.draw(train + test, generator).split(train)

    def is_drawn(self, train: int, test: int) -> bool:  # noqa: ARG002  # a finite one needs them
        """Whether the generator decides anything about these parts."""
        return True

    def boundary(self) -> Tensor | None:
        """Return the true boundary between two classes as a line ``(points, d_in)``, if any; NaN
        stands between its pieces.
        """
        return None

    def truth(self, x: Tensor) -> Tensor | None:  # noqa: ARG002  # most do not know it
        """Return the true values ``(n, d_out)`` of a regression at some inputs, without noise, if
        they are known.
        """
        return None


def sizes(
    source: DataSource, train: int | float | None, test: int | float | None
) -> tuple[int, int]:
    """Return how many points of a source to train and to test on.

    For a finite source each may be a count, a share (a test set is rounded up and a training set
    down, as by scikit-learn's ``train_test_split``) or None: whatever the other leaves. Raises
    ValueError when there are too few points, or for a share of a source that has no size.
    """
    n, other = source.size, source.test_size
    if n is None:
        return count("train", train), count("test", test)
    if other is None:
        own_test = counted(test, n, math.ceil)
        own_train = counted(train, n, math.floor)
        own_train = n - (own_test or 0) if own_train is None else own_train
        own_test = n - own_train if own_test is None else own_test
        fits = own_test >= 0 and own_train + own_test <= n
    else:
        own_train, own_test = counted(train, n, math.floor), counted(test, other, math.ceil)
        own_train = n if own_train is None else own_train
        own_test = other if own_test is None else own_test
        fits = own_train <= n and own_test <= other
    if own_train < 2:
        raise ValueError(f"train must be at least 2 points, got {max(own_train, 0)} of {n:,}")
    if not fits:
        have = f"{n:,} points together" if other is None else f"{n:,} and {other:,} points"
        raise ValueError(
            f"train and test must be at most {have}, got {own_train} and {max(own_test, 0)}"
        )
    return own_train, own_test


def counted(value: int | float | None, n: int, whole: Callable[[float], int]) -> int | None:
    """Return a size as a count: a share of n is rounded to a whole number."""
    return whole(value * n) if isinstance(value, float) else value


def count(part: str, value: int | float | None) -> int:
    """Return a count; raises ValueError for a share or None, as there is no whole to share."""
    if not isinstance(value, int):
        raise ValueError(f"{part} must be a count, since the points are drawn, got {value}")
    return value
