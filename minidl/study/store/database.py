"""The file of a store: an SQLite database that is opened, checked and read, or refused."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

from minidl.study.errors import InputError
from minidl.study.store import cell_checks, json_forms, schema
from minidl.study.store.cell_checks import LONG
from minidl.study.store.cell_rules import RULES
from minidl.study.store.migrations import (
    APPLICATION,
    VERSION,
    keep_aside,
    kept_aside,
    migrate,
    remove_aside,
    statements_until,
    version_of,
)
from minidl.study.store.place import is_absent, open_in_place

FILE = "study.sqlite"


class Database:
    """An open store. One process writes at a time; any number may read.

    Its content may be a stranger's: before anything is used, the schema is held against minidl's
    own, and every cell against its rule.

    Raises InputError for a file that is not a minidl store, is damaged, holds what minidl would not
    have written, or comes from a newer minidl; such a file stays as it is.
    """

    def __init__(self, folder: Path, *, create: bool = False):
        self.path = folder / FILE
        if not create and is_absent(self.path):
            raise self.no_study()
        with self.explain():
            self.connection = open_in_place(folder, FILE, create=create)
            try:
                self.connection.execute("PRAGMA trusted_schema = OFF")
                self.connection.execute("PRAGMA foreign_keys = ON")
                self.check_version(create)
                at_once = (table for table in RULES if table != LONG)
                self.refuse(cell_checks.misfit(self.connection, at_once))
            except BaseException:
                self.connection.close()
                raise

    def check_version(self, create: bool) -> None:
        """Lay the tables in an empty file, bring an older one up to date, refuse all others."""
        with self.snapshot():  # another process may migrate it meanwhile
            version = version_of(self.connection)
            (application,) = self.connection.execute("PRAGMA application_id").fetchone()
            (tables,) = self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            laid = statements_until(version) if 0 < version <= VERSION else []
            strange = schema.strangeness(self.connection, laid)
        if not tables and not version:
            if not create:  # a kill came while the tables were laid: SQLite undid that just now
                raise self.no_study()
            migrate(self.connection)
        elif application != APPLICATION:
            raise InputError(f"{self.path}: is a database, but not a minidl store")
        elif version > VERSION:
            raise InputError(
                f"{self.path}: was written by a newer minidl (schema {version}); "
                f"this one reads up to {VERSION}"
            )
        elif strange:
            raise InputError(f"{self.path}: {strange}")
        elif version < VERSION:
            self.update(version)
        else:
            remove_aside(self.path)

    def no_study(self) -> InputError:
        """Return the error for a folder without a store."""
        return InputError(f"{self.path.parent}: no study here; expected a file {FILE}")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read several times as if at once, whatever others write meanwhile."""
        own = not self.connection.in_transaction
        if own:
            self.connection.execute("BEGIN")
        try:
            yield
        finally:
            if own:
                self.connection.rollback()

    def update(self, version: int) -> None:
        """Migrate an older file; one that cannot be written is read from a copy in memory."""
        if not (os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)):
            memory = sqlite3.connect(":memory:")
            self.connection.backup(memory)
            self.connection.close()
            self.connection = memory
            migrate(memory, self.check_cells)
            return
        keep_aside(self.connection, kept_aside(self.path, version))
        try:
            migrate(self.connection, self.check_cells)
        except InputError:  # refused, and as it was
            remove_aside(self.path)
            raise
        remove_aside(self.path)

    def check_curves(self, within: str = "1", values: Sequence[Any] = ()) -> None:
        """Refuse scores, of those rows that a condition picks, that minidl would not write."""
        with self.explain():
            self.refuse(cell_checks.first_misfit(self.connection, LONG, within, values))

    def check_cells(self, connection: sqlite3.Connection) -> None:
        """Refuse any value that minidl would not have written."""
        self.refuse(cell_checks.misfit(connection))

    def refuse(self, found: str | None) -> None:
        """Raise InputError for what has been found, if anything has."""
        if found is not None:
            raise self.damaged(found)

    def check(self) -> None:
        """Read all there is, before anything is written; raises InputError for what is wrong."""
        found = self.select("PRAGMA quick_check(1)")[0]["quick_check"]
        if found != "ok":
            raise self.damaged(" ".join(found.split()))
        self.check_curves()

    def damaged(self, how: object) -> InputError:
        """Return the error for a file that cannot be what minidl wrote."""
        return InputError(
            f"{self.path}: is damaged: {how}; `minidl run --fresh` keeps it aside and starts again"
        )

    @contextmanager
    def explain(self) -> Iterator[None]:
        """Turn SQLite's errors into an InputError of one line that names the file."""
        try:
            yield
        except (
            sqlite3.Error,
            UnicodeError,  # half a character is none to SQLite
        ) as error:  # sqlite3's own messages may be garbage
            line = " ".join(str(error).split())
            if getattr(error, "sqlite_errorname", "") == "SQLITE_READONLY_DBMOVED":
                line = "was moved or removed while it was in use"
            raise InputError(f"{self.path}: {line}") from None

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def select(self, query: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Return the rows of a query as dicts."""
        with self.explain(), closing(self.connection.execute(query, values)) as cursor:
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def stream(
        self, query: str, values: Sequence[Any] = ()
    ) -> Generator[tuple[Any, ...], None, None]:
        """Yield the rows of a query, of which there may be very many, one at a time."""
        with self.explain(), closing(self.connection.execute(query, values)) as cursor:
            yield from cursor

    def decode_settings(self, text: str, what: str) -> dict[str, Any]:
        """Return what a JSON text says of a run's settings."""
        found = self.decode(text, what, json_forms.SETTINGS)
        if found["epochs"] is None and found.get("updates") is None:
            raise self.damaged(f"{what}: neither epochs nor updates are given")
        return found

    def decode(self, text: str, what: str, form: json_forms.Form) -> Any:
        """Return what a JSON text in the store says, when it is of a form; ``what`` names it."""
        try:
            found = json_forms.decode(text)
        except (ValueError, TypeError) as error:
            raise self.damaged(f"{what}: {error}") from None
        if wrong := json_forms.misfit(found, form):
            raise self.damaged(f"{what}: {wrong}")
        return found
