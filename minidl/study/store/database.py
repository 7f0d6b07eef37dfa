"""The file of a store: an SQLite database that is opened, checked and read, or refused."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, Self

from minidl.study.errors import InputError
from minidl.study.store.place import is_absent, open_in_place

FILE = "study.sqlite"
APPLICATION = 0x6D696E69  # "mini", in the file's header
VERSION = 1


class StoreFile:
    """An open store. One process writes at a time; any number may read.

    Raises InputError for a file that is no minidl store, is damaged, or comes from a newer minidl;
    such a file stays as it is.
    """

    def __init__(self, folder: Path, *, create: bool = False):
        self.path = folder / FILE
        if not create and is_absent(self.path):
            raise InputError(f"{folder}: no study here; expected a file {FILE}")
        with self.explain():
            self.connection = open_in_place(folder, FILE, create=create)
            try:
                self.connection.execute("PRAGMA foreign_keys = ON")
                self.check_version(create)
            except BaseException:
                self.connection.close()
                raise

    def check_version(self, create: bool) -> None:
        """Lay the tables in an empty file; refuse a file that is not ours or from the future."""
        (version,) = self.connection.execute("PRAGMA user_version").fetchone()
        (application,) = self.connection.execute("PRAGMA application_id").fetchone()
        (tables,) = self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if create and not tables and not version:
            schema = resources.files("minidl.study.store").joinpath("schema.sql").read_text()
            self.connection.executescript(
                f"BEGIN IMMEDIATE; {schema} PRAGMA application_id = {APPLICATION};"
                f"PRAGMA user_version = {VERSION}; COMMIT;"
            )
        elif application != APPLICATION:
            raise InputError(f"{self.path}: is a database, but not a minidl store")
        elif version > VERSION:
            raise InputError(
                f"{self.path}: was written by a newer minidl (schema {version}); "
                f"this one reads up to {VERSION}"
            )

    def check(self) -> None:
        """Read every page, before anything is written; raises InputError when one is damaged."""
        found = self.select("PRAGMA quick_check(1)")[0]["quick_check"]
        if found != "ok":
            raise self.damaged(" ".join(found.split()))

    def damaged(self, how: object) -> InputError:
        """Return the error for a file that cannot be what minidl wrote."""
        return InputError(
            f"{self.path}: is damaged: {how}; `minidl run --fresh` keeps it aside and begins anew"
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

    def decode(self, text: str) -> dict[str, Any]:
        """Return what a JSON text in the store says."""
        try:
            return json.loads(text)
        except (ValueError, TypeError) as error:
            raise self.damaged(error) from None
