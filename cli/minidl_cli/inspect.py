"""Commands about the runs in a store: where they stand, what they are, and more of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from minidl_cli import completion, places
from minidl_cli.arguments import Folder, Json, RunId
from minidl_cli.output import print_json, print_table, printable, say, sparkline


def status(folder: Folder, as_json: Json = False) -> None:
    """Say which runs of a study are done, missing, failed or left over."""
    from minidl.report.status import status as status_of
    from minidl.report.words import mixed_note

    found = status_of(folder)
    if as_json:
        print_json(found)
        return
    print(f"{found['name']}: {found['runs']} runs in the study")
    for state in ("done", "diverged", "failed", "missing"):
        print(f"{found[state]:>8}  {state}")
    print(
        f"{len(found['left_over']):>8}  left over: in the store, but not in the study as it is now"
    )
    if found["mixed"]:
        print(mixed_note(found["mixed"]))
    for cell, count in found["missing_runs"].items():
        print(printable(f"missing: {count} of {cell}"))
    for run in found["failed_runs"]:
        print(printable(f"failed: {run['id']} ({run['run']}): {run['error']}"))


def show(folder: Folder, run_id: RunId, as_json: Json = False) -> None:
    """Show everything about one run, with its curve."""
    from minidl.report.runs import everything, flat
    from minidl.study.store.store import Store

    with Store(folder) as store:
        found = everything(store, store.find(run_id))
    if as_json:
        print_json(found)
        return
    curve = found.pop("curve")
    print_table(None, ["", ""], flat(found).items())
    for metric in (key for key in (curve[0] if curve else {}) if key != "epoch"):
        values = [point[metric] for point in curve]
        numbers = [float("nan") if value is None else value for value in values]
        print(f"{metric.replace('_', ' '):>14}  {sparkline(numbers)}  {numbers[-1]:.4g}")


def diff(
    first: Annotated[str, typer.Argument(metavar="DIR/RUN-ID", help="A run.")],
    second: Annotated[
        str,
        typer.Argument(
            metavar="[DIR/]RUN-ID", help="Another, in the same folder if none is named."
        ),
    ],
    as_json: Json = False,
) -> None:
    """Show where the settings and the results of two runs differ."""
    from minidl.report.runs import differences
    from minidl.study.errors import InputError
    from minidl.study.store.store import Store

    folder, slash, _ = first.rpartition("/")
    if not slash:
        raise InputError(f"{first}: must be DIR/RUN-ID, such as results/paper/0123abcd")
    records = []
    for place in (first, second if "/" in second else f"{folder}/{second}"):
        parent, _, run_id = place.rpartition("/")
        with Store(Path(parent or "/")) as store:
            records.append(store.find(run_id))
    rows = differences(*records)
    if as_json:
        print_json([{"key": key, "first": one, "second": two} for key, one, two in rows])
    elif rows:
        print_table(None, ["", *(record.id for record in records)], rows)
    else:
        print("the two runs do not differ")


def import_runs(
    folder: Folder,
    others: Annotated[
        list[Path],
        typer.Argument(
            metavar="OTHER...",
            help="Folders to read from.",
            autocompletion=completion.folders,
            callback=places.found,
        ),
    ],
) -> None:
    """Merge the runs of stores that were made elsewhere."""
    from minidl.report.write import write_reports
    from minidl.study.store.merge import merge

    merged = merge(folder, others)
    write_reports(folder, say)
    print(
        f"{len(merged.added)} runs added, {len(merged.present)} were there already, "
        f"{len(merged.conflicts)} in conflict"
    )
    for run_id in merged.conflicts:
        say(f"conflict: run {run_id} has other numbers here; left as it is")
    if merged.conflicts:
        raise typer.Exit(1)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (status, show, diff):
        app.command()(command)
    app.command("import")(import_runs)
