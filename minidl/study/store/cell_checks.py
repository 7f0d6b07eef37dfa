"""Every cell of a store is held against its rule before anything of it is used."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from minidl.study.files.complaints import shown
from minidl.study.store.cell_rules import RULES

LONG = "curve"  # which has most of a store's rows: it is looked at where it is read


def misfit(connection: sqlite3.Connection, tables: Iterable[str] = RULES) -> str | None:
    """Return the first cell that its rule does not allow, in words; None when all fit."""
    return next(filter(None, (first_misfit(connection, table) for table in tables)), None)


def first_misfit(
    connection: sqlite3.Connection, table: str, within: str = "1", values: Sequence[Any] = ()
) -> str | None:
    """Return the first cell of a table that does not fit: which row, which column, what came.

    ``within`` is a condition of SQL, with its values, on the rows that are looked at.
    """
    keys, rules = RULES[table]
    broken = {column: f"({rule.holds.format(column)}) IS NOT 1" for column, rule in rules.items()}
    which = " ".join(f"WHEN {condition} THEN '{column}'" for column, condition in broken.items())
    names = ", ".join([f"CASE {which} END", *map(cut, keys), *map(cut, rules)])
    where = " OR ".join(broken.values())
    query = f"SELECT {names} FROM {table} WHERE {within} AND ({where}) LIMIT 1"
    row = connection.execute(query, values).fetchone()
    if row is None:
        return None
    column, *found = row
    named = " ".join([table, *map(shown, found[: len(keys)])])
    value = dict(zip(rules, found[len(keys) :], strict=True))[column]
    return f"{named}: {column} must {rules[column].must}, got {shown(value)}"


def cut(column: str) -> str:
    """Return the SQL of a column's value as a message needs it: a long one without its end."""
    bytes_ = f"substr(CAST({column} AS BLOB), 1, 80)"
    long = f"typeof({column}) IN ('text', 'blob') AND length({column}) > 80"
    return f"CASE WHEN {long} THEN {bytes_} ELSE {column} END"
