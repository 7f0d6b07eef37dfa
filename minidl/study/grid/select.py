"""Choosing some of a study's runs by what they are: ``--only KEY=VALUE``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from minidl.study.errors import InputError
from minidl.study.files.yaml_file import parse_yaml
from minidl.study.grid.cells import check_rule
from minidl.study.grid.matching import agrees, look_up
from minidl.study.grid.short_keys import full_key
from minidl.study.run_spec import RunSpec, label


def select(runs: Sequence[RunSpec], only: Sequence[str]) -> list[RunSpec]:
    """Return the runs that match ``KEY=VALUE`` texts: one of each key's values, for every key.

    Raises InputError when a text is no ``KEY=VALUE``, its key no setting, or no run matches it.
    """
    wanted: dict[str, list[Any]] = {}
    for text in only:
        place = f"--only {text}"
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise InputError(f"{place}: must be KEY=VALUE")
        key = full_key(key, place)
        rule = {key: parse_yaml(value, place, lines=False)[0]}
        if key != "seed":
            check_rule(rule, place)
        if not any(agrees(facts(run), rule) for run in runs):
            there = {label(look_up(facts(run), key)): None for run in runs}
            raise InputError(f"{place}: no run has this; {key} is {shown_list(there)}")
        wanted.setdefault(key, []).append(rule[key])
    chosen = [
        run
        for run in runs
        if all(any(agrees(facts(run), {k: v}) for v in values) for k, values in wanted.items())
    ]
    if not chosen:
        raise InputError(f"--only {' --only '.join(only)}: no run has all of these")
    return chosen


def facts(run: RunSpec) -> dict[str, Any]:
    """Return what ``--only`` can ask of a run: its settings and its seed."""
    return {**run.settings, "seed": run.seed}


def shown_list(values: Iterable[str], most: int = 10) -> str:
    """Return some values of many, as text."""
    first = list(values)
    return ", ".join(first[:most]) + (", ..." if len(first) > most else "")
