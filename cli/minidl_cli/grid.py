"""Commands about grid files."""

from __future__ import annotations

from typing import Annotated

import typer

from minidl_cli.next_step import suggest
from minidl_cli.output import print_json, say_lines


def validate(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A grid file, or a shipped study.")],
) -> None:
    """Check a grid file, and say how many runs it makes."""
    from minidl.report.prepare import prepare
    from minidl.study.grid.load import load_study
    from minidl.study.stacks.needs import in_words
    from minidl.study.stacks.plan import plan
    from minidl_cli.run import cores

    study, runs, notes = prepare(load_study, file)
    say_lines(notes)
    seeds = len(study.seed_list)
    print(f"{file}: fine: {len(runs) // seeds} cells, {seeds} seeds, {len(runs)} runs")
    print(in_words(plan(runs, cores())))
    suggest(["run", file])


def schema() -> None:
    """Print the JSON Schema of grid files."""
    from minidl.study.grid.schema import study_schema

    print_json(study_schema())


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (validate, schema):
        app.command()(command)
