"""Claims as data: a sentence, and the questions that decide whether it holds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from minidl.registry import KINDS
from minidl.report.measures import HOLD, LAST, Options, check_measure
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
    levels: list[Any] = Field(
        min_length=1,
        description="two of its values: is the first better? one, to hold against a "
        "value; several, from the best to the worst",
    )
    value: float | None = Field(
        default=None, description="a number that one level is to reach, in the measure's unit"
    )
    weights: dict[Factor, dict[str, float] | list[list[Any]]] = Field(
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
    def _are_different(cls, levels: list[Any]) -> list[str]:
        labels = [label(level) for level in levels]
        if len(set(labels)) < len(labels):
            raise ValueError("levels must be different values")
        return labels

    @field_validator("weights")
    @classmethod
    def _are_positive(cls, weights: dict[str, Any]) -> dict[str, Any]:
        given = [own.values() for own in weights.values() if isinstance(own, dict)]
        if not all(isfinite(weight) and weight >= 0 for own in given for weight in own):
            raise ValueError("weights must be at least 0 and finite")
        return weights

    def check_levels(self, place: str) -> None:
        """Raise InputError for a level whose name no component has."""
        known = names(self.factor) if self.factor in KINDS else None
        for level in self.levels:
            if known is not None and level.split("(")[0] not in known:
                raise InputError(f"{place}: {unknown(f'level of {self.factor}', level, known)}")


KINDS_OF_CLAIM = {
    "better": "the first level beats the second",
    "not_worse": "the first level does not fall behind by as much as the margin",
    "same": "the two levels differ by less than the margin",
    "steadier": "the runs of the first level scatter less around the median of their cell",
    "reaches": "one level reaches a value",
    "ranking": "each of several levels beats the next",
}


class Claim(Strict):
    """A sentence of the paper, and the questions that must all be answered its way.

    Its ``parts`` decide; ``readings`` are shown beside, each with parts of its own.
    """

    text: Annotated[str, AfterValidator(one_line)] = Field(
        min_length=1, description="the sentence, quoted"
    )
    kind: Literal["better", "not_worse", "same", "steadier", "reaches", "ranking"] = Field(
        "better", description="; ".join(f"{k}: {text}" for k, text in KINDS_OF_CLAIM.items())
    )
    parts: Annotated[list[Question], Field(min_length=1)]
    readings: dict[
        Annotated[str, AfterValidator(one_line)],
        Annotated[list[Question], Field(min_length=1)],
    ] = Field(default={}, description="what else the sentence may mean: a name, and its parts")

    @model_validator(mode="after")
    def _questions_fit(self) -> Claim:
        if "" in self.readings:
            raise ValueError("a reading must have a name")
        for _, part in self.asked():
            count, value = len(part.levels), part.value
            if self.kind == "reaches" and (count != 1 or value is None):
                raise ValueError("kind reaches needs one level and a value")
            if self.kind != "reaches" and value is not None:
                raise ValueError("value is for kind reaches")
            if self.kind == "ranking" and count < 3:
                raise ValueError("kind ranking needs three levels or more, from the best on")
            if self.kind not in ("reaches", "ranking") and count != 2:
                raise ValueError("levels must be two different values")
            if self.kind == "steadier" and part.measure not in SCORES:
                raise ValueError(f"kind steadier needs a score as its measure, got {part.measure}")
        return self

    def asked(self) -> Iterator[tuple[tuple[str | int, ...], Question]]:
        """Yield each part of the claim and of its other readings, with the keys that lead to it."""
        for i, part in enumerate(self.parts):
            yield ("parts", i), part
        for name, parts in self.readings.items():
            for i, part in enumerate(parts):
                yield ("readings", name, i), part

    @property
    def otherwise(self) -> dict[str, Claim]:
        """The claim as each of its other readings has it."""
        return {
            name: self.model_copy(update={"parts": parts, "readings": {}})
            for name, parts in self.readings.items()
        }

    @property
    def questions(self) -> list[Question]:
        """The questions, each about two levels, or about one and a value."""
        if self.kind == "steadier":
            return [
                part.model_copy(update={"measure": f"spread_{part.measure}"}) for part in self.parts
            ]
        if self.kind != "ranking":
            return self.parts
        return [
            part.model_copy(update={"levels": list(pair)})
            for part in self.parts
            for pair in pairwise(part.levels)
        ]


class Tuning(Strict):
    """A setting that each level of a factor has at its own best, found on seeds of their own."""

    axis: Factor = Field(description="the setting to choose, an axis of the study")
    factor: Factor = Field(description="the factor whose levels each get their own best value")
    seeds: int = Field(ge=1, description="how many of the first seeds choose; the others judge")
    measure: MeasureName = Field(
        "test_accuracy", description="what is best: one of minidl's measures"
    )
