"""Commands about a study: its file, and the folder of its results."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from minidl_cli.output import print_json, print_table

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A study's folder of results.")]


class TableFormat(StrEnum):
    """Formats of tables."""

    text = "text"
    md = "md"
    csv = "csv"
    latex = "latex"
    json = "json"


def validate(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A grid file, or a shipped study.")],
) -> None:
    """Check a grid file, and say what it comes to."""
    from minidl.report.reference import load_reference
    from minidl.study.grid import expand
    from minidl.study.spec import load_study
    from minidl.study.stacks import plan

    study = load_study(file)
    runs = expand(study)
    if study.reference is not None:
        load_reference(study.reference)
    seeds = len(study.seed_list)
    size = f"{len(runs) // seeds} cells, {seeds} seeds, {len(runs)} runs"
    print(f"{file}: fine: {size}, {len(plan(runs, 1))} stacks")


def schema() -> None:
    """Print the JSON Schema of grid files."""
    from minidl.study.spec import StudySpec

    print_json(StudySpec.model_json_schema())


def tables(
    folder: Folder,
    format: Annotated[TableFormat, typer.Option(help="Format.")] = TableFormat.text,
) -> None:
    """Print a study's accuracy tables, and write its files anew."""
    from minidl.report.table_formats import render
    from minidl.report.write import write_reports

    made = write_reports(folder)
    if format is TableFormat.text:
        for table in made:
            print_table(table.title, table.header, table.rows, table.notes)
    else:
        print(render(made, format), end="")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (validate, schema, tables):
        app.command()(command)
