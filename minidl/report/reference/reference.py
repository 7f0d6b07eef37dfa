"""Published numbers and claims: a YAML file that says what a paper reports and concludes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from minidl.report.reference.claims import Claim, Tuning
from minidl.study.errors import InputError
from minidl.study.files.complaints import explain, shown
from minidl.study.files.reading import read_text
from minidl.study.files.shipped import find_file, shipped_configs
from minidl.study.files.yaml_file import parse_yaml
from minidl.study.grid.spec import StudySpec
from minidl.study.grid.strict import Strict
from minidl.study.outline import Outline
from minidl.study.run_spec import label

NUMBERS = ("train_accuracy", "test_accuracy")  # what a reference can give for a cell


def check_cell(cell: dict[str, Any]) -> dict[str, Any]:
    """Return a published cell; raises ValueError when it has no number."""
    given = [cell[name] for name in NUMBERS if name in cell]
    if not given or not all(type(number) in (int, float) for number in given):
        raise ValueError(f"a cell needs numbers: {' or '.join(NUMBERS)}, got {shown(cell)}")
    return cell


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
    cells: list[Annotated[dict[str, Any], AfterValidator(check_cell)]] = Field(
        [], description="settings and accuracies, percent"
    )
    claims: list[Claim] = Field([], description="what it concludes")
    tuning: Tuning | None = Field(None, description="judge at the best value of a setting")

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
    path = find_file(source, shipped_configs() / "reference", "reference")
    return parse_reference(read_text(path), str(path))


def parse_reference(text: str, source: str) -> Reference:
    """Read a reference from a text; raises InputError, which names the source."""
    data, places = parse_yaml(text, source)
    if not isinstance(data, dict):
        raise InputError(
            f"{places[()]}: a reference must be a mapping with 'title', got {shown(data)}"
        )
    try:
        return Reference.model_validate(data)
    except ValidationError as error:
        raise InputError(explain(error, places)) from None


def published(study: Outline) -> Reference | None:
    """Return what a study is judged by, as it was when it was last run; None without any."""
    if study.reference is None or study.reference_text is None:
        return None
    return parse_reference(study.reference_text, study.reference)


def check_reference(study: StudySpec) -> None:
    """Raise InputError, with the place that names it, when a study's reference cannot be used."""
    try:
        if study.reference is not None:
            load_reference(study.reference)
    except InputError as error:
        raise InputError(f"{study.place(('reference',))}: reference: {error}") from None
