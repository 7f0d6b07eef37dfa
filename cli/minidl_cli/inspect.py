"""Commands about a store as a whole: where its study stands, and more runs for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from minidl_cli import completion, places
from minidl_cli.arguments import Folder, Json
from minidl_cli.next_step import again, suggest, typed
from minidl_cli.output import print_json, printable, say


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
    if who := found["training"]:
        share = 1 - found["missing"] / max(1, found["runs"])
        print(printable(f"process {who['pid']} on {who['host']} is at work; {share:.0%} is stored"))
        if who["progress"]:
            print(in_training(who["progress"]))
    if found["mixed"]:
        print(mixed_note(found["mixed"]))
    for cell, count in found["missing_runs"].items():
        print(printable(f"missing: {count} of {cell}"))
    for run in found["failed_runs"]:
        print(printable(f"failed: {run['id']} ({run['run']}): {run['error']}"))
    if found["training"]:
        return
    if found["missing"] or found["failed"]:
        suggest(again(folder), "trains what is missing")
    else:
        suggest(["tables", typed(folder)])


def in_training(progress: dict[str, Any]) -> str:
    """Return what is in training and how far that is, as the process that trains has told it."""
    from minidl.report.words import counted
    from minidl_cli.display import duration

    stacks, left = progress["stacks"], progress["seconds_left"]
    done, ahead = (
        sum(stack["networks"] * stack[key] for stack in stacks) for key in ("epoch", "epochs")
    )
    networks = counted(progress["networks"], "network")
    known = sum(stack["networks"] for stack in stacks)  # of very many stacks only the first
    which = f"{known:,} of them " if known < progress["networks"] else ""
    parts = [
        f"{networks} in training, {which}{done / max(1, ahead):.0%} through",
        f"{progress['epochs_done'] / max(1, progress['epochs']):.0%} of all its epochs",
        *([] if left is None else [f"{duration(left)} left"]),
        f"told {at(datetime.fromisoformat(progress['told_at']), datetime.now(UTC))}",
    ]
    return ", ".join(parts)


def at(then: datetime, now: datetime) -> str:
    """Return a time, with its date unless that is today's: the host that tells it may be gone."""
    date = "" if then.date() == now.date() else f"on {then:%Y-%m-%d} "
    return f"{date}at {then:%H:%M:%S} UTC"


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
    from minidl.report.drawn import read_drawn
    from minidl.report.write import write_page, write_reports
    from minidl.study.store.merge import merge
    from minidl_cli.run import draw_anew

    merged = merge(folder, others)
    reports = write_reports(folder, say)
    print(
        f"{len(merged.added)} runs added, {len(merged.present)} were there already, "
        f"{len(merged.conflicts)} in conflict"
    )
    for run_id in merged.conflicts:
        say(f"conflict: run {run_id} has other numbers here; left as it is")
    if (folder / "report.html").exists():
        write_page(reports)
    if read_drawn(folder).files:
        draw_anew(folder, reports.results, False)
    suggest(["status", typed(folder)])
    if merged.conflicts:
        raise typer.Exit(1)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(status)
    app.command("import")(import_runs)
