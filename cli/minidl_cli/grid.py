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
    from minidl.report.reference.matching import match
    from minidl.report.reference.reference import check_reference
    from minidl.study.grid.expand import expand
    from minidl.study.grid.load import load_study
    from minidl.study.stacks.needs import check_needs, in_words
    from minidl.study.stacks.plan import plan
    from minidl_cli.run import cores

    study = load_study(file)
    runs = expand(study)
    check_needs(study, runs)
    seeds = len(study.seed_list)
    size = f"{len(runs) // seeds} cells, {seeds} seeds, {len(runs)} runs"
    reference = check_reference(study)
    paper = None if reference is None else match(reference, runs[::seeds])
    say_lines(paper.complaints() if paper else [])
    if paper is not None and paper.nothing_met:
        print(f"{file}: {size}; no published number is one of theirs")
    else:
        print(f"{file}: fine: {size}")
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
