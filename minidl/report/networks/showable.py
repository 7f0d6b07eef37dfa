"""Which networks of a store a page can show while they learn, as they are trained today."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from copy import deepcopy
from dataclasses import replace
from typing import Any

from minidl.report.cell_results import CellResults
from minidl.report.networks.points import has_plane, is_curve
from minidl.report.results import Results
from minidl.study import length
from minidl.study.errors import InputError
from minidl.study.grid.data import source_of
from minidl.study.grid.fit import misfit
from minidl.study.grid.settings import RunSettings
from minidl.study.later import SETTINGS
from minidl.study.run_spec import RunSpec, id_of, what_counts
from minidl.study.stacks.weights import restore
from minidl.study.store.store import Store


def has_snapshots(results: Results, store: Store) -> bool:
    """Whether any run of the study has weights from during training in the store."""
    ids = {run.id for run in results.study.runs}
    with closing(store.stream("SELECT DISTINCT run_id FROM snapshot")) as rows:
        return any(run_id in ids for (run_id,) in rows)


def showable(results: Results) -> list[tuple[CellResults, dict[str, Any]]]:
    """Return the cells with trained networks that a page can show, with all their settings."""
    found = []
    for cell in results.cells:
        if any(record.status == "done" for record in cell.records.values()):
            try:
                settings = complete(cell.runs[0].settings)
                source = source_of(settings["data"])
                fits = (has_plane(source) or is_curve(source)) and misfit(settings) is None
                length.epochs(settings)  # for what it raises
            except (InputError, ValueError, ArithmeticError):  # of components that are not here
                continue
            if fits:
                found.append((cell, settings))
    return found


def complete(stored: dict[str, Any]) -> dict[str, Any]:
    """Return settings with all that there are today.

    Raises ValueError for settings, and components, that no study of today has.
    """
    settings = deepcopy(stored)
    for key, default in SETTINGS.items():
        *rooms, last = key.split(".")
        place: Any = settings
        for room in rooms:
            place = place[room]
        place.setdefault(last, default)
    return RunSettings.model_validate(settings).model_dump()


def shown(
    cells: Sequence[tuple[CellResults, dict[str, Any]]], store: Store, seed: int
) -> list[RunSpec]:
    """Return the runs of a seed whose networks the store holds, as they are trained here."""
    found = []
    for cell, settings in cells:
        run = next((run for run in cell.runs if run.seed == seed), None)
        if run is None or seed not in cell.records or cell.records[seed].status != "done":
            continue
        if id_of(what_counts(settings), seed) == run.id and is_whole(settings, store, run.id):
            found.append(replace(run, settings=settings, snapshots=True, shared={}))
    return found


def is_whole(settings: dict[str, Any], store: Store, run_id: str) -> bool:
    """Whether the store has a run's weights, and they are those of such a network."""
    if (stored := store.weights(run_id)) is None:
        return False
    try:
        restore(settings, stored)
    except (InputError, ValueError, ArithmeticError):
        return False
    return True
