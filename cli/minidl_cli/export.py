"""Commands that take something out of a store: rows, weights, and what a network answers."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from minidl_cli import completion, places
from minidl_cli.arguments import Components, Folder, load, refuse
from minidl_cli.output import say

if TYPE_CHECKING:
    from minidl.study.store.store import Store
    from minidl.study.store.stored_runs import Record


class ExportFormat(StrEnum):
    """Formats of exported rows."""

    csv = "csv"
    json = "json"
    parquet = "parquet"


def export(
    folder: Folder,
    format: Annotated[ExportFormat, typer.Option(help="Format.")] = ExportFormat.csv,
    curves: Annotated[bool, typer.Option("--curves", help="A row for each evaluation.")] = False,
    weights: Annotated[
        str | None, typer.Option(metavar="RUN", help="Export this run's weights instead.")
    ] = None,
    torch: Annotated[
        bool, typer.Option("--torch", help="Weights as torch.nn.Sequential's state dict.")
    ] = False,
    snapshots: Annotated[
        bool, typer.Option("--snapshots", help="Weights of earlier epochs too.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="File to write.", show_default="standard output")
    ] = None,
) -> None:
    """Write one row for each run, for pandas; or a run's weights."""
    from minidl.report.runs import export as rows_of
    from minidl.study.errors import InputError

    if weights is not None:
        if curves:
            raise InputError("--curves: are rows, not weights; leave out --weights or --curves")
        if out is None:
            raise InputError("--weights: needs a file to write to; give --out FILE.safetensors")
        if torch and snapshots:
            raise InputError("--torch: is a form of one network; leave out --torch or --snapshots")
        if snapshots:
            export_course(folder, weights, out)
        else:
            export_weights(folder, weights, torch, out)
        return
    if snapshots:
        raise InputError("--snapshots: are weights of a run; give --weights RUN-ID too")
    if torch:
        raise InputError("--torch: is a form of weights; give --weights RUN-ID too")
    columns, rows = rows_of(folder, curves=curves)
    if format is ExportFormat.parquet:
        export_parquet(columns, rows, out)
        return
    emit(to_json(rows) if format == "json" else to_csv(columns, rows), out)


def emit(lines: Iterable[str], out: Path | None) -> None:
    """Print lines, or write them to a file."""
    from minidl.study.files.writing import write_atomically

    if out is None:
        sys.stdout.writelines(lines)
    else:
        write_atomically(out, "".join(lines))
        say(f"written to {out}")


def to_json(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield rows as a JSON list, a line each."""
    start = "[\n"
    for row in rows:
        yield start + json.dumps(row, allow_nan=False)
        start = ",\n"
    yield "\n]\n" if start == ",\n" else "[]\n"


def to_csv(columns: Iterable[str], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield rows as lines of CSV, the header first."""
    from minidl.study.files.cells import as_cell

    line = io.StringIO()
    writer = csv.DictWriter(line, list(columns), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        yield line.getvalue()
        line.seek(0)
        line.truncate()
        writer.writerow({key: as_cell(value) for key, value in row.items()})
    yield line.getvalue()


def export_parquet(columns: list[str], rows: Iterable[dict[str, Any]], out: Path | None) -> None:
    """Write rows to a Parquet file."""
    from minidl.study.files.writing import write_atomically

    if out is None:
        refuse("--format parquet: needs a file to write to; give --out FILE.parquet")
    if find_spec("pyarrow") is None:
        refuse("--format parquet: needs the package pyarrow: pip install 'minidl[parquet]'")
    from minidl.report.parquet import to_parquet

    write_atomically(out, to_parquet(columns, rows))
    say(f"written to {out}")


def export_weights(folder: Path, run_id: str, torch: bool, out: Path) -> None:
    """Write a run's weights to a safetensors file."""
    from minidl.study.files.writing import write_atomically
    from minidl.study.stacks.weights import serialise, torch_state
    from minidl.study.store.store import Store

    with Store(folder) as store:
        record, data = record_and_weights(store, run_id)
    if torch:
        own = {"settings": record.settings, "seed": record.seed}
        data = serialise(torch_state(record.settings, data), json.dumps(own))
    write_atomically(out, data)
    say(f"weights of run {record.id} written to {out}")


def export_course(folder: Path, run_id: str, out: Path) -> None:
    """Write a run's weights over its epochs to a safetensors file, a place for each epoch."""
    from minidl.report.words import counted
    from minidl.study.files.writing import write_atomically
    from minidl.study.stacks.weights import course, serialise, up_to_end
    from minidl.study.store.store import Store

    with Store(folder) as store:
        record, data = record_and_weights(store, run_id)
        taken = store.snapshots(record.id)
        if not taken:
            refuse(f"--snapshots: run {record.id} has none; {with_snapshots(store)}")
    weights = up_to_end(record.settings, record.best_at, data, taken)
    own = {"settings": record.settings, "seed": record.seed}
    write_atomically(out, serialise(course(weights), json.dumps(own)))
    say(f"weights of run {record.id} after {counted(len(weights), 'epoch')} written to {out}")


def with_snapshots(store: Store) -> str:
    """Return which seeds have snapshots, in words."""
    from minidl.report.words import listed

    rows = store.select("SELECT DISTINCT seed FROM run JOIN snapshot ON run_id = id ORDER BY 1")
    return f"those of {listed([r['seed'] for r in rows])} have some" if rows else "no run has any"


def record_and_weights(store: Store, run_id: str) -> tuple[Record, bytes]:
    """Return a run's record and its weights; raises InputError when it has none."""
    from minidl.report.addresses import Runs
    from minidl.study.errors import InputError

    record = Runs(store).one(run_id)
    weights = store.weights(record.id)
    if weights is None:
        raise InputError(
            f"{store.path.parent}: run {record.id} failed and has no weights: {record.error}"
        )
    return record, weights


def predict(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR",
            help="A study's folder of results, or its name under results/.",
            autocompletion=completion.folders,
            callback=places.found_if_named,
            show_default=False,
        ),
    ] = None,
    run: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN",
            help="A run's id, or its beginning; or what it is: optimizer=adam seed=3.",
            autocompletion=completion.run_ids,
            show_default=False,
        ),
    ] = [],  # noqa: B006  # Typer's way of an argument of several words
    points: Annotated[
        Path | None,
        typer.Option(help="CSV file of points.", show_default="the run's own test set"),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(help="A file that train --save or export --weights wrote, instead of a run."),
    ] = None,
    components: Components = [],  # noqa: B006  # Typer's way of an option that may come often
) -> None:
    """Print a trained network's answers to points, as CSV."""
    from minidl.report.predict import predict as predict_points
    from minidl.report.predict import read_saved, table_of
    from minidl.study.files.csv_file import read_points
    from minidl.study.store.store import Store

    if weights is not None and folder is not None:
        refuse("--weights: is a network already; leave out DIR and RUN")
    if weights is None and (folder is None or not run):
        refuse("predict: name a study's folder and a run, or a file with --weights")
    load(components)
    given = None if points is None else read_points(points)
    if folder is None:
        settings, seed, data = read_saved(weights or Path())
    else:
        with Store(folder) as store:
            record, data = record_and_weights(store, " ".join(run))
        settings, seed = record.settings, record.seed
    columns, rows = table_of(predict_points(settings, seed, data, given))
    emit(to_csv(columns, rows), None)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (export, predict):
        app.command()(command)
