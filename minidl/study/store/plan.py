"""What a store holds of the study itself: its text, its cells, and the runs that it plans."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from minidl.study.files.printable import printable
from minidl.study.outline import Outline
from minidl.study.run_spec import RunSpec, id_of, what_counts
from minidl.study.store.database import Database
from minidl.study.store.json_forms import ANY, OUTLINE

if TYPE_CHECKING:
    from minidl.study.grid.spec import StudySpec


def outline_of(study: StudySpec, runs: Sequence[RunSpec]) -> Outline:
    """Return the outline of a study as it was read, with the text of its reference."""
    from minidl.study.files.reference_file import read_reference  # readers need no YAML

    named = study.reference
    text = None if named is None else read_reference(named)[1]
    seeds, axes = study.seed_list, list(study.grid)
    yaml, planned = study.to_yaml(), study.planned_seeds
    return Outline(study.name, axes, seeds, named, text, yaml, runs, planned, study.published)


def write_outline(connection: sqlite3.Connection, outline: Outline) -> None:
    """Replace the study, in the transaction of the caller; finished runs stay."""
    facts = {"name": outline.name, "axes": outline.axes, "reference": outline.reference}
    facts |= {"seeds": short(outline.seeds), "planned_seeds": outline.planned_seeds}
    facts |= {} if outline.published else {"published": False}
    connection.execute(
        "INSERT OR REPLACE INTO study (id, yaml, outline, reference) VALUES (1, ?, ?, ?)",
        (outline.yaml, json.dumps(facts), outline.reference_text),
    )
    connection.execute("DELETE FROM cell")
    for number, runs in enumerate(outline.cells(), 1):
        first = runs[0]
        facts = (json.dumps(first.settings), json.dumps(first.place))
        connection.execute("INSERT INTO cell VALUES (?, ?, ?)", (number, *facts))
        levels = [
            (number, position, axis, json.dumps(value), first.labels[axis])
            for position, (axis, value) in enumerate(first.cell.items())
        ]
        connection.executemany("INSERT INTO level VALUES (?, ?, ?, ?, ?)", levels)
        planned = ((number, run.seed, run.id) for run in runs)
        connection.executemany("INSERT INTO planned VALUES (?, ?, ?)", planned)


def short(seeds: list[int]) -> int | list[int]:
    """Return 0, 1, ..., n - 1 as n."""
    return len(seeds) if seeds == list(range(len(seeds))) else seeds


def read_outline(row: dict[str, Any], database: Database) -> Outline:
    """Return the outline from the study's row, and the database that has the others.

    Raises InputError for cells and runs that do not belong to each other.
    """
    select, decode = database.select, database.decode
    facts = decode(row["outline"], "the study's outline", OUTLINE)
    seeds = facts["seeds"]
    listed = list(range(seeds)) if isinstance(seeds, int) else seeds
    levels: dict[int, tuple[dict[str, Any], dict[str, str]]] = {}
    for level in select("SELECT * FROM level ORDER BY cell, position"):
        values, labels = levels.setdefault(level["cell"], ({}, {}))
        values[level["axis"]] = decode(level["value"], f"a value of {level['axis']}", ANY)
        labels[level["axis"]] = printable(level["label"])
    order = {seed: i for i, seed in enumerate(listed)}
    runs: list[RunSpec] = []
    for cell in select("SELECT number, settings, place FROM cell ORDER BY number"):
        name, shared = f"cell {cell['number']}", {}
        settings = database.decode_settings(cell["settings"], f"{name}: settings")
        values, labels = levels.get(cell["number"], ({}, {}))
        place = decode(cell["place"], f"{name}: place", dict.fromkeys(labels, ANY))
        planned = select("SELECT seed, run_id FROM planned WHERE cell = ?", (cell["number"],))
        own = [(run["seed"], run["run_id"]) for run in planned]
        own.sort(key=lambda run: order.get(run[0], 0))
        if wrong := misplanned(what_counts(settings), own):
            raise database.damaged(f"{name}: {wrong}")
        at = (values, labels, place)
        runs += [RunSpec(settings, seed, *at, shared=shared, id=run_id) for seed, run_id in own]
    if not runs or not seeds:
        raise database.damaged("the study has no runs")
    name, axes = printable(facts["name"]), list(map(printable, facts["axes"]))
    known = (name, axes, listed, facts["reference"])
    later = (facts.get("planned_seeds"), facts.get("published", True))
    return Outline(*known, row["reference"], row["yaml"], runs, *later)


def misplanned(counts: str, runs: Iterable[tuple[int, str]]) -> str | None:
    """Return which of a cell's runs has another id than its settings and seed give it."""
    for seed, run_id in runs:
        if (own := id_of(counts, seed)) != run_id:
            return f"its settings and seed {seed} are those of run {own}, not of {run_id}"
    return None


def lay_view(connection: sqlite3.Connection) -> None:
    """Make the view ``runs``: a row for each planned run, a column for each axis and metric.

    Keys that an include adds to cells are axes too.

    It uses no function of SQLite's, so that any program that reads SQLite files can read it.
    """
    columns = [
        f"(SELECT label FROM level WHERE cell = planned.cell AND axis = {literal(axis)}) "
        f"AS {quoted(axis)}"
        for (axis,) in connection.execute(
            "SELECT axis FROM level GROUP BY axis ORDER BY min(cell), min(position)"
        )
    ]
    metrics = connection.execute("SELECT number, name FROM metric ORDER BY number").fetchall()
    columns += [
        "(SELECT value FROM curve WHERE curve.run = run.number AND epoch = run.last_epoch "
        f"AND metric = {number}) AS {quoted(name)}"
        for number, name in metrics
    ]
    own = "planned.run_id AS id, planned.seed AS seed, run.status AS status"
    later = "run.diverged_at AS diverged_at, run.seconds AS seconds"
    connection.execute("DROP VIEW IF EXISTS runs")
    connection.execute(
        f"CREATE VIEW runs AS SELECT {', '.join([own, *columns, later])} "
        "FROM planned LEFT JOIN run ON run.id = planned.run_id"
    )


def quoted(name: str) -> str:
    """Return a column's name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a string for SQL."""
    return "'" + text.replace("'", "''") + "'"
