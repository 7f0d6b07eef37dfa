"""A published cell: its settings, its numbers, and what can be wrong with either."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from math import isfinite
from typing import Any

from minidl.registry import CHOSEN
from minidl.report.reference.reported import SCORES, check_number, reported
from minidl.study.errors import InputError
from minidl.study.files.complaints import shown, unknown
from minidl.study.files.yaml_file import KeyPath
from minidl.study.grid.known import names
from minidl.study.grid.matching import as_component, frozen
from minidl.study.grid.settings import ModelSettings, RunSettings
from minidl.study.run_spec import label

TEXTS = ("note", "source")  # what a person may say of a cell's numbers
NO_SETTINGS = (*SCORES, *TEXTS)
KEYS = (*RunSettings.model_fields, *NO_SETTINGS)


def check_cell(cell: dict[str, Any]) -> dict[str, Any]:
    """Return a published cell; raises ValueError when it has no number, or an impossible one."""
    given = [name for name in SCORES if name in cell]
    if not given:
        if strange := [key for key in cell if not is_known(key)]:
            raise ValueError(unknown("key", strange[0], KEYS))
        raise ValueError(f"a cell needs numbers: {' or '.join(SCORES)}, got {shown(cell)}")
    for name in given:
        check_number(name, cell[name])
    for name in TEXTS:
        if not isinstance(cell.get(name, ""), str):
            raise ValueError(f"{name} must be a text, got {shown(cell[name])}")
    return cell


def settings_of(cell: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a published cell under dotted keys, components as mappings."""
    settings: dict[str, Any] = {}
    for key, value in cell.items():
        if key not in NO_SETTINGS:
            settings |= dotted(key, value)
    return settings


def dotted(key: str, value: Any) -> dict[str, Any]:
    """Return a setting as it is, or its parts where that is all it names.

    Such as ``model: {output: tanh}`` and ``optimizer: {lr: 0.1}``.
    """
    value = as_component(key, value)
    if not isinstance(value, dict) or (key in CHOSEN and "name" in value):
        return {key: value}
    return {k: v for part, item in value.items() for k, v in dotted(f"{key}.{part}", item).items()}


def written(cell: dict[str, Any]) -> str:
    """Return a published cell's settings as a text: ``activation=tanh, optimizer=adam``."""
    return ", ".join(f"{key}={label(value)}" for key, value in settings_of(cell).items())


def check_cells(cells: Sequence[dict[str, Any]], place_of: Callable[[KeyPath], str]) -> None:
    """Raise InputError, with file and line, for a cell that no study can have, and for a second one
    with the same settings.
    """
    first: dict[Hashable, int] = {}
    for number, cell in enumerate(cells):
        place = place_of(("cells", number))
        for key in cell:
            check_key(key, place_of(("cells", number, key)))
        for key, value in settings_of(cell).items():
            check_value(key, value, place)
        if (other := first.setdefault(frozen(settings_of(cell)), number)) != number:
            where = place_of(("cells", other))
            raise InputError(f"{place}: {written(cell)}: appears twice, first at {where}")
    check_percent(cells, place_of)


def check_key(key: str, place: str) -> None:
    """Raise InputError for a key that is neither a setting nor a number nor a text."""
    if not is_known(key):
        raise InputError(f"{place}: {unknown('key', key, KEYS)}")


def is_known(key: str) -> bool:
    """Whether a key is a setting, or a part of one, or a number, or a text."""
    return key in NO_SETTINGS or key.split(".")[0] in RunSettings.model_fields


def check_percent(cells: Sequence[dict[str, Any]], place_of: Callable[[KeyPath], str]) -> None:
    """Raise InputError where all accuracies look like shares of 1: they are in percent here."""
    found = [
        (reported(value).mean, (number, key))
        for number, cell in enumerate(cells)
        for key, value in cell.items()
        if key.endswith("_accuracy")
    ]
    if found and 0 < max(found)[0] <= 1:
        share, (number, key) = max(found)
        raise InputError(
            f"{place_of(('cells', number, key))}: accuracies are in percent: {100 * share:g}, not "
            f"{share:g}"
        )


def check_value(key: str, value: Any, place: str) -> None:
    """Raise InputError for a part of the model or a component that there is not, and for a number
    that no setting can be.
    """
    group, _, part = key.partition(".")
    if group == "model" and part.split(".")[0] not in ModelSettings.model_fields:
        raise InputError(f"{place}: {unknown('key of model', part, ModelSettings.model_fields)}")
    if not finite(value):
        raise InputError(f"{place}: {key} must be finite, got {label(value)}")
    if key not in CHOSEN:
        return
    if not isinstance(value, dict):
        raise InputError(f"{place}: {key} must be a name or a mapping, got {shown(value)}")
    kind = CHOSEN[key]
    name = value["name"]
    if not isinstance(name, str) or name not in names(kind):
        raise InputError(f"{place}: {unknown(kind, name, names(kind))}")


def finite(value: Any) -> bool:
    """Whether plain data has neither NaN nor an infinity in it."""
    if isinstance(value, dict):
        return all(map(finite, value.values()))
    if isinstance(value, list):
        return all(map(finite, value))
    return not isinstance(value, float) or isfinite(value)
