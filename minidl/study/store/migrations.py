"""From an empty file, or an older version, to the tables of today: in order, all or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from importlib import resources
from pathlib import Path

from minidl.study.files.folder import remove_inside
from minidl.study.store.place import open_in_place

APPLICATION = 0x6D696E69  # "mini", in the file's header
MIGRATIONS = (
    "schema_1.sql",
    "schema_2.sql",
    "schema_3.sql",
    "schema_4.sql",
    "schema_5.sql",
    "schema_6.sql",
)  # the version of a file is how many it has had
VERSION = len(MIGRATIONS)


def version_of(connection: sqlite3.Connection) -> int:
    """Return which version a file has, 0 when it is empty."""
    return connection.execute("PRAGMA user_version").fetchone()[0]


def migrate(
    connection: sqlite3.Connection, check: Callable[[sqlite3.Connection], None] = lambda _: None
) -> None:
    """Bring a file to today's version in one transaction, which ends with a check.

    Another process may do the same: who comes second finds it done.
    """
    connection.execute("PRAGMA foreign_keys = OFF")  # tables are replaced by others of their name
    try:
        connection.execute("BEGIN IMMEDIATE")
        for number in range(version_of(connection), VERSION):
            for statement in statements(MIGRATIONS[number]):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        check(connection)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def statements(name: str) -> list[str]:
    """Return the statements of a migration; comments hold no semicolon."""
    text = resources.files("minidl.study.store").joinpath(name).read_text("utf-8")
    return [part for part in map(str.strip, text.split(";")) if part]


def statements_until(version: int) -> list[str]:
    """Return all that lays an empty file of some version."""
    return [statement for name in MIGRATIONS[:version] for statement in statements(name)]


def kept_aside(path: Path, version: int) -> Path:
    """Return where the copy of a store of an older version stands while it is migrated."""
    return path.with_name(f"{path.stem}-version-{version}{path.suffix}")


def keep_aside(connection: sqlite3.Connection, path: Path) -> None:
    """Write a whole copy of an open file: what is left should the machine fail in a migration."""
    remove_inside(path.parent, path.name)
    copy = open_in_place(path.parent, path.name, create=True)
    try:
        copy.execute("PRAGMA journal_mode = OFF")  # a kill leaves one file, which the next replaces
        connection.backup(copy)
    finally:
        copy.close()


def remove_aside(path: Path) -> None:
    """Remove the copies that migrations have kept aside, once the store itself is migrated."""
    for version in range(1, VERSION):
        with suppress(OSError):  # in a folder that is read only, it stays
            remove_inside(path.parent, kept_aside(path, version).name)
