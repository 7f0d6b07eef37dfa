"""Commands that show what is in a store of runs: tables, figures, the page."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from time import sleep
from typing import Annotated

import typer

from minidl_cli import completion
from minidl_cli.arguments import Components, Folder, load, refuse
from minidl_cli.measured import Hold, Last, Monitor, Target, split_levels
from minidl_cli.next_step import suggest, typed
from minidl_cli.output import counter, say, say_lines
from minidl_cli.verdicts import print_tables

WATCH_SECONDS = 10.0


class TableFormat(StrEnum):
    """Formats of tables."""

    text = "text"
    md = "md"
    html = "html"
    csv = "csv"
    latex = "latex"
    json = "json"


class FigureFormat(StrEnum):
    """Formats of figures."""

    png = "png"
    svg = "svg"
    pdf = "pdf"


def tables(
    folder: Folder,
    format: Annotated[TableFormat, typer.Option(help="Format.")] = TableFormat.text,
    measures: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,…",
            help="What is shown.",
            show_default="the scores that fit the data",
            autocompletion=completion.measure_list,
        ),
    ] = None,
    target: Target = None,
    monitor: Monitor = None,
    hold: Hold = 3,
    last: Last = 5,
    confusion: Annotated[
        bool, typer.Option("--confusion", help="Show confusion matrices.")
    ] = False,
    components: Components = [],  # noqa: B006  # Typer's way of an option that may come often
) -> None:
    """Print a study's tables of scores, or of other measures, and write its files again."""
    from minidl.report.measures import Options
    from minidl.report.results import read_results
    from minidl.report.tables.formats import render
    from minidl.report.tables.scores import tables as tables_of
    from minidl.report.write import write_reports

    names = [] if measures is None else split_levels(measures)
    if "" in names:
        refuse("--measures: must not be empty; expected names with commas between")
    if names:
        read_results(folder)  # whatever scores its runs have are measures from then on
    check_options(names, monitor)
    if confusion and names:
        refuse("--confusion: counts classes; leave out --measures")
    load(components)
    reports = write_reports(folder, say)
    data = format in (TableFormat.json, TableFormat.csv)  # they have a row for every cell
    shown = reports.results if data else reports.results.begun
    made = tables_of(shown, names, Options(target, hold, last, monitor))
    if confusion:
        from minidl.report.tables.confusion import confusion_tables  # which loads torch

        made = confusion_tables(folder)
    say_lines(reports.judgement.unmet if reports.judgement else [])
    if format is TableFormat.text:
        print_tables(made)
    else:
        print(render(made, format), end="")
    if format is TableFormat.text:
        suggest(
            ["verdicts" if reports.judgement else "report", typed(folder)],
            "which differences are real" if reports.judgement else "all of it as one page",
        )


def figures(
    folder: Folder,
    seed: Annotated[
        int | None,
        typer.Option(help="The seed whose points are shown.", show_default="the study's first"),
    ] = None,
    format: Annotated[FigureFormat, typer.Option(help="Format.")] = FigureFormat.png,
    out: Annotated[
        Path | None, typer.Option(help="Folder to draw into.", show_default="DIR/figures")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Draw all, however many there are.")] = False,
    components: Components = [],  # noqa: B006  # Typer's way of an option that may come often
) -> None:
    """Draw a study's figures."""
    from minidl.report.figures import LIMIT, draw_figures

    load(components)
    drawn = draw_figures(
        folder,
        out,
        seed=seed,
        format=format,
        limit=None if every else LIMIT,
        on_note=say,
        on_progress=counter("figure"),
    )
    for path in drawn:
        print(path)
    suggest(["report", typed(folder), "--open"], "all of it as one page")


def report(
    folder: Folder,
    open_it: Annotated[
        bool, typer.Option("--open", help="Open it in the default browser.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="File to write.", show_default="DIR/report.html")
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Write it every ten seconds while the study runs.")
    ] = False,
    components: Components = [],  # noqa: B006  # Typer's way of an option that may come often
) -> None:
    """Write a study's page: answers, networks, tables, curves and runs in one file."""
    from minidl.report.write import unfinished, write_page, write_whole
    from minidl.study.files.writing import check_writable

    if out is not None:
        check_writable(out)
    load(components)
    epochs = counter("trained again: epoch")
    running = unfinished(folder) if watch else None
    if running is not None:
        path = write_page(running, out, watched=True)
    else:
        path = write_whole(folder, out, say, epochs)
    print(path, flush=True)
    if not (open_it or watch) and out is None:
        suggest(["report", typed(folder), "--open"], "shows it in the browser")
    if open_it:
        import webbrowser

        if not webbrowser.open(path.resolve().as_uri()):
            say("no browser was found; open the file in one")
    while running is not None:
        sleep(WATCH_SECONDS)
        running = unfinished(folder)
        if running is not None:
            write_page(running, out, watched=True)
        else:
            write_whole(folder, out, say, epochs)


def check_options(names: Sequence[str], monitor: str | None) -> None:
    """Raise InputError for names that are no measures or no score, before anything is written."""
    from minidl.report.measures import check_measure
    from minidl.report.measures.scores import SCORES
    from minidl.study.files.complaints import unknown

    for name in names:
        check_measure(name)
    if monitor is not None and monitor not in SCORES:
        refuse(f"--monitor: {unknown('score', monitor, SCORES)}")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (tables, figures, report):
        app.command()(command)
