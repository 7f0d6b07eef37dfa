"""Reading a study from a file, with what is changed from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from minidl.study.errors import InputError
from minidl.study.files.complaints import explain, shown
from minidl.study.files.reading import PIPES, UnreadableError
from minidl.study.files.shipped import find_file, shipped_configs
from minidl.study.files.yaml_file import Places, parse_yaml, plain_text, read_yaml
from minidl.study.grid.axes import write_out_grid
from minidl.study.grid.change import Change, apply_changes, as_change
from minidl.study.grid.component_files import load_components
from minidl.study.grid.spec import StudySpec

COMPONENTS = "components"


def load_study(
    source: str, *, changes: Sequence[str | Change] = (), seeds: int | None = None
) -> StudySpec:
    """Read a study from a file, or one of those that ship with minidl by its name.

    ``changes`` are ``KEY=VALUE`` texts, or the like with a place of their own. For an axis of the
    grid the value replaces the axis; for anything else it is applied last, over every override.

    The Python files that the study names as its ``components`` are run.

    Raises InputError when anything is wrong with the file or a change.
    """
    path = find_file(source, shipped_configs(), "study")
    beside = Path() if str(path).startswith(PIPES) else path.parent
    study = changed(*read_yaml(path, pipe=True), beside, changes, seeds)
    if is_file_of_the_user(path, source):
        study._folder = path.parent
    return study


def study_of(
    said: Mapping[str, Any], *, changes: Sequence[str | Change] = (), seeds: int | None = None
) -> StudySpec:
    """Read a study from what a grid file would say, as ``load_study`` does; paths are relative to
    the current folder.
    """
    text = plain_text(said, "grid")
    return changed(*parse_yaml(text, "grid", lines=False), Path(), changes, seeds)


def changed(
    data: Any, places: Places, beside: Path, changes: Sequence[str | Change], seeds: int | None
) -> StudySpec:
    """Return the study of plain data, with what is changed from outside."""
    told = [as_change(change) if isinstance(change, str) else change for change in changes]
    if seeds is not None:
        told.append(Change("seeds", str(seeds), f"--seeds {seeds}"))
    if isinstance(data, dict):
        reference = data.get("reference")
        if isinstance(reference, str) and (beside / reference).is_file():
            data["reference"] = str((beside / reference).resolve())  # found again from any folder
        load_own(data, places, beside, [change for change in told if change.key == COMPONENTS])
        write_out_grid(data, places)
        apply_changes(data, places, [change for change in told if change.key != COMPONENTS])
    return make_study(data, places)


def is_file_of_the_user(path: Path, source: str) -> bool:
    """Whether a grid file lies in a folder that means something: it is no shipped one, no pipe."""
    return str(path) == str(Path(source)) and not str(path).startswith(PIPES)


def load_own(data: dict[str, Any], places: Places, beside: Path, changes: Sequence[Change]) -> None:
    """Run the files of components that a study names beside its grid file, or a change from here.

    This comes before anything is checked, so that their names are known.
    """
    if changes:
        apply_changes(data, places, changes)
        beside = Path()
    names = data.get(COMPONENTS, [])
    if not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        place = places.get((COMPONENTS,), places[()])
        raise InputError(f"{place}: components must be a list of Python files, got {shown(names)}")
    for number, name in enumerate(names):
        try:
            load_components([beside / name])
        except UnreadableError as error:
            place = places.get((COMPONENTS, number), places[COMPONENTS,])
            raise InputError(f"{place}: {error}") from None
        names[number] = str((beside / name).resolve())


def parse_study(text: str, source: str) -> StudySpec:
    """Read a study from a text; raises InputError, which names the source.

    No file of components is run: the text may be a stranger's, out of a store.
    """
    return make_study(*parse_yaml(text, source))


def make_study(data: Any, places: Places) -> StudySpec:
    """Check plain data and return the study."""
    if not isinstance(data, dict):
        raise InputError(
            f"{places[()]}: a study must be a mapping with 'name' and 'grid', got {shown(data)}"
        )
    write_out_grid(data, places)
    try:
        study = StudySpec.model_validate(data)
    except ValidationError as error:
        raise InputError(explain(error, places)) from None
    study._places = places
    return study
