"""One cell of a study: its runs, and the records of those that have finished."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from minidl.study.run_spec import RunSpec
from minidl.study.store.stored_runs import Record


@dataclass(frozen=True)
class CellResults:
    """One cell of the grid: its values, its runs, and the records of those that have finished.

    ``records`` maps a seed to the run's record; it holds done and diverged runs only. ``failed`` is
    how many have failed.
    """

    values: dict[str, Any]
    runs: list[RunSpec]
    records: dict[int, Record]
    failed: int = 0

    @property
    def begun(self) -> bool:
        """Whether a run of it was ever made, even if it failed."""
        return bool(self.records or self.failed)

    @property
    def labels(self) -> dict[str, str]:
        """The cell's values as short texts."""
        return {axis: self.runs[0].labels[axis] for axis in self.values}

    @property
    def missing(self) -> list[RunSpec]:
        """The runs without numbers: not run yet, or failed."""
        return [run for run in self.runs if run.seed not in self.records]

    @property
    def diverged(self) -> list[Record]:
        """The runs whose weights became NaN or infinite."""
        return [record for record in self.records.values() if record.status == "diverged"]

    def metric(self, name: str) -> dict[int, float]:
        """Return a score by seed, NaN where the run had NaN."""
        values = {seed: record.final.get(name) for seed, record in self.records.items()}
        return {seed: float("nan") if v is None else v for seed, v in sorted(values.items())}


def scale_of(cells: Sequence[CellResults], axes: Iterable[str]) -> str | None:
    """Return the axis that is a scale of three numbers or more in every cell: the longest one."""
    numbers = {axis: {as_number(cell.values.get(axis)) for cell in cells} for axis in axes}
    lengths = {axis: len(own) for axis, own in numbers.items() if None not in own}
    longest = max(lengths, key=lengths.__getitem__, default=None)
    return longest if longest is not None and lengths[longest] > 2 else None


def as_number(value: Any) -> float | None:
    """Return a value of an axis as a number, None where it is none: ``[8]`` is one hidden layer."""
    if isinstance(value, list) and len(value) == 1:
        return as_number(value[0])
    return None if isinstance(value, (bool, str, list, dict)) or value is None else float(value)
