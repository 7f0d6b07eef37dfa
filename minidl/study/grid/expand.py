"""From a study to its runs: every cell's settings, overridden where a rule says so, per seed."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from minidl.study.errors import InputError
from minidl.study.files.complaints import first_complaint, shown
from minidl.study.files.yaml_file import KeyPath
from minidl.study.grid.cells import Cell, check_key, check_rule, combine
from minidl.study.grid.complete import complete_settings, with_threshold
from minidl.study.grid.component_files import try_chosen
from minidl.study.grid.data import settled
from minidl.study.grid.fit import misfit
from minidl.study.grid.matching import agrees, as_component
from minidl.study.grid.names import Settled, name_cells
from minidl.study.grid.settings import RunSettings
from minidl.study.grid.spec import StudySpec
from minidl.study.run_spec import RunSpec, label

MAX_RUNS = 100_000
LENGTHS = {"epochs": "updates", "updates": "epochs"}  # who says one takes back the other


def expand(study: StudySpec, *, max_runs: int = MAX_RUNS) -> list[RunSpec]:
    """Return the runs of a study, seed by seed within cell by cell.

    Raises InputError when a setting is wrong, a rule matches nothing, two cells are the same, or
    there are more than ``max_runs``.
    """
    size = math.prod(map(len, study.grid.values())) + len(study.include)
    if (runs := size * len(study.seed_list)) > max_runs:
        raise InputError(
            f"{study.place(('grid',))}: the grid has {many(runs)} runs; "
            f"allowed: {max_runs:,} (`minidl run --yes` lifts the limit)"
        )
    if study._runs is None:
        study._runs = expanded(study)
    return study._runs


def expanded(study: StudySpec) -> list[RunSpec]:
    """Return the runs of a study, however many."""
    cells, seeds = combine(study), study.seed_list
    settled = [settle(study, cell) for cell in cells]
    check_overrides(study, settled)
    watched = set(study.snapshot_seeds)
    named = name_cells([cell.values for cell in cells], settled)
    runs: list[RunSpec] = []
    for own, name in zip(settled, named, strict=True):
        at, shared = (name.values, name.labels, name.place), {}
        runs += [RunSpec(own.resolved, s, *at, s in watched, shared) for s in seeds]
    check_unique(study, cells, runs[:: len(seeds)])
    return runs


def expand_one(study: StudySpec) -> RunSpec:
    """Return the only run of a study; raises InputError that names what makes more than one."""
    runs = expand(study)
    if len(runs) > 1:
        axes: list[KeyPath] = [("grid", axis) for axis, vs in study.grid.items() if len(vs) > 1]
        place = study.place([*axes, ("include",) if study.include else ("seeds",)][0])
        raise InputError(f"{place}: makes {len(runs)} networks; allowed: one")
    return runs[0]


def many(number: int) -> str:
    """Return a large number as a text, without its digits when there are very many."""
    return f"{number:,}" if number < 10**15 else "more than 10^15"


def settle(study: StudySpec, cell: Cell) -> Settled:
    """Return the settings of a cell, before and after the overrides that it meets.

    Rules see every component with its defaults, as ``--only`` does.
    """
    settings = study.model_dump(include=set(RunSettings.model_fields))
    origins: dict[str, KeyPath] = {}
    for key in sorted(cell.values, key=lambda key: key.count(".")):
        assign(study, settings, origins, key, cell.values[key], cell.origins[key])
    before = seen = complete_settings(settings)
    met = set()
    for number, rule in enumerate(study.overrides):
        if agrees(seen, rule.when):
            met.add(number)
            for key, value in rule.set.items():
                assign(study, settings, origins, key, value, ("overrides", number, "set", key))
            seen = complete_settings(settings)
    try:
        resolved = with_threshold(RunSettings.model_validate(settings).model_dump())
    except ValidationError as error:
        raise InputError(explain_at_origin(study, origins, error)) from None
    try:
        resolved["data"] = settled(resolved["data"], study.base)
    except (ValueError, InputError) as error:
        text = str(error) if isinstance(error, InputError) else f"data.{error}"
        raise InputError(f"{place_of(study, origins, 'data')}: {text}") from None
    if wrong := misfit(resolved):
        key, text = wrong
        raise InputError(f"{place_of(study, origins, key)}: {text}")
    try_chosen(resolved)
    return Settled(before, settings, resolved, met)


def place_of(study: StudySpec, origins: dict[str, KeyPath], key: str) -> str:
    """Return the place from which a setting, or the last part of it, came."""
    related = [known for known in origins if known == key or known.startswith(f"{key}.")]
    return study.place(origins[related[-1]] if related else tuple(key.split(".")))


def assign(
    study: StudySpec,
    settings: dict[str, Any],
    origins: dict[str, KeyPath],
    key: str,
    value: Any,
    origin: KeyPath,
) -> None:
    """Set one, possibly dotted, key of the settings, and remember where its value came from."""
    check_key(key, study.place(origin))
    *parents, last = key.split(".")
    target = settings
    for parent in parents:
        if target.get(parent) is None:
            target[parent] = {}
        target = target[parent]
        if not isinstance(target, dict):
            raise InputError(f"{study.place(origin)}: setting {key!r} has no part {last!r}")
    target[last] = as_component(key, copy.deepcopy(value))
    origins[key] = origin
    if key in LENGTHS and value is not None:
        instead = LENGTHS[key]
        if instead not in origins or origin[0] == "overrides":
            settings[instead] = None


def explain_at_origin(study: StudySpec, origins: dict[str, KeyPath], error: ValidationError) -> str:
    """Return pydantic's first complaint with the place from which the wrong value came."""
    path, text = first_complaint(error)
    name = ".".join(map(str, path))
    related = [
        key for key in origins if f"{name}.".startswith(f"{key}.") or key.startswith(f"{name}.")
    ]
    return f"{study.place(origins[related[-1]] if related else path)}: {text}"


def check_overrides(study: StudySpec, settled: Sequence[Settled]) -> None:
    """Raise InputError for an override that no cell meets: it is a typing error."""
    met = set().union(*(own.met for own in settled))
    for number, rule in enumerate(study.overrides):
        place = study.place(("overrides", number))
        check_rule(rule.when, place)
        if number not in met:
            raise InputError(f"{place}: override matches no cell, got {shown(rule.when)}")


def check_unique(study: StudySpec, cells: Sequence[Cell], runs: Sequence[RunSpec]) -> None:
    """Raise InputError when two cells have the same settings; ``runs`` has a run of each."""
    first: dict[str, Cell] = {}
    for cell, run in zip(cells, runs, strict=True):
        if (other := first.setdefault(run.id, cell)) is not cell:
            place = study.place(next(iter(cell.origins.values()), ()))
            both = f"{written(other)} and {written(cell)}"
            raise InputError(f"{place}: two cells have the same settings: {both}")


def written(cell: Cell) -> str:
    """Return a cell as the file has it: ``activation=tanh, epochs=5``."""
    return ", ".join(f"{key}={label(value)}" for key, value in cell.values.items())
