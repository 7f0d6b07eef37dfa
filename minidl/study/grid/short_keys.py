"""Settings by the last part of their key: ``lr`` is ``optimizer.lr`` where nothing else ends so."""

from __future__ import annotations

import difflib

from minidl.registry import CHOSEN
from minidl.study.errors import InputError
from minidl.study.grid.components import arguments, components
from minidl.study.grid.data import DataSettings
from minidl.study.grid.settings import ModelSettings, RunSettings, Stopping
from minidl.study.grid.spec import StudySpec


def full_key(key: str, place: str) -> str:
    """Return the dotted key of a setting that is called by its last part, any other as it is.

    Raises InputError where several settings end so, and where it is close to one that does.
    """
    if "." in key or key == "seed" or key in StudySpec.model_fields:
        return key
    homes = [full for full in dotted_keys() if full.rpartition(".")[2] == key]
    if len(homes) > 1:
        raise InputError(f"{place}: {key!r} may be {' or '.join(homes)}; say which")
    if not homes:
        near_miss(key, place)
    return homes[0] if homes else key


def near_miss(key: str, place: str) -> None:
    """Raise InputError that names the settings whose last part is nearly a key."""
    lasts = {full.rpartition(".")[2] for full in dotted_keys()}
    close = difflib.get_close_matches(key, [*RunSettings.model_fields, *lasts], n=1)
    if close and close[0] not in RunSettings.model_fields:
        meant = [full for full in dotted_keys() if full.rpartition(".")[2] == close[0]]
        raise InputError(f"{place}: setting {key!r} is unknown; did you mean {' or '.join(meant)}?")


def dotted_keys() -> list[str]:
    """Return every setting that is a part of another: ``model.hidden``, ``optimizer.lr``."""
    parts = {"data": DataSettings, "model": ModelSettings, "early_stopping": Stopping}
    keys = [f"{part}.{name}" for part, form in parts.items() for name in form.model_fields]
    for key, kind in CHOSEN.items():
        if key in RunSettings.model_fields:
            forms = [arguments(kind, name) for name in components(kind)]
            keys += [f"{key}.{argument}" for form in forms for argument in form.model_fields]
    return list(dict.fromkeys(keys))
