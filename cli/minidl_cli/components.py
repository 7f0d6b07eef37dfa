"""Commands about the framework's components: what there is, and the proof that it is right."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated

import typer

from minidl_cli.arguments import Components, load
from minidl_cli.layout import print_prose, print_table, print_title
from minidl_cli.output import print_json


def list_components(
    components: Components = [],  # noqa: B006  # Typer's way of an option that may come often
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False,
) -> None:
    """List every component with its arguments and their defaults."""
    from minidl.study.grid.catalogue import catalogue

    load(components)
    rows = catalogue()
    if as_json:
        print_json(rows)
        return
    for kind, own in groupby(rows, key=lambda row: row["kind"]):
        print_title(kind)
        for row in own:
            given = ", ".join(f"{key}={value}" for key, value in row["arguments"].items())
            origin = "" if row["origin"] == "minidl" else f" from {row['origin']}"
            print_prose(f"{row['name']}({given}){origin}", indent=2)
            print_prose(row["summary"], indent=6)


def gradcheck(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Components to check; by default all."),
    ] = None,
    components: Components = [],  # noqa: B006  # Typer's way of an option that may come often
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False,
) -> None:
    """Compare every hand-written backward pass with central finite differences."""
    from dataclasses import asdict

    from minidl.gradcheck import gradcheck as check_gradients
    from minidl.study.errors import InputError

    load(components)
    try:
        checks = check_gradients(names or [])
    except ValueError as error:
        raise InputError(str(error)) from None
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        rows = [(c.kind, c.name, f"{c.error:.1e}", verdict(c.ok, c.printed)) for c in checks]
        print_table(None, ["kind", "name", "relative error", "verdict"], rows, prose="verdict")
    if not all(check.ok or check.printed for check in checks):
        raise typer.Exit(1)


def verdict(ok: bool, printed: str | None) -> str:
    """Return what a check found, in words."""
    if printed:
        return f"{'right' if ok else 'wrong'}, as printed in the paper: {printed}"
    return "right" if ok else "WRONG"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("list")(list_components)
    app.command()(gradcheck)
