"""When verdicts were asked for: what a store remembers of it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import NamedTuple


class Look(NamedTuple):
    """With how many seeds verdicts were asked for, of how many planned then, and when first."""

    seeds: int
    planned: int
    at: str


def enter_look(connection: sqlite3.Connection, seeds: int, planned: int) -> None:
    """Remember a look; a second one at as many seeds is the same."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    connection.execute("INSERT OR IGNORE INTO look VALUES (?, ?, ?)", (seeds, planned, at))
