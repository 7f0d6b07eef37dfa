"""The grid file: what it may hold, and how it is read, changed from outside and written again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import yaml
from pydantic import ConfigDict, Field, PrivateAttr, ValidationError, field_validator

from minidl.study.components import unknown
from minidl.study.errors import InputError
from minidl.study.matching import as_component, covers
from minidl.study.settings import RunSettings, Strict
from minidl.study.yaml_file import KeyPath, Places, parse_yaml, read_yaml

MAX_SEED = 2**63 - 1
Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]


class Override(Strict):
    """Settings that change where others have certain values."""

    when: dict[str, Any] = Field(description="settings and the values they must have")
    set: dict[str, Any] = Field(min_length=1, description="settings and their new values")


class StudySpec(RunSettings):
    """A study: settings that all runs share, and a grid of those that vary."""

    model_config = ConfigDict(title="minidl study")

    name: str = Field(description="names the folder under results/")
    reference: str | None = Field(
        None, description="published numbers and claims to hold the results against"
    )
    seeds: Annotated[int, Field(ge=1, le=1_000_000)] | list[Seed] = Field(
        1, description="how many (0, 1, 2, ...), or which"
    )
    grid: dict[str, Annotated[list[Any], Field(min_length=1)]] = Field(
        description="axes: a setting's name, dotted for its parts, and its values"
    )
    include: list[dict[str, Any]] = Field([], description="as in GitHub Actions' matrix")
    exclude: list[dict[str, Any]] = Field([], description="as in GitHub Actions' matrix")
    overrides: list[Override] = Field([], description="applied in order")

    _places: Places = PrivateAttr(default_factory=dict)

    @field_validator("name")
    @classmethod
    def _name_is_a_folder(cls, name: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
            raise ValueError(
                "must be letters, digits, '.', '_' or '-', and begin with one of the first two"
            )
        return name

    @field_validator("seeds")
    @classmethod
    def _seeds_differ(cls, seeds: int | list[int]) -> int | list[int]:
        if isinstance(seeds, list) and (not seeds or len(set(seeds)) < len(seeds)):
            raise ValueError("a list of seeds must hold at least one, each once")
        return seeds

    @property
    def seed_list(self) -> list[int]:
        """The seeds, listed."""
        return list(range(self.seeds)) if isinstance(self.seeds, int) else self.seeds

    def place(self, path: KeyPath) -> str:
        """Return ``file:line`` of the value at a path of keys, or of what is nearest above it."""
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, self.name)

    def to_yaml(self) -> str:
        """Return the study as a grid file that says everything and can be run as it is."""
        return yaml.safe_dump(self.model_dump(), sort_keys=False, allow_unicode=True)


class Change(NamedTuple):
    """A setting that is changed from outside the file: its new value as YAML, and who says so."""

    key: str
    text: str
    place: str


def load_study(
    source: str, *, changes: Sequence[str | Change] = (), seeds: int | None = None
) -> StudySpec:
    """Read a study from a file, or one of those that ship with minidl by its name.

    ``changes`` are ``KEY=VALUE`` texts, or the like with a place of their own. For an axis of the
    grid the value replaces the axis; for anything else it is applied last, over every override.

    Raises InputError when anything is wrong with the file or a change.
    """
    data, places = read_yaml(find_study(source))
    return make_study(data, places, changes=changes, seeds=seeds)


def parse_study(text: str, source: str) -> StudySpec:
    """Read a study from a text; raises InputError, which names the source."""
    return make_study(*parse_yaml(text, source))


def make_study(
    data: Any, places: Places, *, changes: Sequence[str | Change] = (), seeds: int | None = None
) -> StudySpec:
    """Check plain data, changed as told, and return the study."""
    if not isinstance(data, dict):
        raise InputError(f"{places[()]}: a study must be a mapping with 'name' and 'grid'")
    for change in changes:
        apply_change(data, places, as_change(change) if isinstance(change, str) else change)
    if seeds is not None:
        apply_change(data, places, Change("seeds", str(seeds), f"--seeds {seeds}"))
    if surplus := [key for key in data if key not in StudySpec.model_fields]:
        place = places.get((surplus[0],), places[()])
        raise InputError(f"{place}: {unknown('key', surplus[0], StudySpec.model_fields)}")
    try:
        study = StudySpec.model_validate(data)
    except ValidationError as error:
        raise InputError(explain(error, places)) from None
    study._places = places
    return study


def as_change(text: str) -> Change:
    """Read one ``KEY=VALUE``; raises InputError when it is none."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise InputError(f"--set {text}: must be KEY=VALUE")
    return Change(key, value, f"--set {text}")


def apply_change(data: dict[str, Any], places: Places, change: Change) -> None:
    """Apply one change to the plain data of a study."""
    key, text, place = change
    value, _ = parse_yaml(text, place)
    axes = data.get("grid")
    if isinstance(axes, dict) and key in axes:
        axes[key] = value if isinstance(value, list) and key != "model.hidden" else [value]
        places[("grid", key)] = place
        drop_overrides(data, places, key)
    elif key in StudySpec.model_fields and key not in RunSettings.model_fields:
        data[key] = value
        places[(key,)] = place
    else:
        overrides = data.setdefault("overrides", [])
        if not isinstance(overrides, list):
            raise InputError(f"{places[('overrides',)]}: overrides must be a list")
        places[("overrides", len(overrides))] = place
        overrides.append({"when": {}, "set": {key: value}})


def drop_overrides(data: dict[str, Any], places: Places, axis: str) -> None:
    """Drop the overrides that speak of values which a changed axis no longer has."""
    values = [as_component(axis, value) for value in data["grid"][axis]]
    rules = data.get("overrides")
    if not isinstance(rules, list):
        return
    for number in reversed(range(len(rules))):
        when = rules[number].get("when") if isinstance(rules[number], dict) else None
        wanted = as_component(axis, when.get(axis)) if isinstance(when, dict) else None
        if wanted is not None and not any(covers(value, wanted) for value in values):
            del rules[number]
            for path in [path for path in places if path[:1] == ("overrides",) and len(path) > 1]:
                if path[1] == number:
                    del places[path]
                elif isinstance(path[1], int) and path[1] > number:
                    places[("overrides", path[1] - 1, *path[2:])] = places.pop(path)


def explain(error: ValidationError, places: Places) -> str:
    """Return the first of pydantic's complaints as one line: place, setting, what came."""
    first = error.errors()[0]
    path = tuple(first["loc"])
    known = path
    while known and known not in places:
        known = known[:-1]
    return f"{places.get(known, places[()])}: {complaint(first)}"


def complaint(first: Any) -> str:
    """Return one of pydantic's complaints as a line without its place."""
    cause = first.get("ctx", {}).get("error")
    name = ".".join(str(part) for part in first["loc"] if not str(part).startswith("constrained"))
    if isinstance(cause, ValidationError):
        inner = cause.errors()[0]
        return complaint({**inner, "loc": (*first["loc"], *inner["loc"])})
    if cause is not None:
        text = str(cause)
        return (
            text
            if text.startswith(("activation", "loss", "optimizer", "init", "data", "argument"))
            else f"{name}: {text}; got {first['input']!r:.60}"
        )
    if first["type"] == "missing":
        return f"{name} is missing"
    if first["type"] == "extra_forbidden":
        return f"key {name!r} is unknown"
    return f"{name}: {first['msg'].removeprefix('Input ')}; got {first['input']!r:.60}"


def find_study(source: str) -> Path:
    """Return the path of a grid file, or of a shipped study of that name."""
    path = Path(source)
    if path.suffix in (".yaml", ".yml") or path.is_file() or "/" in source:
        return path
    folder = shipped_configs()
    known = sorted(file.stem for file in folder.glob("*.yaml"))
    if source not in known:
        raise InputError(f"--grid {source}: no such file, and {unknown('study', source, known)}")
    return folder / f"{source}.yaml"


def shipped_configs() -> Path:
    """Return the folder of the studies that ship with minidl: in the wheel, or in the checkout."""
    installed = Path(str(resources.files("minidl.study") / "configs"))
    return installed if installed.is_dir() else Path(__file__).parents[2] / "configs"
