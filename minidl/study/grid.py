"""From a study to its runs: axes are crossed, cells excluded and included, settings overridden."""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from minidl.study.components import unknown
from minidl.study.errors import InputError
from minidl.study.matching import agrees, as_component
from minidl.study.settings import RunSettings, RunSpec, label
from minidl.study.spec import StudySpec, complaint
from minidl.study.yaml_file import KeyPath, parse_yaml

MAX_RUNS = 100_000


@dataclass
class Cell:
    """One combination: the value of every axis, and the place in the file that each came from."""

    values: dict[str, Any]
    origins: dict[str, KeyPath] = field(default_factory=dict)


def expand(study: StudySpec, *, max_runs: int = MAX_RUNS) -> list[RunSpec]:
    """Return the runs of a study, seed by seed within cell by cell.

    Raises InputError when a setting is wrong, a rule matches nothing, two cells are the same, or
    there are more than ``max_runs``.
    """
    seeds = study.seed_list
    size = math.prod(map(len, study.grid.values())) + len(study.include)
    if size * len(seeds) > max_runs:
        raise InputError(
            f"{study.place(('grid',))}: the grid has up to {size * len(seeds):,} runs; "
            f"allowed: {max_runs:,} (--yes lifts the limit)"
        )
    check_axes(study)
    cells = list(combine(study))
    settings = [settle(study, cell) for cell in cells]
    check_rules(study, settings)
    runs = [
        RunSpec(resolved, seed, cell.values)
        for cell, (resolved, _) in zip(cells, settings, strict=True)
        for seed in seeds
    ]
    check_unique(study, cells, runs)
    return runs


def check_axes(study: StudySpec) -> None:
    """Raise InputError for an axis that has a value twice, or that is no setting."""
    for axis, values in study.grid.items():
        check_key(axis, study.place(("grid", axis)))
        seen: list[Any] = []
        for i, value in enumerate(values):
            if (named := as_component(axis, value)) in seen:
                place = study.place(("grid", axis, i))
                raise InputError(f"{place}: axis {axis!r} has the value {label(value)} twice")
            seen.append(named)


def check_key(key: str, place: str) -> None:
    """Raise InputError for a key that is no setting of a run."""
    if key.split(".")[0] not in RunSettings.model_fields:
        raise InputError(f"{place}: {unknown('setting', key, RunSettings.model_fields)}")


def combine(study: StudySpec) -> Iterator[Cell]:
    """Yield the cells: the crossed axes less the excluded ones, then the included ones.

    As in GitHub Actions' matrix, an include joins every cell whose axes it agrees with, and is a
    cell of its own when there is none. Without axes, every include is a cell of its own.
    """
    axes = [[(axis, i, v) for i, v in enumerate(vs)] for axis, vs in study.grid.items()]
    crossed = [
        Cell(
            {axis: value for axis, _, value in combination},
            {axis: ("grid", axis, i) for axis, i, _ in combination},
        )
        for combination in (itertools.product(*axes) if axes or not study.include else ())
    ]
    for number, rule in enumerate(study.exclude):
        kept = [cell for cell in crossed if not agrees(cell.values, rule)]
        if len(kept) == len(crossed):
            raise InputError(f"{study.place(('exclude', number))}: this exclude matches no cell")
        crossed = kept
    alone: list[Cell] = []
    for number, extra in enumerate(study.include):
        place = study.place(("include", number))
        for key in extra:
            check_key(key, place)
        origins: dict[str, KeyPath] = {key: ("include", number, key) for key in extra}
        on_axes = {key: value for key, value in extra.items() if key in study.grid}
        joined = [cell for cell in crossed if agrees(cell.values, on_axes)]
        for cell in joined:
            cell.origins |= {key: origins[key] for key in extra if key not in study.grid}
            cell.values |= {key: value for key, value in extra.items() if key not in study.grid}
        if not joined:
            alone.append(Cell(dict(extra), origins))
    if not crossed and not alone:
        raise InputError(f"{study.place(('exclude',))}: the excludes leave no cell")
    yield from crossed
    yield from alone


def settle(study: StudySpec, cell: Cell) -> tuple[dict[str, Any], set[int]]:
    """Return the resolved settings of a cell, and the numbers of the overrides that it met."""
    settings = study.model_dump(include=set(RunSettings.model_fields))
    origins: dict[str, KeyPath] = {}
    for key in sorted(cell.values, key=lambda key: key.count(".")):
        assign(study, settings, origins, key, cell.values[key], cell.origins[key])
    met = set()
    for number, rule in enumerate(study.overrides):
        if agrees(settings, rule.when):
            met.add(number)
            for key, value in rule.set.items():
                assign(study, settings, origins, key, value, ("overrides", number, "set", key))
    try:
        return RunSettings.model_validate(settings).model_dump(), met
    except ValidationError as error:
        raise InputError(explain_at_origin(study, origins, error)) from None


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
        target = target.setdefault(parent, {})
        if not isinstance(target, dict):
            raise InputError(f"{study.place(origin)}: setting {key!r} has no part {last!r}")
    target[last] = as_component(key, copy.deepcopy(value))
    origins[key] = origin


def explain_at_origin(study: StudySpec, origins: dict[str, KeyPath], error: ValidationError) -> str:
    """Return pydantic's first complaint with the place from which the wrong value came."""
    first = error.errors()[0]
    path = ".".join(map(str, first["loc"]))
    related = [
        key for key in origins if f"{path}.".startswith(f"{key}.") or key.startswith(f"{path}.")
    ]
    place = study.place(origins[related[-1]] if related else tuple(first["loc"]))
    return f"{place}: {complaint(first)}"


def check_rules(study: StudySpec, settings: Sequence[tuple[dict[str, Any], set[int]]]) -> None:
    """Raise InputError for an override that no cell meets: it is a typing error."""
    met = set().union(*(met for _, met in settings))
    for number in range(len(study.overrides)):
        if number not in met:
            place = study.place(("overrides", number))
            raise InputError(
                f"{place}: this override matches no cell: {study.overrides[number].when}"
            )


def check_unique(study: StudySpec, cells: Sequence[Cell], runs: Sequence[RunSpec]) -> None:
    """Raise InputError when two cells have the same settings."""
    first: dict[str, RunSpec] = {}
    for run in runs:
        if first.setdefault(run.id, run) is not run:
            cell = next(cell for cell in cells if cell.values is run.cell)
            place = study.place(next(iter(cell.origins.values()), ()))
            raise InputError(f"{place}: two cells have the same settings: {describe(run)}")


def describe(run: RunSpec) -> str:
    """Return a run's cell as a text: ``activation=tanh, loss=mse, optimizer=adam``."""
    return ", ".join(f"{key}={label(value)}" for key, value in run.cell.items())


def select(runs: Sequence[RunSpec], only: Sequence[str]) -> list[RunSpec]:
    """Return the runs that match ``KEY=VALUE`` texts: one of each key's values, for every key.

    Raises InputError when a text is no ``KEY=VALUE``, its key no setting, or nothing matches.
    """
    wanted: dict[str, list[Any]] = {}
    for text in only:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise InputError(f"--only {text}: must be KEY=VALUE")
        if key != "seed":
            check_key(key, f"--only {text}")
        wanted.setdefault(key, []).append(parse_yaml(value, f"--only {text}")[0])
    chosen = list(runs)
    for key, values in wanted.items():
        chosen = [
            run
            for run in chosen
            if any(agrees({**run.settings, "seed": run.seed}, {key: value}) for value in values)
        ]
        if not chosen:
            raise InputError(f"--only {key}={label(values[-1])}: no run of this study matches")
    return chosen
