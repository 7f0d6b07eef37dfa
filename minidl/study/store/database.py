"""The file of a store: an SQLite database that is opened, checked and read, or refused."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

from minidl.study.errors import InputError
from minidl.study.store.migrations import (
    APPLICATION,
    VERSION,
    keep_aside,
    kept_aside,
    migrate,
    remove_aside,
    version_of,
)
from minidl.study.store.place import is_absent, open_in_place

FILE = "study.sqlite"
OWN_VIEWS = ("runs",)


class Database:
    """An open store. One process writes at a time; any number may read.

    Raises InputError for a file that is not a minidl store, is damaged, or comes from a newer
    minidl; such a file stays as it is.
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
                self.check_schema()
            except BaseException:
                self.connection.close()
                raise

    def check_version(self, create: bool) -> None:
        """Lay the tables in an empty file, bring an older one up to date, refuse all others."""
        version = version_of(self.connection)
        (application,) = self.connection.execute("PRAGMA application_id").fetchone()
        (tables,) = self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
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
        elif version < VERSION:
            self.update(version)
        else:
            remove_aside(self.path)

    def no_study(self) -> InputError:
        """Return the error for a folder without a store."""
        return InputError(f"{self.path.parent}: no study here; expected a file {FILE}")

    def update(self, version: int) -> None:
        """Migrate an older file; one that cannot be written is read from a copy in memory."""
        if not (os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)):
            memory = sqlite3.connect(":memory:")
            self.connection.backup(memory)
            self.connection.close()
            self.connection = memory
            migrate(memory)
            return
        keep_aside(self.connection, kept_aside(self.path, version))
        migrate(self.connection)
        remove_aside(self.path)

    def check_schema(self) -> None:
        """Refuse a file in which something else than minidl's statements would run."""
        query = "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view')"
        for kind, name in self.connection.execute(query):
            if kind == "trigger" or name not in OWN_VIEWS:
                raise InputError(
                    f"{self.path}: holds a {kind} {name!r:.60}, which minidl did not make"
                )

    def check(self) -> None:
        """Read every page, before anything is written; raises InputError when one is damaged."""
        found = self.select("PRAGMA quick_check(1)")[0]["quick_check"]
        if found != "ok":
            raise self.damaged(" ".join(found.split()))

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
            UnicodeDecodeError,
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

    def decode_settings(self, text: str) -> dict[str, Any]:
        """Return a run's settings from the store, or refuse what cannot be any."""
        found: Any = self.decode(text)
        try:
            parts = [found[key]["name"] for key in ("data", "activation", "loss", "optimizer")]
            sizes = [found["data"]["train"], *found["model"]["hidden"]]
            sizes += [found["batch_size"], found.get("updates") or found["epochs"]]
        except (KeyError, TypeError) as error:
            raise self.damaged(f"a run's settings lack {error}") from None
        if not all(type(part) is str for part in parts) or not all(type(n) is int for n in sizes):
            raise self.damaged("a run's settings are of other types")
        return found

    def decode(self, text: str) -> dict[str, Any]:
        """Return what a JSON text in the store says."""
        try:
            return json.loads(text)
        except (ValueError, TypeError) as error:
            raise self.damaged(error) from None
