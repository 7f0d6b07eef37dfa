"""A question as data: two levels of a factor, a measure, and how much of a difference matters."""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from minidl.registry import KINDS
from minidl.report.levels import Side, members
from minidl.report.measures import HOLD, LAST, Options, check_measure
from minidl.report.measures.scores import SCORES
from minidl.study.errors import InputError
from minidl.study.files.complaints import shown, unknown
from minidl.study.grid.known import names
from minidl.study.grid.settings import RunSettings
from minidl.study.grid.strict import Strict
from minidl.study.run_spec import label


def check_factor(factor: str) -> str:
    """Return a factor; raises ValueError when it is not a setting of a run."""
    if factor.split(".")[0] not in RunSettings.model_fields:
        raise ValueError(unknown("factor", factor, RunSettings.model_fields))
    return factor


Factor = Annotated[str, AfterValidator(check_factor)]


def check_score(name: str) -> str:
    """Return the name of a score; raises ValueError when no run has such a one."""
    if name not in SCORES:
        raise ValueError(unknown("score", name, SCORES))
    return name


ScoreName = Annotated[str, AfterValidator(check_score)]
MeasureName = Annotated[str, AfterValidator(check_measure)]


def as_side(level: Any, factor: str) -> Side:
    """Return a side of a question as labels: a level, or several under ``mean``.

    Raises ValueError when there are not two of those or more, and for what is no component of a
    factor that has components.
    """
    if factor in KINDS and (isinstance(level, list) or level_without_name(level)):
        raise ValueError(
            f"a level of {factor} must be a name, a mapping with its name, or "
            f"{{mean: [A, B]}}, got {shown(level)}"
        )
    if not isinstance(level, dict) or "mean" not in level:
        return label(level)
    several = level["mean"]
    if len(level) > 1 or not isinstance(several, list) or len(several) < 2:
        raise ValueError(f"the mean of levels must be {{mean: [A, B]}}, got {shown(level)}")
    return tuple(map(label, several))


def level_without_name(level: Any) -> bool:
    """Whether a level is a mapping of neither a component nor a mean."""
    return isinstance(level, dict) and not {"name", "mean"} & set(level)


def check_weights(axis: str, own: Any) -> None:
    """Raise ValueError for weights of an axis that are none."""
    groups = own if isinstance(own, list) else []
    if not (isinstance(own, dict) or groups) or not all(g and isinstance(g, list) for g in groups):
        raise ValueError(
            f"weights of {axis} must be levels with their weights, {{A: 2}}, or groups of levels, "
            f"[[A, B], [C]], got {shown(own)}"
        )
    if isinstance(own, dict):
        for level, weight in own.items():
            if type(weight) not in (int, float) or not (isfinite(weight) and weight >= 0):
                raise ValueError(
                    f"weights must be at least 0 and finite, got {shown(weight)} for {level}"
                )
    named = [label(level) for group in groups for level in group]
    if len(set(named)) < len(named):
        raise ValueError(
            f"weights of {axis}: a level may stand in one group only, got {shown(own)}"
        )


class Question(Strict):
    """Two levels of a factor and what to compare between them, over all other factors."""

    factor: Factor = Field(description="a setting that the study varies")
    levels: list[Any] = Field(
        min_length=1,
        description="two of its values: is the first better? one, to hold against a "
        "value; several, from the best to the worst; {mean: [sgd, adam]} is the mean of several",
    )
    value: float | None = Field(
        default=None, description="a number that one level is to reach, in the measure's unit"
    )
    weights: dict[Factor, Any] = Field(
        default={},
        description="how the cells of other factors are averaged: levels with their weights, or "
        "groups of levels that count once each",
    )
    measure: MeasureName = Field("test_accuracy", description="one of minidl's measures")
    direction: Literal["higher", "lower"] | None = Field(
        default=None, description="which way is better; by default as the measure has it"
    )
    margin: float | None = Field(
        default=None,
        gt=0,
        description="the smallest difference that matters, in the measure's unit",
    )
    target: float | None = Field(
        default=None,
        gt=0,
        le=100,
        description="score to reach; by default an accuracy of 95 percent, an R² of 0.95",
    )
    monitor: ScoreName | None = Field(
        default=None, description="the score that is to reach it; by default the first metric"
    )
    hold: int = Field(HOLD, ge=1, description="evaluations in a row at or above the target")
    last: int = Field(LAST, ge=1, description="evaluations that a late score is the mean of")

    @property
    def options(self) -> Options:
        """What its measure is told."""
        return Options(self.target, self.hold, self.last, self.monitor)

    @field_validator("levels")
    @classmethod
    def _are_different(cls, levels: list[Any], info: ValidationInfo) -> list[Side]:
        sides = [as_side(level, info.data.get("factor", "")) for level in levels]
        every = [level for side in sides for level in members(side)]
        if len(set(every)) < len(every):
            raise ValueError("levels must be different values")
        return sides

    @field_validator("weights")
    @classmethod
    def _are_weights(cls, weights: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        for axis, own in weights.items():
            if axis == info.data.get("factor"):
                raise ValueError(f"weights are for other factors, got {axis}, which is compared")
            check_weights(axis, own)
        return weights

    def check_levels(self, place: str) -> None:
        """Raise InputError for a level whose name no component has."""
        known = names(self.factor) if self.factor in KINDS else None
        for level in (level for side in self.levels for level in members(side)):
            if known is not None and level.split("(")[0] not in known:
                raise InputError(f"{place}: {unknown(f'level of {self.factor}', level, known)}")
