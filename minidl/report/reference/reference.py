"""Published numbers and claims: a YAML file that says what a paper reports and concludes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, PrivateAttr, ValidationError

from minidl.report.reference.cells import check_cell, check_cells, settings_of
from minidl.report.reference.claims import Claim, Tuning, reading_places
from minidl.report.reference.runs import PublishedRuns, cells_of
from minidl.study.errors import InputError
from minidl.study.files.complaints import explain, shown
from minidl.study.files.printable import one_line
from minidl.study.files.reference_file import read_reference
from minidl.study.files.yaml_file import KeyPath, Places, parse_yaml
from minidl.study.grid.spec import StudySpec
from minidl.study.grid.strict import Strict
from minidl.study.outline import Outline


class Reference(Strict):
    """What a paper reports (``cells``, rounded to ``rounding`` points) and concludes (``claims``).

    ``alpha`` is the error rate for the whole family of claims, ``margin`` the smallest difference
    in accuracy, in points, that matters. ``whole_test_batches`` is how its test accuracies are
    taken to have been counted, where not over all points.
    """

    model_config = ConfigDict(title="minidl reference")

    title: Annotated[str, AfterValidator(one_line)]
    rounding: float = Field(0.0, ge=0, description="accuracies are rounded to this, in points")
    alpha: float = Field(0.05, gt=0, lt=1, description="error rate for all claims together")
    planned_seeds: int | None = Field(
        None, ge=1, description="how many seeds the claims are to be decided with"
    )
    whole_test_batches: int | None = Field(
        None,
        ge=1,
        description="right answers were counted in whole test batches of so many points, and "
        "divided by all points",
    )
    margin: float = Field(0.5, gt=0, description="the smallest difference that matters, in points")
    cells: list[Annotated[dict[str, Any], AfterValidator(check_cell)]] = Field(
        [], description="settings and accuracies, percent"
    )
    runs: PublishedRuns | None = Field(
        None, description="a CSV file of published runs, which are cells too"
    )
    claims: list[Claim] = Field([], description="what it concludes")
    tuning: Tuning | None = Field(None, description="judge at the best value of a setting")

    _places: Places = PrivateAttr(default_factory=dict)
    _text: str = PrivateAttr(default="")

    @property
    def axes(self) -> list[str]:
        """The settings that tell the published cells apart."""
        return list(dict.fromkeys(key for cell in self.cells for key in settings_of(cell)))

    @property
    def text(self) -> str:
        """The file as it was read, with the table of its runs."""
        return self._text

    def place(self, path: KeyPath) -> str:
        """Return ``file:line`` of the value at a path of keys."""
        return self._places.get(path, self.title)


def load_reference(source: str) -> Reference:
    """Read a reference from a YAML file, or one of those that ship with minidl by its name.

    Raises InputError, with file and line, when anything is wrong with it.
    """
    path, text = read_reference(source)
    reference = parse_reference(text, str(path))
    check_cells(reference.cells, reference.place)
    for number, claim in enumerate(reference.claims):
        for at, question in claim.asked():
            question.check_levels(reference.place(("claims", number, *at)))
    return reference


def parse_reference(text: str, source: str) -> Reference:
    """Read a reference from a text; raises InputError, which names the source.

    Whether there are such settings and components is not asked: a store that holds the text can be
    read where a component is not installed.
    """
    data, places = parse_yaml(text, source)
    if not isinstance(data, dict):
        raise InputError(
            f"{places[()]}: a reference must be a mapping with 'title', got {shown(data)}"
        )
    places |= reading_places(places)
    try:
        reference = Reference.model_validate(data)
    except ValidationError as error:
        raise InputError(explain(error, places)) from None
    reference._places, reference._text = places, text
    for cell, at in [] if reference.runs is None else cells_of(reference.runs, source):
        number = len(reference.cells)
        places.update({("cells", number, *key): place for key, place in at.items()})
        reference.cells.append(cell)
    return reference


def published(study: Outline) -> Reference | None:
    """Return what a study is judged by, as it was when it was last run; None without any.

    Of a study with other settings than those of the published numbers its claims alone.
    """
    if study.reference is None or study.reference_text is None:
        return None
    found = parse_reference(study.reference_text, study.reference)
    return found if study.published else found.model_copy(update={"cells": []})


def check_reference(study: StudySpec) -> Reference | None:
    """Return a study's reference as its file is now, None for none.

    Raises InputError, with the place that names it, when it cannot be used.
    """
    try:
        return None if study.reference is None else load_reference(study.reference)
    except InputError as error:
        raise InputError(f"{study.place(('reference',))}: reference: {error}") from None
