"""A run's data: which source, how many points of it, and how they are prepared."""

from __future__ import annotations

import json
from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, ValidationError, field_validator

from minidl.registry import KINDS
from minidl.study.errors import InputError
from minidl.study.files.complaints import first_complaint, shown
from minidl.study.grid.components import make, resolve
from minidl.study.grid.named_files import name_files, within_reach
from minidl.study.grid.strict import Strict

MOST = 1_000_000
MAX_SEED = 2**63 - 1
Share: TypeAlias = Annotated[float, Field(gt=0, lt=1)]


class DataSettings(Strict):
    """How a data set is drawn and prepared, whatever it is."""

    train: Annotated[int, Field(ge=2, le=MOST)] | Share | None = Field(
        None, description="points to train on: a count, or a share of a table; by default the rest"
    )
    test: Annotated[int, Field(ge=0, le=MOST)] | Share | str | None = Field(
        None,
        description="points to test on: a count, a share of a table, 0 for none, or a second file "
        "of a csv",
    )
    normalize: Literal["none", "standard", "minmax", "train", "own"] = Field(
        "none",
        description="bring the inputs to one scale: to mean 0 and deviation 1, or to 0 to 1, as "
        "the training set has it; train and own estimate the deviation from a sample, the "
        "latter of each set alone",
    )
    normalize_targets: Literal["none", "standard", "minmax"] = Field(
        "none", description="the same for the targets of a regression"
    )
    seed: int | None = Field(
        None, ge=0, le=MAX_SEED, description="draw or split as this seed does, whatever the run's"
    )
    outputs: int | None = Field(
        None, ge=1, le=2, description="2 for two classes with one-hot targets in place of 0 and 1"
    )
    neg_label: Literal[0, -1] = Field(
        0, description="the target of what is not the class: -1 for targets of -1 and 1"
    )

    @field_validator("train", mode="before")
    @classmethod
    def _train_is_a_size(cls, value: Any) -> Any:
        return check_size("train", value, 2)

    @field_validator("test", mode="before")
    @classmethod
    def _test_is_a_size(cls, value: Any) -> Any:
        return value if isinstance(value, str) and value else check_size("test", value, 0)


def check_size(part: str, value: Any, least: int) -> Any:
    """Return a count or a share as it is; raises ValueError for what is neither."""
    if value is None or (isinstance(value, float) and 0 < value < 1):
        return value
    if isinstance(value, float) or not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(
            f"data.{part} must be a whole number, or a share between 0 and 1, got {shown(value)}"
        )
    if value < least:
        raise ValueError(f"data.{part} must be at least {least}, got {value}")
    if value > MOST:
        raise ValueError(f"data.{part} must be at most {MOST:,}, got {value}")
    return value


def resolve_data(kind: str, value: Any) -> dict[str, Any]:
    """Resolve a data set: its component's arguments, and its sizes and preparation as they are
    said; ``settled`` turns shares into counts.
    """
    given = value if isinstance(value, dict) else {"name": value}
    own = {key: item for key, item in given.items() if key not in DataSettings.model_fields}
    if isinstance(own.get("name"), str):
        value = own
    resolved = resolve(kind, value, DataSettings.model_fields)
    common = {key: item for key, item in given.items() if key in DataSettings.model_fields}
    sizes = default_sizes(KINDS[kind][resolved["name"]], common)
    return resolved | DataSettings.model_validate(sizes | common).model_dump()


def default_sizes(source: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Return how many points a source has by default; where one of two sizes that share a table
    is given, the other is the rest.
    """
    defaults = {"train": source.train, "test": source.test}
    if None in defaults.values() and any(given.get(part) is not None for part in defaults):
        return {}
    return defaults


def settled(data: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return resolved data settings with counts of points, and with what a file holds.

    Paths begin in a folder. Raises ValueError where the points do not suffice, and InputError where
    something cannot be read.
    """
    from minidl.data.source import sizes

    if "folder" in data:
        data = {**data, "folder": str((folder / data["folder"]).absolute())}
    if isinstance(data["test"], str):
        if "test_path" not in data:
            raise ValueError(f"test must be a count or a share, got {shown(data['test'])}")
        data = {**data, "test_path": data["test"], "test": None}
    elif isinstance(data["test"], float) and data.get("test_path"):
        raise ValueError(
            f"test must be the second file, test: {shown(data['test_path'])} in place of test_path"
        )
    name_files(data)
    source = source_of(data)
    train, test = sizes(source, data["train"], data["test"])
    return {**data, **source.found(), "train": train, "test": test}


def source_of(settings: dict[str, Any]) -> Any:
    """Return the data source of a run's resolved data settings, with what it reads.

    Raises InputError when there is none of the kind, it cannot be read or must not be, it cannot
    have such targets, or a store says of its points what cannot be.
    """
    try:
        DataSettings.model_validate(
            {key: value for key, value in settings.items() if key in DataSettings.model_fields}
        )
    except ValidationError as error:
        raise InputError(f"data {settings['name']!r}: {first_complaint(error)[1]}") from None
    own = {key: value for key, value in settings.items() if key not in DataSettings.model_fields}
    own = within_reach(own)
    coding = settings.get("outputs"), settings.get("neg_label", 0)
    source = make("data", own)
    try:
        return loaded(KINDS["data"][own["name"]], json.dumps(own), coding, source.version())
    except ValueError as error:
        raise InputError(f"data {settings['name']!r}: {error}") from None


@lru_cache(maxsize=32)
def loaded(component: Any, text: str, coding: tuple[int | None, int], _version: Hashable) -> Any:
    """Return a source that has read what it reads, once for each version of that."""
    from minidl.data.coding import Coded

    settings = json.loads(text)
    source = component(**{key: value for key, value in settings.items() if key != "name"})
    source.load()
    return source if coding == (None, 0) else Coded(source, *coding)
