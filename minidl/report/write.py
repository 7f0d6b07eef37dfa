"""The files beside a store, made from it: the study as resolved, tables, and verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from minidl.report.drawn import read_drawn, remove
from minidl.report.pages.verdicts import to_markdown
from minidl.report.reference.reference import load_reference
from minidl.report.results import Results, read_results
from minidl.report.tables.accuracies import tables
from minidl.report.tables.formats import render
from minidl.report.tables.table import Table
from minidl.report.verdicts.judgement import Judgement, judge_results
from minidl.study.files.writing import write_atomically
from minidl.study.grid.load import parse_study
from minidl.study.grid.spec import StudySpec
from minidl.study.store.lock import one_reporter


@dataclass(frozen=True)
class Reports:
    """What was written: the tables, and the judgement of a study that names a reference."""

    tables: list[Table]
    judgement: Judgement | None
    results: Results
    replaced: str | None  # the name of another study, whose pages were here


def write_reports(folder: Path) -> Reports:
    """Write ``study.yaml``, ``tables.md``, ``tables.csv`` and, given a reference, ``verdicts.md``.

    Pages of another study, or of this one as it was with another grid or other settings, go: its
    figures, and its verdicts when there are no new ones.

    Raises InputError when there is no store, or a file cannot be written.
    """
    with one_reporter(folder):
        results = read_results(folder)
        made = tables(results)
        replaced = study_before(folder, results.study)
        if replaced is not None:
            remove(folder / "figures", read_drawn(folder / "figures").files)
        write_atomically(folder / "study.yaml", results.study.to_yaml())
        for format in ("md", "csv"):
            write_atomically(folder / f"tables.{format}", render(made, format))
        if results.study.reference is None:
            remove(folder, ["verdicts.md"])
            return Reports(made, None, results, replaced)
        judgement = judge_results(results, load_reference(results.study.reference))
        write_atomically(folder / "verdicts.md", to_markdown(judgement))
        return Reports(made, judgement, results, replaced)


def study_before(folder: Path, study: StudySpec) -> str | None:
    """Return the name of the study whose pages lie here, None when they are this study's, with
    these seeds or others.
    """
    try:
        path = folder / "study.yaml"
        before = parse_study(path.read_text(), str(path))
    except (OSError, ValueError):  # there is none, or a version of minidl that knew other settings
        return None
    same = before.model_dump(exclude={"seeds"}) == study.model_dump(exclude={"seeds"})
    return None if same else before.name
