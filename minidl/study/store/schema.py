"""The tables of a store are those that minidl lays, statement for statement, and nothing else.

A file from elsewhere may hold a trigger that empties tables, a view that never ends under a table's
name, a table without its keys. Only the view ``runs``, which minidl itself never reads, is free.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import cache

Parts = dict[tuple[str, str], str]  # kind and name of a part of a schema -> its statement
OWN_VIEW = ("view", "runs")
STATISTICS = "sqlite_stat"  # what ANALYZE lays


def strangeness(connection: sqlite3.Connection, laid: Sequence[str]) -> str | None:
    """Return what is not as some statements lay it, in words; None when everything is."""
    found, expected = parts(connection), expected_parts(tuple(laid))
    for kind, name in found:
        if (kind, name) not in expected:
            return f"holds a {kind} {name!r:.60}, which minidl did not make"
    for (kind, name), statement in expected.items():
        if found.get((kind, name)) != statement:
            return f"its {kind} {name!r} is not as minidl made it"
    return None


@cache
def expected_parts(laid: tuple[str, ...]) -> Parts:
    """Return the parts that some statements lay in an empty file."""
    with closing(sqlite3.connect(":memory:")) as memory:
        for statement in laid:
            memory.execute(statement)
        return parts(memory)


def parts(connection: sqlite3.Connection) -> Parts:
    """Return the parts of a file's schema, their statements without spaces and quotes."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    return {
        (str(kind), str(name)): "".join(str(sql).replace('"', "").split())
        for kind, name, sql in rows
        if (kind, name) != OWN_VIEW and not str(name).startswith(STATISTICS)
    }
