"""Studies from Python: run one or read one, and have its runs, curves, tables and verdicts."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from minidl.report.given import check_changes, check_flag, check_grid, check_path, check_texts
from minidl.report.pages.claims import answer_numbers, claims_table
from minidl.report.pages.published import numbers_table
from minidl.report.reference.reference import published
from minidl.report.results import Results, read_results
from minidl.report.runs import export
from minidl.report.tables.formats import to_html, to_markdown
from minidl.report.tables.scores import tables
from minidl.report.tables.table import Table
from minidl.report.verdicts.judgement import Judgement, compare, judge_results
from minidl.report.words import counted
from minidl.report.write import write_reports, write_whole


def read(folder: str | os.PathLike[str]) -> Study:
    """Read a study's folder of results; neither torch nor any component is loaded.

    Raises InputError when there is no store in it, or something is wrong with it.
    """
    check_path("folder", folder)
    return Study(read_results(Path(folder)))


def run(
    grid: str | os.PathLike[str] | Mapping[str, Any],
    out: str | os.PathLike[str] | None = None,
    *,
    seeds: int | None = None,
    changes: Mapping[str, Any] | None = None,
    only: Sequence[str] = (),
    jobs: int = 1,
    fresh: bool = False,
) -> Study:
    """Train what is missing of a study, as ``minidl run`` does, and return all of it.

    ``grid`` is a grid file, the name of a study that ships, or a dictionary of what such a file
    says. ``out`` is the folder for the results, ``results/<name>`` by default; ``changes`` maps
    settings to values, as ``--set`` does, and ``only`` takes ``KEY=VALUE`` texts. A stack is stored
    as soon as it is finished: after an interrupt the same call goes on. ``jobs`` is how many
    processes train, 1 for this one. A run that failed is told by its ``status`` in ``runs``.

    Raises InputError for whatever is wrong with the arguments or the folder.
    """
    check_grid(grid)
    if out is not None:
        check_path("out", out)
    check_changes("changes", changes or {})
    check_texts("only", only)
    check_flag("fresh", fresh)
    from minidl.report.prepare import prepare
    from minidl.study.files.yaml_file import plain_text
    from minidl.study.grid.change import Change
    from minidl.study.grid.load import load_study, study_of
    from minidl.study.run import run_study

    told = [
        Change(key, plain_text(value, f"changes: {key}"), f"changes: {key}")
        for key, value in (changes or {}).items()
    ]
    load, named = (study_of, grid) if isinstance(grid, Mapping) else (load_study, os.fspath(grid))
    study, runs, notes = prepare(load, named, told, seeds, only)
    for note in notes:
        warnings.warn(note, stacklevel=2)
    folder = Path("results", study.name) if out is None else Path(out)
    run_study(study, runs, folder, jobs=jobs, fresh=fresh)
    return Study(write_reports(folder).results)


@dataclass(frozen=True)
class Study:
    """A study's results, as they were when it was read. Frames are pandas' where it is installed,
    and otherwise lists of dictionaries.
    """

    results: Results

    @property
    def folder(self) -> Path:
        """Where its store lies."""
        return self.results.folder

    @property
    def runs(self) -> Any:
        """A frame of its finished runs: settings in short, seed, status and scores."""
        return frame(export(self.folder)[1])

    @property
    def curves(self) -> Any:
        """A frame with a row for each evaluation of each run."""
        return frame(export(self.folder, curves=True)[1])

    @cached_property
    def tables(self) -> Tables:
        """The tables of scores, mean and deviation over the seeds of each cell."""
        return Tables(tables(self.results))

    @cached_property
    def judgement(self) -> Judgement | None:
        """All that its reference lets one say of it, None without one."""
        reference = published(self.results.study)
        return None if reference is None else judge_results(self.results, reference)

    @property
    def verdicts(self) -> Any:
        """A frame of the verdicts on the claims of its reference, empty without any."""
        return frame([] if self.judgement is None else claims_table(self.judgement.claims).numbers)

    @property
    def published(self) -> Any:
        """A frame of the reference's numbers, each with ours and its verdict."""
        return frame([] if self.judgement is None else numbers_table(self.judgement).numbers)

    def compare(
        self, factor: str, *levels: str, measure: str | None = None, margin: float | None = None
    ) -> Any:
        """Return a frame of whether any two levels of a factor differ, as ``minidl compare`` asks.

        Its ``explanation`` is a sentence. Raises InputError for an unknown factor, level or
        measure.
        """
        check_texts("levels", levels)
        check_texts("factor and measure", [factor, measure or ""])
        answers = compare(self.folder, factor, levels, measure, margin=margin)
        return frame(map(answer_numbers, answers))

    def report(self, out: str | os.PathLike[str] | None = None) -> Path:
        """Write its page, ``report.html`` beside the store by default, and return the path.

        As ``minidl report`` does, this trains the networks of one seed again, for up to a minute or
        two, where the store holds no weights from while they were trained.

        Raises InputError when it cannot be written.
        """
        if out is not None:
            check_path("out", out)
        return write_whole(self.folder, None if out is None else Path(out))

    def __repr__(self) -> str:
        cells, missing = len(self.results.cells), len(self.results.missing)
        runs = sum(len(cell.runs) for cell in self.results.cells)
        sizes = f"{counted(cells, 'cell')}, {runs - missing} of {counted(runs, 'run')}"
        return f"Study {self.results.study.name!r} in {self.folder}: {sizes}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>\n{to_html(self.tables)}"


class Tables(list[Table]):
    """Tables that a notebook shows as such, and a terminal as Markdown."""

    def __repr__(self) -> str:
        return to_markdown(self)

    def _repr_html_(self) -> str:
        return to_html(self)


def frame(rows: Iterable[dict[str, Any]]) -> Any:
    """Return rows as pandas' DataFrame where pandas is installed, and otherwise as a list."""
    if find_spec("pandas") is None:
        return list(rows)
    import pandas  # pyright: ignore[reportMissingImports]  # whoever has it wants it

    return pandas.DataFrame(list(rows))
