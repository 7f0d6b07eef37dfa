"""The files beside a store, made from it: tables and the study as resolved."""

from __future__ import annotations

from pathlib import Path

from minidl.report.results import read_results
from minidl.report.table_formats import render
from minidl.report.tables import Table, tables
from minidl.study.files import write_atomically


def write_reports(folder: Path) -> list[Table]:
    """Write ``study.yaml``, ``tables.md`` and ``tables.csv``; return the tables.

    Raises InputError when there is no store, or a file cannot be written.
    """
    results = read_results(folder)
    made = tables(results)
    write_atomically(folder / "study.yaml", results.study.to_yaml())
    for format in ("md", "csv"):
        write_atomically(folder / f"tables.{format}", render(made, format))
    return made
