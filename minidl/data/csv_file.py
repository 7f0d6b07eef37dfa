"""A user's own table: a CSV file, identified by its content and not by its path."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from torch import Generator, Tensor

from minidl.data.columns import Columns, in_order, is_real, is_whole, read_columns
from minidl.data.finite import Finite
from minidl.data.labels import one_hot, targets
from minidl.data.source import Dataset
from minidl.registry import register

MAX_BYTES = 100_000_000
MOST_CLASSES = 20  # whole numbers with more values than this may as well be a regression


class Content(NamedTuple):
    """What a CSV file holds."""

    columns: Columns
    sha256: str


@register("data", "csv")
class CSV(Finite):
    """The rows of a CSV file whose first row names its columns.

    ``target`` is a column, or several for a regression; ``features`` are the inputs, by default all
    other columns; those in ``one_hot`` are text, with one input per value. A target of text or
    whole numbers makes classes, sorted, and one of other numbers a regression, unless ``task`` says
    otherwise. With ``stratify`` both parts have the classes in the shares of the whole.
    ``test: FILE`` takes another file with the same columns for the test set (``test_path``).

    ``path`` is relative to ``folder``, by default that of the grid file. ``sha256`` is the hash of
    the content; it is filled in, and from then on a file that has changed is refused.
    """

    def __init__(
        self,
        path: str,
        target: str | list[str],
        features: list[str] | None = None,
        one_hot: list[str] = [],  # noqa: B006  # a setting; nobody changes it
        task: Literal["classes", "regression"] | None = None,
        stratify: bool = False,
        test_path: str | None = None,
        folder: str = "",
        sha256: str | None = None,
    ):
        self.target_columns = [target] if isinstance(target, str) else target
        if not self.target_columns or not all(self.target_columns):
            raise ValueError("target must name a column")
        if features is not None and not features:
            raise ValueError("features must name at least one column")
        if len(self.target_columns) > 1 and (task == "classes" or stratify):
            raise ValueError("several target columns are a regression; classes have one")
        if task == "regression" and stratify:
            raise ValueError("stratify is for classes, and this is a regression")
        for name in self.target_columns:
            if name in (features or ()) or name in one_hot:
                raise ValueError(f"column {name!r} cannot be target and input")
        self.paths = [found(folder, own, sha256) for own in (path, test_path) if own is not None]
        self.features, self.one_hot, self.said_task = features, one_hot, task
        self.inputs: list[str] = []
        self.stratify, self.folder, self.sha256 = stratify, folder, sha256

    def load(self) -> None:
        """Read the file, or both.

        Raises ValueError, with file, line and column, for anything that cannot be read or has
        changed since the run was planned.
        """
        contents = [read(path) for path in self.paths]
        found = "+".join(content.sha256 for content in contents)
        if self.sha256 not in (None, found):
            files = " or ".join(map(str, self.paths))
            raise ValueError(
                f"{files} is not what it was: its content has the SHA-256 {found[:12]}..., "
                f"expected {str(self.sha256)[:12]}..."
            )
        self.sha256 = found
        first = contents[0].columns
        self.check_columns(first)
        self.inputs = self.choose(first)
        self.task, self.classes = self.answers(first)
        self.known = {name: first.values(name) for name in self.one_hot}
        whole, *others = [self.dataset(content.columns) for content in contents]
        self.whole, self.others = whole, others[0] if others else None
        self.size, self.d_in, self.d_out = len(whole.x), whole.x.shape[1], whole.y.shape[1]
        self.test_size = None if self.others is None else len(self.others.x)

    def version(self) -> Hashable:
        return tuple(map(version, self.paths))

    def found(self) -> dict[str, str | None]:
        return {"sha256": self.sha256}

    def check_columns(self, columns: Columns) -> None:
        """Raise ValueError for a column that is not there."""
        for name in (*self.target_columns, *(self.features or ()), *self.one_hot, *self.inputs):
            if name not in columns.cells:
                known = ", ".join(list(columns.cells)[:20])
                raise ValueError(f"{columns.place}: has no column {name!r}; its columns: {known}")

    def choose(self, columns: Columns) -> list[str]:
        """Return the columns that are inputs; raises ValueError when there is none, and for a
        column in ``one_hot`` that is not among them.
        """
        others = [name for name in columns.cells if name not in self.target_columns]
        chosen = others if self.features is None else self.features
        if not chosen:
            raise ValueError(f"{columns.place}: has no column beside the target")
        for name in self.one_hot:
            if name not in chosen:
                raise ValueError(f"one_hot column {name!r} is not among the features")
        return chosen

    def answers(self, columns: Columns) -> tuple[str, tuple[str, ...]]:
        """Return the task, and the names of its classes; raises ValueError when the task has to be
        given, and when there is only one class.
        """
        first = self.target_columns[0]
        cells = columns.texts(first)
        names = in_order(cells)
        task = self.said_task
        if task is None:
            task = "regression" if len(self.target_columns) > 1 else guess(columns, first, names)
        if task == "regression":
            if self.stratify:
                raise ValueError("stratify is for classes, and this is a regression")
            return task, ()
        names = columns.values(first)
        if len(names) < 2:
            raise ValueError(f"{columns.place}: column {first!r} has one class only: {names[0]!r}")
        return ("binary" if len(names) == 2 else "classes"), tuple(names)

    def dataset(self, columns: Columns) -> Dataset:
        """Return the points of a file."""
        self.check_columns(columns)
        x = torch.cat([self.input(columns, name) for name in self.inputs], dim=-1)
        if self.task == "regression":
            numbers = [columns.numbers(name) for name in self.target_columns]
            return Dataset(x, torch.cat(numbers, dim=-1))
        label = columns.one_of(self.target_columns[0], self.classes)
        return Dataset(x, targets(label, len(self.classes)))

    def input(self, columns: Columns, name: str) -> Tensor:
        """Return one column as inputs: ``(n, 1)``, or one-hot ``(n, values)``."""
        if name not in self.known:
            return columns.numbers(name)
        return one_hot(columns.one_of(name, self.known[name]), len(self.known[name]))

    def table(self) -> Dataset:
        return self.whole

    def parts(self, train: int, test: int, generator: Generator) -> tuple[Dataset, Dataset]:
        if self.others is None:
            return super().parts(train, test, generator)
        return super().parts(train, 0, generator)[0], self.others.split(test)[0]


def guess(columns: Columns, name: str, values: list[str]) -> str:
    """Return the task that a target column suggests; raises ValueError when it may be either."""
    if not is_real(values):
        return "classes"
    if not is_whole(values):
        return "regression"
    if len(values) > MOST_CLASSES:
        raise ValueError(
            f"{columns.place}: column {name!r} has {len(values)} whole numbers: say task: classes "
            "or task: regression"
        )
    return "classes"


def found(folder: str, path: str, sha256: str | None) -> Path:
    """Return where a file lies: below its folder, or, if it is not there and its content is known,
    as for a run that was moved, below the current folder.
    """
    own = Path(folder) / path
    moved = Path(path)
    return moved if sha256 is not None and not own.exists() and moved.exists() else own


def version(path: Path) -> tuple[Path, int, int, int]:
    """Return a value that changes when a file does; raises ValueError when it cannot be read."""
    try:
        if not path.is_file():
            reason = "is not a regular file" if path.exists() else "No such file or directory"
            raise ValueError(f"{path}: cannot be read: {reason}")
        facts = path.stat()
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None
    if facts.st_size > MAX_BYTES:
        raise ValueError(f"{path}: the file is too large; allowed: {MAX_BYTES:,} bytes")
    return path, facts.st_size, facts.st_mtime_ns, facts.st_ino


def read(path: Path) -> Content:
    """Return what a file holds."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, byte = data[: error.start].count(b"\n") + 1, data[error.start]
        raise ValueError(f"{path}:{line}: must be UTF-8 text, got the byte 0x{byte:02x}") from None
    return Content(read_columns(text, str(path)), hashlib.sha256(data).hexdigest())
