"""The files beside a store, made from it: the study as resolved, tables, and verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from minidl.report.pages.verdicts import to_markdown
from minidl.report.reference.reference import published
from minidl.report.results import read_results
from minidl.report.tables.formats import render
from minidl.report.tables.scores import tables
from minidl.report.tables.table import Table
from minidl.report.verdicts.judgement import Judgement, judge_results
from minidl.study.files.folder import write_inside
from minidl.study.files.printable import printable_lines
from minidl.study.store.lock import one_reporter


@dataclass(frozen=True)
class Reports:
    """What was written: the tables, and the judgement of a study that names a reference."""

    tables: list[Table]
    judgement: Judgement | None


def write_reports(folder: Path) -> Reports:
    """Write ``study.yaml``, ``tables.md``, ``tables.csv`` and, given a reference, ``verdicts.md``.

    Raises InputError when there is no store, or a file cannot be written.
    """
    with one_reporter(folder):
        results = read_results(folder)
        made = tables(results)
        write_inside(folder, "study.yaml", results.study.yaml)
        for format in ("md", "csv"):
            write_inside(folder, f"tables.{format}", render(made, format))
        if (reference := published(results.study)) is None:
            return Reports(made, None)
        judgement = judge_results(results, reference)
        write_inside(folder, "verdicts.md", printable_lines(to_markdown(judgement)))
        return Reports(made, judgement)
