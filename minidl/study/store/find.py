"""Finding a run in a store by the beginning of its id."""

from __future__ import annotations

from minidl.study.errors import InputError
from minidl.study.store.store import Record, Store


def find_run(store: Store, run_id: str) -> Record:
    """Return the one run whose id begins so; raises InputError for none, or for several."""
    found = [record for key, record in store.records().items() if run_id and key.startswith(run_id)]
    if not found:
        raise InputError(f"{store.path}: no run {run_id!r}; `minidl export` lists their ids")
    if len(found) > 1:
        raise InputError(
            f"{store.path}: {len(found)} runs begin with {run_id!r}; give more of the id"
        )
    return found[0]
