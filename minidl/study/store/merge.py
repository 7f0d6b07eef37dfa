"""Merging stores: runs that were made elsewhere come into a study's store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load

from minidl.study.errors import InputError
from minidl.study.store.admission import misfit
from minidl.study.store.lock import only_writer
from minidl.study.store.store import Store
from minidl.study.store.stored_runs import COLUMNS, Record


@dataclass
class Merged:
    """What a merge did: ids of the runs that came in, were there already, or conflict."""

    added: list[str] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


def merge(folder: Path, others: Sequence[Path]) -> Merged:
    """Copy every run of other stores that a store lacks, or has as failed.

    The same id is the same run. One whose numbers differ is a conflict: it is reported and never
    overwritten. Raises InputError when a store cannot be read or written, or a run is not whole, or
    not what its id says, or a score means something else; then nothing of that other store has come
    in.
    """
    merged = Merged()
    for other in others:
        if other.resolve() == folder.resolve():
            raise InputError(f"{other}: is the store to merge into; expected another")
    for each in (folder, *others):
        with Store(each) as store:  # raises before anything is written
            _ = store.outline() if each is folder else store.records()
    with only_writer(folder), Store(folder) as store:
        store.check()
        for other in others:
            with Store(other) as source:
                copy_runs(store, source, merged)
    return merged


def outcome(record: Record) -> tuple[Any, ...]:
    """Return what two records of the same run must agree in, beside the weights."""
    return record.status, record.diverged_at, record.final


def same_weights(first: bytes | None, second: bytes | None) -> bool:
    """Whether two safetensors files hold the same numbers, bit for bit but for those of a NaN:
    which of its many bit patterns comes out depends on the company that a run was trained in.
    """
    if first is None or second is None or first == second:
        return first == second
    try:
        a, b = load(first), load(second)
    except SafetensorError:
        return False
    return a.keys() == b.keys() and all(same_numbers(a[name], b[name]) for name in a)


def same_numbers(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays have the same bits, any NaN being like any other."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return np.where(np.isnan(a), np.nan, a).tobytes() == np.where(np.isnan(b), np.nan, b).tobytes()


def scores_of(store: Store) -> dict[str, tuple[str, str]]:
    """Return the unit of every score in a store, and which side of it is better."""
    sides = store.better_sides()
    return {name: (unit, sides[name]) for name, unit in store.metrics().items()}


def refuse_other_meanings(store: Store, source: Store) -> None:
    """Raise InputError when two stores have a score of one name that is not the same score."""
    ours, theirs = scores_of(store), scores_of(source)
    for name in theirs:
        if ours.get(name, theirs[name]) != theirs[name]:
            one, other = (
                f"in {unit!r}, {side} is better" for unit, side in (theirs[name], ours[name])
            )
            raise InputError(f"{source.path}: {name} is {one}; in {store.path} it is {other}")


def copy_runs(store: Store, source: Store, merged: Merged) -> None:
    """Copy what is missing from one open store into another, in one transaction."""
    own, theirs = store.records(), source.records()
    facts, scores = source.environments(), scores_of(source)
    refuse_other_meanings(store, source)
    rows = {row["id"]: row for row in source.select(f"SELECT {', '.join(COLUMNS)} FROM run")}
    new: list[str] = []
    with store.explain(), store.connection:
        for run_id, record in theirs.items():
            curve, weights = source.curve(run_id), source.weights(run_id)
            snapshots = source.snapshots(run_id)
            if wrong := misfit(record.status, record.settings, curve, weights, snapshots):
                raise InputError(f"{source.path}: run {run_id}: {wrong}")
            mine = own.get(run_id)
            if mine is None or (mine.status == "failed" and record.status != "failed"):
                number = store.environment_id(facts[record.environment_id])
                row = {**rows[run_id], "environment_id": number}
                store.insert(row, curve, weights, snapshots, scores.__getitem__)
                new.append(run_id)
            elif record.status == "failed" or (
                outcome(mine) == outcome(record) and same_weights(store.weights(run_id), weights)
            ):
                merged.present.append(run_id)
                if snapshots and not store.snapshots(run_id):
                    store.insert_snapshots(run_id, snapshots)
            else:
                merged.conflicts.append(run_id)
        merged.added += store.kept(new)
