"""Claims as data: a sentence, and the questions that decide whether it holds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from minidl.report.measures.scores import SCORES
from minidl.report.reference.questions import Factor, MeasureName, Question
from minidl.study.files.printable import one_line
from minidl.study.files.yaml_file import Places
from minidl.study.grid.strict import Strict

KINDS_OF_CLAIM = {
    "better": "the first level beats the second",
    "not_worse": "the first level does not fall behind by as much as the margin",
    "same": "the two levels differ by less than the margin",
    "steadier": "the runs of the first level scatter less around the median of their cell",
    "reaches": "one level reaches a value",
    "ranking": "each of several levels beats the next",
}


Questions = Annotated[list[Question], Field(min_length=1)]
Needs = Annotated[
    Literal["all", "any"], Field(description="whether all of the parts must hold, or any")
]


class Reading(Strict):
    """What else a sentence may mean; a list alone is its parts, of which all must hold."""

    parts: Questions
    needs: Needs = "all"

    @model_validator(mode="before")
    @classmethod
    def _may_be_a_list(cls, data: Any) -> Any:
        return {"parts": data} if isinstance(data, list) else data


class Claim(Strict):
    """A sentence of the paper, and the questions that decide whether it holds.

    Its ``parts`` decide; ``readings`` are shown beside, each with parts of its own.
    """

    text: Annotated[str, AfterValidator(one_line)] = Field(
        min_length=1, description="the sentence, quoted"
    )
    kind: Literal["better", "not_worse", "same", "steadier", "reaches", "ranking"] = Field(
        "better", description="; ".join(f"{k}: {text}" for k, text in KINDS_OF_CLAIM.items())
    )
    parts: Questions
    needs: Needs = "all"
    readings: dict[Annotated[str, AfterValidator(one_line)], Reading] = Field(
        default={}, description="what else the sentence may mean: a name, and its parts"
    )

    @field_validator("needs")
    @classmethod
    def _every_step_counts(cls, needs: str, info: ValidationInfo) -> str:
        check_steps(info.data.get("kind"), needs)
        return needs

    @field_validator("readings")
    @classmethod
    def _every_step_counts_in(
        cls, readings: dict[str, Reading], info: ValidationInfo
    ) -> dict[str, Reading]:
        for name, reading in readings.items():
            check_steps(info.data.get("kind"), reading.needs, f" in reading {name!r}")
        return readings

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
        for name, reading in self.readings.items():
            for i, part in enumerate(reading.parts):
                yield ("readings", name, "parts", i), part

    @property
    def otherwise(self) -> dict[str, Claim]:
        """The claim as each of its other readings has it."""
        return {
            name: self.model_copy(update={"parts": own.parts, "needs": own.needs, "readings": {}})
            for name, own in self.readings.items()
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


def check_steps(kind: str | None, needs: str, where: str = "") -> None:
    """Raise ValueError for a ranking that one of its steps alone would support."""
    if kind == "ranking" and needs == "any":
        raise ValueError(f"kind ranking needs all of its steps, got needs: any{where}")


def reading_places(places: Places) -> Places:
    """Return the places in readings that are a list of parts alone, by the keys of those that are
    not.
    """
    return {
        (*path[:4], "parts", *path[4:]): place
        for path, place in places.items()
        if len(path) > 4 and (path[0], path[2]) == ("claims", "readings")
    }


class Tuning(Strict):
    """A setting that each level of a factor has at its own best, found on seeds of their own."""

    axis: Factor = Field(description="the setting to choose, an axis of the study")
    factor: Factor = Field(description="the factor whose levels each get their own best value")
    seeds: int = Field(ge=1, description="how many of the first seeds choose; the others judge")
    measure: MeasureName = Field(
        "test_accuracy", description="what is best: one of minidl's measures"
    )
