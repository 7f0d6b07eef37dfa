"""A study as its store knows it: what a reader needs, without loading any component."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from minidl.study.run_spec import RunSpec


@dataclass(frozen=True)
class Outline:
    """A study's name, axes, seeds and runs, cell by cell, and what it is judged by.

    ``planned_seeds`` is how many seeds its verdicts are to rest on, None if it does not say.
    ``reference`` names the published numbers; ``reference_text`` is the file as it was when the
    study was last run; its numbers count unless they are not ``published`` for these settings. The
    runs of one cell share their ``settings`` and their ``cell``.
    """

    name: str
    axes: list[str]
    seeds: list[int]
    reference: str | None
    reference_text: str | None
    yaml: str
    runs: Sequence[RunSpec]
    planned_seeds: int | None = None
    published: bool = True

    def axes_of(self, cells: Iterable[Iterable[str]]) -> list[str]:
        """Return what varies: the axes of the grid, and after them the keys that an include adds to
        some cells, which are given by their keys.
        """
        return list(dict.fromkeys([*self.axes, *(key for cell in cells for key in cell)]))

    def cells(self) -> list[list[RunSpec]]:
        """Return the runs of each cell, in the order of the grid."""
        cells: dict[int, list[RunSpec]] = {}
        for run in self.runs:
            cells.setdefault(id(run.cell), []).append(run)
        return list(cells.values())
