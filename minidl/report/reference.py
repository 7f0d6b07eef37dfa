"""Published numbers and claims: a YAML file that says what a paper reports and concludes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, PrivateAttr, ValidationError, field_validator

from minidl.registry import KINDS
from minidl.report.measures import HOLD, MEASURES, TARGET
from minidl.study.components import unknown
from minidl.study.errors import InputError
from minidl.study.settings import RunSettings, Strict, label
from minidl.study.spec import explain, shipped_configs
from minidl.study.yaml_file import KeyPath, Places, read_yaml

NUMBERS = ("train_accuracy", "test_accuracy")  # what a reference can give for a cell


class Question(Strict):
    """Two levels of a factor and what to compare between them, over all other factors."""

    factor: str = Field(description="a setting that the study varies")
    levels: list[Any] = Field(description="two of its values: is the first better?")
    measure: str = Field("test_accuracy", description="one of minidl's measures")
    direction: Literal["higher", "lower"] | None = Field(
        None, description="which way is better; by default as the measure has it"
    )
    margin: float | None = Field(
        None, gt=0, description="the smallest difference that matters, in the measure's unit"
    )
    target: float = Field(TARGET, gt=0, le=100, description="training accuracy to reach, percent")
    hold: int = Field(HOLD, ge=1, description="evaluations in a row at or above the target")

    @field_validator("factor")
    @classmethod
    def _is_a_setting(cls, factor: str) -> str:
        if factor.split(".")[0] not in RunSettings.model_fields:
            raise ValueError(unknown("factor", factor, RunSettings.model_fields))
        return factor

    @field_validator("measure")
    @classmethod
    def _is_a_measure(cls, measure: str) -> str:
        if measure not in MEASURES:
            raise ValueError(unknown("measure", measure, MEASURES))
        return measure

    @field_validator("levels")
    @classmethod
    def _are_two(cls, levels: list[Any]) -> list[str]:
        labels = [label(level) for level in levels]
        if len(set(labels)) != 2 or len(labels) != 2:
            raise ValueError("levels must be two different values")
        return labels

    def check_levels(self) -> None:
        """Raise ValueError for a level that is no component's name where one is wanted."""
        for level in self.levels:
            known = KINDS.get(self.factor)
            if known is not None and level.split("(")[0] not in known:
                raise ValueError(unknown(f"level of {self.factor}", level, known))


class Claim(Strict):
    """A sentence of the paper, and the questions that must all be answered its way."""

    text: str = Field(min_length=1, description="the sentence, quoted")
    kind: Literal["better", "not_worse"] = Field(
        "better",
        description="better: the first level beats the second; "
        "not_worse: it does not fall behind by as much as the margin",
    )
    parts: Annotated[list[Question], Field(min_length=1)]


class Tuning(Strict):
    """A setting that each level of a factor has at its own best, found on seeds of their own."""

    axis: str = Field(description="the setting to choose, an axis of the study")
    factor: str = Field(description="the factor whose levels each get their own best value")
    seeds: int = Field(ge=1, description="how many of the first seeds choose; the others judge")
    measure: str = Field("test_accuracy", description="what is best: one of minidl's measures")


class Reference(Strict):
    """What a paper reports (``cells``, rounded to ``rounding`` points) and concludes (``claims``).

    ``alpha`` is the error rate for the whole family of claims, ``margin`` the smallest difference
    in accuracy, in points, that matters.
    """

    model_config = ConfigDict(title="minidl reference")

    title: str
    rounding: float = Field(0.0, ge=0, description="accuracies are rounded to this, in points")
    alpha: float = Field(0.05, gt=0, lt=1, description="error rate for all claims together")
    margin: float = Field(0.5, gt=0, description="the smallest difference that matters, in points")
    cells: list[dict[str, Any]] = []
    claims: list[Claim] = []
    tuning: Tuning | None = None

    _places: Places = PrivateAttr(default_factory=dict)

    @field_validator("cells")
    @classmethod
    def _have_numbers(cls, cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for cell in cells:
            given = [cell[name] for name in NUMBERS if name in cell]
            if not given or not all(type(number) in (int, float) for number in given):
                raise ValueError(f"a cell needs numbers: {' or '.join(NUMBERS)}; got {cell}")
        return cells

    def numbers(self, labels: dict[str, str]) -> dict[str, float] | None:
        """Return the published accuracies, in percent, of the cell with these labels.

        A published cell matches when it agrees in every setting that it names. None for no match.
        """
        for cell in self.cells:
            if all(labels.get(key) == value for key, value in settings_of(cell).items()):
                return {name: float(cell[name]) for name in NUMBERS if name in cell}
        return None

    @property
    def axes(self) -> list[str]:
        """The settings that tell the published cells apart."""
        return list(dict.fromkeys(key for cell in self.cells for key in settings_of(cell)))


def settings_of(cell: dict[str, Any]) -> dict[str, str]:
    """Return the settings of a published cell, as short texts."""
    return {key: label(value) for key, value in cell.items() if key not in NUMBERS}


def load_reference(source: str) -> Reference:
    """Read a reference from a YAML file, or one of those that ship with minidl by its name.

    Raises InputError, with file and line, when anything is wrong with it.
    """
    data, places = read_yaml(find_reference(source))
    if not isinstance(data, dict):
        raise InputError(f"{places[()]}: a reference must be a mapping with 'title'")
    if surplus := [key for key in data if key not in Reference.model_fields]:
        raise InputError(
            f"{places[surplus[0],]}: {unknown('key', surplus[0], Reference.model_fields)}"
        )
    try:
        reference = Reference.model_validate(data)
    except ValidationError as error:
        raise InputError(explain(error, places)) from None
    reference._places = places
    return reference


def find_reference(source: str) -> Path:
    """Return the path of a reference file, or of a shipped one of that name."""
    path = Path(source)
    if path.suffix in (".yaml", ".yml") or path.exists() or "/" in source:
        return path
    folder = shipped_configs() / "reference"
    known = sorted(file.stem for file in folder.glob("*.yaml"))
    if source not in known:
        raise InputError(
            f"reference {source}: no such file, and {unknown('reference', source, known)}"
        )
    return folder / f"{source}.yaml"
