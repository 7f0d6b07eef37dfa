"""Commands about single runs: a list of them, all about one, and where two differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from minidl_cli import completion, places
from minidl_cli.arguments import Folder, Json, Run, refuse
from minidl_cli.layout import print_table
from minidl_cli.next_step import suggest, typed
from minidl_cli.output import print_json, printable, say, sparkline

if TYPE_CHECKING:
    from minidl.study.store.stored_runs import Record


def runs(
    folder: Folder,
    where: Annotated[
        list[str],
        typer.Option(
            metavar="KEY=VALUE",
            help="Only the runs with this value.",
            autocompletion=completion.settings,
        ),
    ] = [],  # noqa: B006  # Typer's way of an option that may come often
    sort: Annotated[
        str | None,
        typer.Option(metavar="[-]COLUMN", help="Sort by a column; with a minus, descending."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="How many runs to show.", show_default="all")
    ] = None,
    as_json: Json = False,
) -> None:
    """List a study's runs: what they are, and what they scored."""
    from minidl.report.addresses import Runs
    from minidl.report.runs import run_row, table_of, told
    from minidl.study.result import headline
    from minidl.study.store.store import Store

    with Store(folder) as store:
        every, scores = Runs(store), list(store.metrics())
        chosen = {record.id for record in every.having(every.conditions(where))}
    rows = [
        run_row(run, every.records[run.id], scores) for run in every.study.runs if run.id in chosen
    ]
    shown = table_of(rows, sort, limit)
    if as_json:
        print_json(shown)
        return
    best = headline(scores) if scores else "status"
    unusual = "status" if any(row["status"] != "done" for row in shown) else None
    more = [best, sort and sort.removeprefix("-"), unusual, "id"]
    axes = every.study.axes_of(run.cell for run in every.study.runs)
    columns = dict.fromkeys(
        [*(axis for axis in axes if any(axis in row for row in rows)), "seed", *filter(None, more)]
    )
    print_table(None, list(columns), [[told(row.get(c)) for c in columns] for row in shown])
    if len(shown) < len(rows):
        say(f"{len(shown)} of {len(rows)} runs")
    if shown:
        suggest(["show", typed(folder), str(shown[0]["id"])], "all about the first")


def show(folder: Folder, run: Run, as_json: Json = False) -> None:
    """Show everything about one run, with its curve."""
    from minidl.report.addresses import Runs
    from minidl.report.runs import everything
    from minidl.study.store.store import Store

    with Store(folder) as store:
        every = Runs(store)
        record = every.one(" ".join(run))
        found = everything(store, record)
    if as_json:
        print_json(found)
    else:
        tell(record, every.labels.get(record.id, {}), found["environment"] or {}, found["curve"])
        suggest(["predict", typed(folder), record.id], "what it answers")


def tell(
    record: Record, labels: dict[str, str], environment: dict[str, Any], curve: list[dict[str, Any]]
) -> None:
    """Print a run: what came of it, its settings, the unusual ones first, and how it was made."""
    from minidl.report.runs import told, told_settings

    what = ", ".join([*(f"{axis}={text}" for axis, text in labels.items()), f"seed {record.seed}"])
    print(printable(f"{record.status}: {record.id}, {what}"))
    if record.error:
        print(printable(f"error: {record.error}"))
    for name in ("diverged_at", "best_at", "stopped_at"):
        if (at := getattr(record, name)) is not None:
            print(f"{name.replace('_', ' ')} epoch {at}")
    for score in record.final:
        values = [float("nan") if p.get(score) is None else p[score] for p in curve]
        print(f"{score.replace('_', ' '):>14} {told(record.final[score]):>8}  {sparkline(values)}")
    own, rest = told_settings(record.settings)
    for title, rows in (("settings that differ from the defaults", own), ("all others", rest)):
        print(f"\n{title}")
        for key, value in rows.items():
            print(printable(f"  {key:<24} {value}"))
    print("\nhow it was made")
    taken = {"finished": record.finished_at, "seconds": record.seconds, **environment}
    for key, value in taken.items():
        print(printable(f"  {key:<24} {told(value)}"))


def diff(
    first: Annotated[
        str,
        typer.Argument(
            metavar="DIR[/RUN-ID]", help="A run, or its folder.", autocompletion=completion.folders
        ),
    ],
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            help="Another run; or two runs of the folder, such as optimizer=adam seed=3.",
        ),
    ],
    as_json: Json = False,
) -> None:
    """Show where the settings and the results of two runs differ."""
    from minidl.report.runs import differences, told

    one, two = pair(first, words)
    rows = differences(one, two)
    if as_json:
        print_json([{"key": key, "first": a, "second": b} for key, a, b in rows])
    elif rows:
        ids = [one.id, two.id]
        shown = [(key.removesuffix(".name"), told(a), told(b)) for key, a, b in rows]
        print_table(None, ["", *ids], shown)
    else:
        print("the two runs do not differ")


def pair(first: str, words: list[str]) -> tuple[Record, Record]:
    """Return the two runs that were named: ``DIR/ID [DIR/]ID``, or ``DIR`` and two addresses."""
    from minidl.report.addresses import two_addresses

    folder = places.found(Path(first))
    if places.is_study(folder):
        two = two_addresses(words)
        if two is None:
            refuse(
                f"{' '.join(words)}: must be two runs of {folder}, such as 0123abcd 4567cdef, or "
                "optimizer=adam optimizer=sgd seed=3"
            )
        return run_of(folder, two[0]), run_of(folder, two[1])
    parent, slash, run_id = first.rpartition("/")
    if not slash:
        refuse(f"{first}: must be DIR/RUN-ID, such as results/paper/0123abcd")
    if len(words) > 1:
        refuse(f"{' '.join(words)}: must be one other run")
    other, slash, other_id = words[0].rpartition("/")
    where = [places.found(Path(each or "/")) for each in (parent, other if slash else parent)]
    return run_of(where[0], run_id), run_of(where[1], other_id)


def run_of(folder: Path, address: str) -> Record:
    """Return the run of a study that an address means."""
    from minidl.report.addresses import Runs
    from minidl.study.store.store import Store

    with Store(folder) as store:
        return Runs(store).one(address)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (runs, show, diff):
        app.command()(command)
