"""The grid file: what it may hold, and how it is read, changed from outside and written again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    ConfigDict,
    Field,
    PrivateAttr,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from minidl.study.files.complaints import shown
from minidl.study.files.yaml_file import KeyPath, Places, to_yaml
from minidl.study.grid.axes import DRAWN, SPACED
from minidl.study.grid.data import MAX_SEED
from minidl.study.grid.settings import RunSettings
from minidl.study.grid.strict import Strict
from minidl.study.run_spec import RunSpec

Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]


class OrDrawn:
    """Tells the schema that an axis may be a mapping too, which is written out when it is read."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        ways: dict[str, Any] = {way: {"type": "array"} for way in (*DRAWN, *SPACED)}
        whole = {"type": "integer", "minimum": 0}
        mapping = {**ways, "samples": whole, "seed": whole}
        drawn = {"type": "object", "properties": mapping, "additionalProperties": False}
        return {"anyOf": [handler(schema), drawn]}


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
    published: bool = Field(
        True, description="whether the published numbers are of these settings; claims stay"
    )
    folder: str | None = Field(
        None, description="where paths of data begin; by default the folder of this file"
    )
    components: list[str] = Field(
        [], description="Python files with components of one's own, beside the grid file"
    )
    seeds: (
        Annotated[int, Field(ge=1, le=1_000_000)]
        | Annotated[list[Seed], Field(min_length=1), OrDrawn()]
    ) = Field(1, description="how many (0, 1, 2, ...), or which, as a list or {range: [100, 200]}")
    planned_seeds: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="how many seeds its verdicts are to rest on; by default those of seeds"
    )
    snapshots: (
        Annotated[int, Field(ge=0, le=1_000_000)] | Annotated[list[Seed], Field(max_length=1_000)]
    ) = Field(
        1,
        description="for how many of the seeds, or for which, weights are also kept while a "
        "network is trained: what shows in the report how it learns",
    )
    grid: dict[str, Annotated[list[Any], Field(min_length=1), OrDrawn()]] = Field(
        description="axes: a setting's name, dotted for its parts, and its values"
    )
    include: list[dict[str, Any]] = Field([], description="as in GitHub Actions' matrix")
    exclude: list[dict[str, Any]] = Field([], description="as in GitHub Actions' matrix")
    overrides: list[Override] = Field([], description="applied in order")

    _places: Places = PrivateAttr(default_factory=dict)
    _folder: Path = PrivateAttr(default_factory=Path)  # of the grid file
    _runs: list[RunSpec] | None = PrivateAttr(None)  # once it has been expanded

    @field_validator("name")
    @classmethod
    def _name_is_a_folder(cls, name: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
            raise ValueError(
                "name must be up to 100 letters, digits, '.', '_' or '-', and begin with one of "
                f"the first two, got {shown(name)}"
            )
        return name

    @field_validator("seeds", mode="wrap")
    @classmethod
    def _seeds_are_a_count_or_a_list(cls, seeds: Any, check: ValidatorFunctionWrapHandler) -> Any:
        try:
            checked = check(seeds)
            if isinstance(checked, list) and len(set(checked)) < len(checked):
                raise ValueError
        except ValueError:
            raise ValueError(
                "seeds must be a count from 1 to 1,000,000, or a list of different whole numbers "
                f"from 0 to 2^63 - 1, got {shown(seeds)}"
            ) from None
        return checked

    @field_validator("snapshots", mode="wrap")
    @classmethod
    def _snapshots_are_a_count_or_seeds(cls, told: Any, check: ValidatorFunctionWrapHandler) -> Any:
        try:
            return check(told)
        except ValueError:
            raise ValueError(
                "snapshots must be a count of seeds from 0 to 1,000,000, or a list of at most "
                f"1,000 seeds, got {shown(told)}"
            ) from None

    @property
    def seed_list(self) -> list[int]:
        """The seeds, listed."""
        return list(range(self.seeds)) if isinstance(self.seeds, int) else self.seeds

    @property
    def snapshot_seeds(self) -> list[int]:
        """The seeds for which weights are also kept while a network is trained."""
        told = self.snapshots
        return self.seed_list[:told] if isinstance(told, int) else told

    @property
    def base(self) -> Path:
        """The folder in which paths of data begin."""
        return (self._folder / (self.folder or "")).absolute()

    def place(self, path: KeyPath) -> str:
        """Return ``file:line`` of the value at a path of keys, or of what is nearest above it."""
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, self.name)

    def to_yaml(self) -> str:
        """Return the study as a grid file that says everything and can be run as it is."""
        usual = (key for key in ("components", "published", "snapshots") if self.is_usual(key))
        unsaid = {"folder", *usual}
        data = self.model_dump(exclude=unsaid)  # what is unsaid is left out: older texts stay equal
        return to_yaml(data | ({"folder": str(self.base)} if has_path(data) else {}))

    def is_usual(self, key: str) -> bool:
        """Whether a key of the study has its default."""
        return getattr(self, key) == type(self).model_fields[key].default


def has_path(value: Any) -> bool:
    """Whether some part of plain data names a path."""
    if isinstance(value, dict):
        return any(str(key).endswith("path") or has_path(item) for key, item in value.items())
    return isinstance(value, list) and any(map(has_path, value))
