"""Reading a study from a file, with what is changed from outside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import (
    ValidationError,
)

from minidl.study.errors import InputError
from minidl.study.files.complaints import explain, shown
from minidl.study.files.reading import PIPES
from minidl.study.files.shipped import find_file, shipped_configs
from minidl.study.files.yaml_file import Places, parse_yaml, read_yaml
from minidl.study.grid.change import Change, apply_changes, as_change
from minidl.study.grid.spec import StudySpec


def load_study(
    source: str, *, changes: Sequence[str | Change] = (), seeds: int | None = None
) -> StudySpec:
    """Read a study from a file, or one of those that ship with minidl by its name.

    ``changes`` are ``KEY=VALUE`` texts, or the like with a place of their own. For an axis of the
    grid the value replaces the axis; for anything else it is applied last, over every override.

    Raises InputError when anything is wrong with the file or a change.
    """
    path = find_file(source, shipped_configs(), "study")
    data, places = read_yaml(path, pipe=True)
    reference = data.get("reference") if isinstance(data, dict) else None
    if isinstance(reference, str) and (beside := path.parent / reference).is_file():
        data["reference"] = str(beside.resolve())  # found again from any folder
    study = make_study(data, places, changes=changes, seeds=seeds)
    if is_file_of_the_user(path, source):
        study._folder = path.parent
    return study


def is_file_of_the_user(path: Path, source: str) -> bool:
    """Whether a grid file lies in a folder that means something: it is no shipped one, no pipe."""
    return str(path) == str(Path(source)) and not str(path).startswith(PIPES)


def parse_study(text: str, source: str) -> StudySpec:
    """Read a study from a text; raises InputError, which names the source."""
    return make_study(*parse_yaml(text, source))


def make_study(
    data: Any, places: Places, *, changes: Sequence[str | Change] = (), seeds: int | None = None
) -> StudySpec:
    """Check plain data, changed as told, and return the study."""
    if not isinstance(data, dict):
        raise InputError(
            f"{places[()]}: a study must be a mapping with 'name' and 'grid', got {shown(data)}"
        )
    told = [as_change(change) if isinstance(change, str) else change for change in changes]
    if seeds is not None:
        told.append(Change("seeds", str(seeds), f"--seeds {seeds}"))
    apply_changes(data, places, told)
    try:
        study = StudySpec.model_validate(data)
    except ValidationError as error:
        raise InputError(explain(error, places)) from None
    study._places = places
    return study
