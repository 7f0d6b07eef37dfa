"""``minidl run``: a whole study."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated, Any

import typer

from minidl_cli.arguments import (
    EverySize,
    Grid,
    GridOption,
    Jobs,
    Only,
    ResultsFolder,
    Seeds,
    Set,
    refuse,
)
from minidl_cli.display import progress
from minidl_cli.dropped import Dropped
from minidl_cli.dry_run import show_plan
from minidl_cli.next_step import repeated, suggest, suggest_seeds, typed
from minidl_cli.output import counter, print_json, say, say_lines
from minidl_cli.starting import starting
from minidl_cli.verdicts import print_tables, print_verdicts

if TYPE_CHECKING:
    from minidl.report.results import Results
    from minidl.study.grid.spec import StudySpec
    from minidl.study.jobs.dask import Dask
    from minidl.study.jobs.drive import State
    from minidl.study.run_spec import RunSpec


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(
    grid: Grid = None,
    grid_option: GridOption = None,
    out: ResultsFolder = None,
    seeds: Seeds = None,
    changes: Set = [],  # noqa: B006  # Typer's way of an option that may come often
    only: Only = [],  # noqa: B006
    jobs: Jobs = None,
    dask: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Train on a Dask cluster; local starts one here."),
    ] = None,
    allow_mismatch: Annotated[
        bool,
        typer.Option("--allow-mismatch", help="Allow workers with other versions."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List, and train nothing.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Move an old store aside.")] = False,
    yes: EverySize = False,
    figures: Annotated[
        bool, typer.Option(help="Draw the figures unless they are up to date.")
    ] = True,
    page: Annotated[bool, typer.Option("--report/--no-report", help="Write report.html.")] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Train what is missing of a study; then its tables, figures and verdicts."""
    jobs = jobs or cores()
    with starting(1 if dask or dry_run else jobs, quiet or dry_run):
        from minidl.study.run import MOST_JOBS, run_study

        study, runs = planned(one_grid(grid, grid_option), changes, seeds, only, yes)
    folder = out or Path("results") / study.name
    if dry_run:
        show_plan(study, folder, runs, jobs, as_json)
        return
    dropped = Dropped()
    if jobs > 1:  # what the reports take to load is loaded while the workers start
        Thread(target=import_module, args=["minidl.report.write"], daemon=True).start()
    try:
        with cluster(dask, jobs, allow_mismatch) as executor, progress(quiet) as watch:
            there = 0 if executor is None else min(MOST_JOBS, len(executor.addresses))
            state = run_study(
                *(study, runs, folder),
                jobs=max(jobs, there),
                fresh=fresh,
                executor=executor,
                watch=dropped.watching(watch),
            )
    except KeyboardInterrupt:
        kept = f"every finished run is in {folder}; the same command goes on from there"
        say(f"interrupted{dropped.in_words()}; {kept}")
        raise
    told = {"as_json": as_json, "figures": figures, "page": page, "quiet": quiet}
    report(study.name, folder, runs, state, **told)


def planned(
    grid: str, changes: list[str], seeds: int | None, only: list[str], every_size: bool
) -> tuple[StudySpec, list[RunSpec]]:
    """Read a study and return it with the runs that are asked for."""
    from minidl.report.prepare import prepare
    from minidl.study.grid.expand import MAX_RUNS
    from minidl.study.grid.load import load_study

    most = 10**9 if every_size else MAX_RUNS
    study, runs, notes = prepare(load_study, grid, changes, seeds, only, max_runs=most)
    say_lines(notes)
    return study, runs


def one_grid(argument: str | None, option: str | None) -> str:
    """Return the grid that was named, in either way."""
    if argument is not None and option is not None:
        refuse(f"--grid {option}: the grid is {argument!r} already; name one")
    named = option if argument is None else argument
    if named is None:
        from minidl.study.files.shipped import shipped_configs

        shipped = sorted(path.stem for path in shipped_configs().glob("*.yaml"))
        refuse(f"run: name a grid file, or a study that ships with minidl: {', '.join(shipped)}")
    return named


@contextmanager
def cluster(address: str | None, jobs: int, allow_mismatch: bool) -> Iterator[Dask | None]:
    """Provide the executor of a Dask cluster, None where none is asked for."""
    if address is None:
        if allow_mismatch:
            refuse("--allow-mismatch compares the workers of --dask; give its ADDRESS")
        yield None
        return
    if find_spec("distributed") is None:
        refuse("--dask needs the package distributed: pip install 'minidl[dask]'")
    from minidl.study.jobs.dask import dask_cluster

    with dask_cluster(address, jobs, allow_mismatch=allow_mismatch) as executor:
        say_lines(executor.idle_threads())
        yield executor


def report(
    name: str,
    folder: Path,
    runs: list[RunSpec],
    state: State,
    *,
    as_json: bool,
    figures: bool,
    page: bool,
    quiet: bool,
) -> None:
    """Write the reports of a study, print what the run of it brought, and then draw."""
    from minidl.report.tables.scores import tables
    from minidl.report.write import write_page, write_reports
    from minidl.study.store.store import Store

    say(done(state, folder))
    say_lines(other_versions(folder, runs))
    reports = write_reports(folder, say)
    if reports.replaced is not None:
        other = "with another grid or other settings" if reports.replaced == name else ""
        held = f"{folder} held study {reports.replaced!r} {other}".rstrip()
        say(f"{held}; its pages are replaced")
    if as_json:
        with Store(folder) as store:
            records, scores = store.records(), list(store.metrics())
        print_json(study_object(name, folder, runs, records, scores))
    else:
        print_tables(tables(asked_for(reports.results, runs)))
        if reports.judgement is not None and len(runs) == len(reports.results.study.runs):
            print()
            print_verdicts(reports.judgement)
    if page:
        say(f"the report is {write_page(reports)}")
    if figures:
        draw_anew(folder, reports.results, quiet)
    if not (as_json or quiet):
        if reports.judgement is not None and len(runs) == len(reports.results.study.runs):
            suggest_seeds(reports.judgement, repeated())
        suggest(["report", typed(folder), "--open"], "all of it as one page")
    if state.unstorable:
        say(f"{state.unstorable} runs that cannot be stored were not tried again")
    if state.unstorable or state.finished.statuses["failed"]:
        raise typer.Exit(1)


def asked_for(results: Results, runs: list[RunSpec]) -> Results:
    """Return a study's results with those cells and seeds alone that some runs are of."""
    wanted = {run.id for run in runs}
    cells = []
    for cell in results.cells:
        own = [run for run in cell.runs if run.id in wanted]
        records = {run.seed: cell.records[run.seed] for run in own if run.seed in cell.records}
        cells += [replace(cell, runs=own, records=records)] if own else []
    return replace(results, cells=cells)


def other_versions(folder: Path, runs: list[RunSpec]) -> list[str]:
    """Return a line for each file of components that has changed since some runs were trained."""
    from minidl.report.words import counted
    from minidl.study.run import made_otherwise
    from minidl.study.store.store import Store

    with Store(folder) as store:
        found = made_otherwise(store, runs)
    return [
        f"{counted(number, 'run')} of {folder} came of another version of {name}, and stay as they "
        "are; --fresh trains all anew"
        for name, number in found.items()
    ]


def draw_anew(folder: Path, results: Results, quiet: bool) -> None:
    """Draw the figures of a study, unless they show all that is in its store already."""
    from minidl.report.drawn import is_current

    if is_current(folder, results):
        return
    from minidl.report.figures import draw_figures

    sys.stdout.flush()  # the tables, for whoever reads them through a pipe: drawing takes a while
    counted = (lambda _number, _total: None) if quiet else counter("figure")
    drawn = draw_figures(folder, on_note=say, on_progress=counted)
    say(f"{len(drawn)} figures in {folder / 'figures'}")


def study_object(
    name: str,
    folder: Path,
    runs: list[RunSpec],
    records: dict[str, Any],
    scores: list[str],
) -> dict[str, Any]:
    """Return what ``minidl run --json`` prints."""
    from minidl.report.runs import every_score, run_row

    rows = [run_row(run, records.get(run.id), every_score(scores)) for run in runs]
    return {"name": name, "out": str(folder), "runs": rows}


def done(state: State, folder: Path) -> str:
    """Return what a run of a study came to, in a line."""
    counts = state.finished.statuses
    if not counts:
        return f"all {state.total} runs are in {folder} already; trained nothing"
    known = ("done", "diverged", "failed")
    parts = [f"{counts[status]} {status}" for status in known if counts[status]]
    return (
        f"trained {len(state.finished)} runs ({', '.join(parts)}); "
        f"{state.stored} were there already; all in {folder}"
    )


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(run)
