"""The files beside a store, made from it: the study as resolved, tables, and verdicts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from minidl.report.drawn import read_drawn, remove
from minidl.report.pages.verdicts import to_markdown
from minidl.report.reference.reference import published
from minidl.report.results import Results, read_results
from minidl.report.tables.formats import render
from minidl.report.tables.scores import tables
from minidl.report.tables.table import Table
from minidl.report.verdicts.judgement import Judgement, judge_results
from minidl.report.verdicts.planned import take_look
from minidl.study.errors import InputError
from minidl.study.files.folder import write_inside
from minidl.study.files.printable import printable_lines
from minidl.study.files.reading import read_text
from minidl.study.files.writing import write_atomically
from minidl.study.files.yaml_file import parse_yaml
from minidl.study.outline import Outline
from minidl.study.store.lock import OnWait, one_reporter

if TYPE_CHECKING:
    from minidl.report.networks.again import Again

PAGE = "report.html"
BESIDE = ("seeds", "planned_seeds", "snapshots")  # what may change in a study that stays the same


@dataclass(frozen=True)
class Reports:
    """What was written: the tables of the cells that have runs, and the judgement of a study that
    names a reference.
    """

    tables: list[Table]
    judgement: Judgement | None
    results: Results
    replaced: str | None  # the name of another study, whose pages were here


def write_reports(folder: Path, on_message: OnWait = lambda _: None) -> Reports:
    """Write ``study.yaml``, ``tables.md``, ``tables.csv`` and, given a reference, ``verdicts.md``.

    Pages of another study, or of this one as it was with another grid or other settings, go: its
    figures, its ``report.html``, and its verdicts when there are no new ones.

    ``on_message`` is told when another process writes them, and this one waits, and when the store
    cannot remember that its verdicts were asked for.

    Raises InputError when there is no store, or a file cannot be written.
    """
    with one_reporter(folder, on_message):
        return written(folder, on_message)


def written(folder: Path, on_message: OnWait) -> Reports:
    """Write all but the page, for who holds the lock of reports."""
    results = read_results(folder)
    made = tables(results.begun)
    replaced = study_before(folder, results.study)
    if replaced is not None:
        remove(folder, "figures", read_drawn(folder).files)
        remove(folder, "", [PAGE])
    write_inside(folder, "study.yaml", results.study.yaml)
    write_inside(folder, "tables.md", render(made, "md"))
    write_inside(folder, "tables.csv", render(tables(results), "csv"))
    if (reference := published(results.study)) is None:
        remove(folder, "", ["verdicts.md"])
        return Reports(made, None, results, replaced)
    judgement = judge_results(results, reference)
    if unrecorded := take_look(folder, judgement.plan):
        on_message(unrecorded)
    write_inside(folder, "verdicts.md", printable_lines(to_markdown(judgement)))
    return Reports(made, judgement, results, replaced)


def write_whole(
    folder: Path,
    out: Path | None = None,
    on_message: OnWait = lambda _: None,
    on_epoch: Callable[[int, int], None] = lambda _done, _all: None,
) -> Path:
    """Write what ``write_reports`` does and the page, with networks trained again where the store
    shows only ends; return the page's path.

    They are trained before anybody is kept waiting, and what has come into the store meanwhile is
    in the page. ``on_message`` is told what became of them too; ``on_epoch`` how far they are.

    Raises InputError when there is no store, or a file cannot be written.
    """
    from minidl.report.networks.again import train_again  # which loads torch

    again = train_again(read_results(folder), on_epoch)
    for note in again.notes:
        on_message(note)
    with one_reporter(folder, on_message):
        return write_page(written(folder, on_message), out, again=again)


def unfinished(folder: Path) -> Reports | None:
    """Return what there is of a study that still runs, None of one of which every run has ended.

    It has no judgement: that would be a look, and each one makes the last less sure.
    """
    results = read_results(folder)
    if len(results.tried) == len(results.study.seeds):
        return None
    return Reports(tables(results.begun), None, results, None)


def write_page(
    reports: Reports,
    out: Path | None = None,
    *,
    watched: bool = False,
    again: Again | None = None,
) -> Path:
    """Write the page that tells all of it, beside the store unless told, and return its path.

    A ``watched`` one opens itself anew every ten seconds. ``again`` are networks that were trained
    once more.

    Raises InputError when it cannot be written.
    """
    from minidl.report.html.page import render_page  # which needs Jinja, and torch for networks

    folder = reports.results.folder
    told = reports.results, reports.tables, reports.judgement
    page = render_page(*told, watched=watched, again=again)
    if out is not None:
        write_atomically(out, page)
        return out
    write_inside(folder, PAGE, page)
    return folder / PAGE


def study_before(folder: Path, study: Outline) -> str | None:
    """Return the name of the study whose pages lie here, None when they are this study's, with
    these seeds or others.
    """
    try:
        before, now = (parse_yaml(t, "")[0] for t in (read_text(folder / "study.yaml"), study.yaml))
        kept = [key for key in now if key in before and key not in BESIDE]  # some keys are new
        same = all(before[key] == now[key] for key in kept)
        return None if same else str(before["name"])
    except (InputError, AttributeError, KeyError, TypeError):  # there is none, or it is nobody's
        return None
