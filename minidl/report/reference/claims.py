"""Claims as data: a sentence, and the questions that decide whether it holds."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator

from minidl.registry import KINDS
from minidl.report.measures import HOLD, LAST, MEASURES, Options
from minidl.report.measures.scores import SCORES
from minidl.study.errors import InputError
from minidl.study.files.complaints import unknown
from minidl.study.files.printable import one_line
from minidl.study.grid.known import names
from minidl.study.grid.settings import RunSettings
from minidl.study.grid.strict import Strict
from minidl.study.run_spec import label


def check_factor(factor: str) -> str:
    """Return a factor; raises ValueError when it is not a setting of a run."""
    if factor.split(".")[0] not in RunSettings.model_fields:
        raise ValueError(unknown("factor", factor, RunSettings.model_fields))
    return factor


def check_measure(measure: str) -> str:
    """Return a measure's name; raises ValueError when there is no such measure."""
    if measure not in MEASURES:
        raise ValueError(unknown("measure", measure, MEASURES))
    return measure


Factor = Annotated[str, AfterValidator(check_factor)]


def check_score(name: str) -> str:
    """Return the name of a score; raises ValueError when no run has such a one."""
    if name not in SCORES:
        raise ValueError(unknown("score", name, SCORES))
    return name


ScoreName = Annotated[str, AfterValidator(check_score)]
MeasureName = Annotated[str, AfterValidator(check_measure)]


class Question(Strict):
    """Two levels of a factor and what to compare between them, over all other factors."""

    factor: Factor = Field(description="a setting that the study varies")
    levels: list[Any] = Field(description="two of its values: is the first better?")
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
    def _are_two(cls, levels: list[Any]) -> list[str]:
        labels = [label(level) for level in levels]
        if len(set(labels)) != 2 or len(labels) != 2:
            raise ValueError("levels must be two different values")
        return labels

    def check_levels(self, place: str) -> None:
        """Raise InputError for a level whose name no component has."""
        known = names(self.factor) if self.factor in KINDS else None
        for level in self.levels:
            if known is not None and level.split("(")[0] not in known:
                raise InputError(f"{place}: {unknown(f'level of {self.factor}', level, known)}")


class Claim(Strict):
    """A sentence of the paper, and the questions that must all be answered its way."""

    text: Annotated[str, AfterValidator(one_line)] = Field(
        min_length=1, description="the sentence, quoted"
    )
    kind: Literal["better", "not_worse"] = Field(
        "better",
        description="better: the first level beats the second; "
        "not_worse: it does not fall behind by as much as the margin",
    )
    parts: Annotated[list[Question], Field(min_length=1)]


class Tuning(Strict):
    """A setting that each level of a factor has at its own best, found on seeds of their own."""

    axis: Factor = Field(description="the setting to choose, an axis of the study")
    factor: Factor = Field(description="the factor whose levels each get their own best value")
    seeds: int = Field(ge=1, description="how many of the first seeds choose; the others judge")
    measure: MeasureName = Field(
        "test_accuracy", description="what is best: one of minidl's measures"
    )
