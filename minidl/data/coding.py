"""Classes with other targets: one-hot where one output would do, or -1 in place of 0."""

from __future__ import annotations

from torch import Generator, Tensor

from minidl.data.labels import one_hot
from minidl.data.source import Dataset, DataSource


class Coded(DataSource):
    """A source of classes with a given number of ``outputs``, and with ``neg_label`` (0 or -1) as
    the target that means no, as in scikit-learn's ``LabelBinarizer``.

    Two classes may have one output or two, K classes have K. Raises ValueError for other numbers,
    and for a regression.
    """

    def __init__(self, source: DataSource, outputs: int | None = None, neg_label: int = 0):
        if source.task == "regression":
            raise ValueError("outputs and neg_label are for classes, and this is a regression")
        allowed = (1, 2) if source.task == "binary" else (source.d_out,)
        if outputs not in (None, *allowed):
            known = " or ".join(map(str, allowed))
            raise ValueError(f"outputs must be {known} for these classes, got {outputs}")
        self.source, self.neg_label = source, neg_label
        self.d_in, self.d_out = source.d_in, outputs or source.d_out
        self.task = "binary" if self.d_out == 1 else "classes"
        self.classes, self.size = source.classes, source.size
        self.test_size, self.stratify = source.test_size, source.stratify

    def draw(self, n: int, generator: Generator) -> Dataset:
        return self.code(self.source.draw(n, generator))

    def parts(self, train: int, test: int, generator: Generator) -> tuple[Dataset, Dataset]:
        own, others = self.source.parts(train, test, generator)
        return self.code(own), self.code(others)

    def code(self, data: Dataset) -> Dataset:
        """Return the same points with the targets that were asked for."""
        y = data.y
        if self.d_out > y.shape[-1]:
            y = one_hot((y >= 0.5).long().squeeze(-1), self.d_out)
        return Dataset(
            data.x, y if self.neg_label == 0 else (1 - self.neg_label) * y + self.neg_label
        )

    def is_drawn(self, train: int, test: int) -> bool:
        return self.source.is_drawn(train, test)

    def found(self) -> dict[str, str | None]:
        return self.source.found()

    def boundary(self) -> Tensor | None:
        return self.source.boundary()
