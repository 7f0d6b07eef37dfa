"""What was planned before the first run, as a store remembers it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from datetime import UTC, datetime
from typing import NamedTuple


class Preregistration(NamedTuple):
    """How many seeds were planned, for which study and reference, when, and the digest of them."""

    at: str
    digest: str
    seeds: int
    study: str
    reference: str

    @property
    def is_whole(self) -> bool:
        """Whether the digest is that of what was planned."""
        return self.digest == digest_of(self.seeds, self.study, self.reference)


def digest_of(seeds: int, study: str, reference: str) -> str:
    """Return the SHA-256 of a plan, in hex: of ``[seeds, study, reference]`` as JSON."""
    return hashlib.sha256(json.dumps([seeds, study, reference]).encode()).hexdigest()


def enter_preregistration(
    connection: sqlite3.Connection, seeds: int, study: str, reference: str
) -> Preregistration:
    """Remember what is planned now, in place of what was planned before."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    made = Preregistration(at, digest_of(seeds, study, reference), seeds, study, reference)
    connection.execute(
        "INSERT OR REPLACE INTO preregistration (id, at, digest, seeds, study, reference) "
        "VALUES (1, ?, ?, ?, ?, ?)",
        made,
    )
    return made
