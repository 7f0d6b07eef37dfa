"""Commands that say what a store of runs shows: tables, figures, verdicts, comparisons."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minidl_cli import completion
from minidl_cli.arguments import Folder, Json
from minidl_cli.output import counter, print_json, print_table, printable, say, say_lines

if TYPE_CHECKING:
    from minidl.report.tables.table import Table
    from minidl.report.verdicts.judgement import Judgement


class TableFormat(StrEnum):
    """Formats of tables."""

    text = "text"
    md = "md"
    csv = "csv"
    latex = "latex"
    json = "json"


class FigureFormat(StrEnum):
    """Formats of figures."""

    png = "png"
    svg = "svg"
    pdf = "pdf"


def print_tables(tables: list[Table]) -> None:
    """Print tables for a reader, a note that several of them share under the last one only."""
    for table, later in zip(tables, [*tables[1:], None], strict=True):
        notes = [note for note in table.notes if later is None or note not in later.notes]
        print_table(table.title, table.header, table.rows, notes)


def print_verdicts(judgement: Judgement) -> None:
    """Print the verdict on every claim, each with a line of plain English."""
    from minidl.report.pages.claims import claims_table
    from minidl.report.pages.sentences import explain_answer
    from minidl.report.words import mixed_note

    print_tables([claims_table(judgement.claims)])
    for number, claim in enumerate(judgement.claims, start=1):
        said = [explain_answer(part, at_level=True) for part in claim.parts]
        print(printable(f"{number}. {' '.join(dict.fromkeys(said))}"))
    if judgement.mixed:
        print(mixed_note(judgement.mixed))


def tables(
    folder: Folder,
    format: Annotated[TableFormat, typer.Option(help="Format.")] = TableFormat.text,
) -> None:
    """Print a study's accuracy tables, and write its files again."""
    from minidl.report.tables.formats import render
    from minidl.report.write import write_reports

    reports = write_reports(folder)
    made = reports.tables
    say_lines(reports.judgement.unmet if reports.judgement else [])
    if format is TableFormat.text:
        print_tables(made)
    else:
        print(render(made, format), end="")


def figures(
    folder: Folder,
    seed: Annotated[
        int | None, typer.Option(help="Whose points are shown.", show_default="the study's first")
    ] = None,
    format: Annotated[FigureFormat, typer.Option(help="Format.")] = FigureFormat.png,
    out: Annotated[
        Path | None, typer.Option(help="Folder to draw into.", show_default="DIR/figures")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Draw all, however many.")] = False,
) -> None:
    """Draw a study's figures."""
    from minidl.report.figures import LIMIT, draw_figures

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


def verdicts(
    folder: Folder,
    reference: Annotated[
        str | None,
        typer.Option(help="Published numbers and claims.", show_default="the study's own"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Hold a study against published numbers and claims."""
    from minidl.report.pages.verdicts import to_json
    from minidl.report.verdicts.judgement import judge

    judgement = judge(folder, reference)
    say_lines(judgement.unmet)
    if as_json:
        print_json(to_json(judgement))
    else:
        print_verdicts(judgement)


def compare(
    folder: Folder,
    factor: Annotated[
        str, typer.Option(help="An axis of the grid.", autocompletion=completion.factors)
    ],
    levels: Annotated[
        str,
        typer.Option(metavar="A,B", help="Two of its values.", autocompletion=completion.levels),
    ],
    measure: Annotated[
        str, typer.Option(help="What is compared.", autocompletion=completion.measures)
    ] = "test_accuracy",
    margin: Annotated[float | None, typer.Option(help="The least difference that matters.")] = None,
    target: Annotated[float, typer.Option(help="Training accuracy, for epochs_to_target.")] = 95.0,
    hold: Annotated[int, typer.Option(help="Evaluations that must hold it.")] = 3,
    as_json: Json = False,
) -> None:
    """Ask whether two values of a factor differ, over all seeds and the other factors' cells."""
    from minidl.report.pages.claims import answer_numbers, cells_table, parts_table
    from minidl.report.pages.sentences import explain_answer, notes
    from minidl.report.verdicts.judgement import compare as compare_levels

    answer = compare_levels(
        folder, factor, split_levels(levels), measure, margin=margin, target=target, hold=hold
    )
    if as_json:
        print_json(answer_numbers(answer))
    else:
        print(printable(explain_answer(answer, at_level=True)))
        for note in notes(answer):
            print(printable(note))
        print_tables([parts_table([answer]), cells_table(answer)])


def split_levels(text: str) -> list[str]:
    """Cut levels at the commas that stand in no brackets: ``sgd(momentum=0.5, lr=0.1),adam``."""
    return [level.strip() for level in re.split(r",(?![^(]*\))", text)]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (tables, figures, verdicts, compare):
        app.command()(command)
