"""A study made ready to run: read, held against its reference, and its runs chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from minidl.report.reference.matching import check_met, foreign, match
from minidl.report.reference.reference import check_reference
from minidl.report.verdicts.askable import cannot_be_asked
from minidl.study.errors import InputError
from minidl.study.grid.change import Change, as_change
from minidl.study.grid.expand import MAX_RUNS, expand
from minidl.study.grid.select import select
from minidl.study.grid.spec import StudySpec
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.needs import check_needs

SILENT = ("evaluate_every", "snapshots", "seeds")  # what may be set and no number is another


class Prepared(NamedTuple):
    """A study, those of its runs that are asked for, and what is to be said of its reference."""

    study: StudySpec
    runs: list[RunSpec]
    notes: list[str]


def prepare(
    load: Callable[..., StudySpec],
    grid: Any,
    changes: Sequence[str | Change] = (),
    seeds: int | None = None,
    only: Sequence[str] = (),
    *,
    max_runs: int = MAX_RUNS,
) -> Prepared:
    """Read a study with ``load``, which takes the grid, and choose its runs.

    Published numbers of cells that the changes have moved are left out of it, and so are those that
    the study then has no cell for. Without such changes a published cell that is none of the
    study's is a mistake. Raises InputError for that, and for whatever is wrong with the grid, its
    reference, the changes or the choice.
    """
    study, notes = load(grid, changes=changes, seeds=seeds), []
    reference = check_reference(study)
    every = expand(study, max_runs=max_runs)
    if reference is not None:
        firsts = every[:: len(study.seed_list)]
        found = match(reference, firsts)
        told = (as_change(change) if isinstance(change, str) else change for change in changes)
        telling = [change for change in told if change.key not in SILENT]
        if not telling:
            check_met(found, firsts)
        unasked = cannot_be_asked(reference, firsts, len(study.seed_list))
        notes = [*found.complaints(), *unasked]
        if telling and foreign(found, firsts, own_ids(load, grid, seeds)):
            study.published = False
            notes.append("the published numbers are of other settings, and left out")
    runs = select(every, only)
    check_needs(study, runs)
    return Prepared(study, runs, notes)


def own_ids(load: Callable[..., StudySpec], grid: Any, seeds: int | None) -> set[str]:
    """Return the ids of a study's runs as its file says them, none where it is wrong without what
    was changed from outside.
    """
    try:
        return {run.id for run in expand(load(grid, seeds=seeds), max_runs=10**9)}
    except InputError:
        return set()
