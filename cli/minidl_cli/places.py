"""Studies found by what a person types: a folder, or the name of one under ``results/``."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TypeVar

STORE = "study.sqlite"
RESULTS = Path("results")  # where ``minidl run`` puts a study by its name

T = TypeVar("T", Path, list[Path])


def found(folder: T) -> T:
    """Return the folder of a study that was named, or each of several.

    Raises InputError for one that is not there while another is nearly called so.
    """
    if isinstance(folder, list):
        return [found(each) for each in folder]
    if is_study(folder):
        return folder
    if not folder.is_absolute() and is_study(RESULTS / folder):
        return RESULTS / folder
    if is_absent(folder) and (close := nearest(folder)):
        from minidl.study.errors import InputError

        expected = f"expected a file {STORE}; did you mean {str(close)!r}?"
        raise InputError(f"{folder}: no study here; {expected}")
    return folder


def found_if_named(folder: Path | None) -> Path | None:
    """Return the folder of a study that was named, None where none was."""
    return None if folder is None else found(folder)


def is_absent(folder: Path) -> bool:
    """Whether there is nothing of that name; of one that cannot be a name, the store says more."""
    try:
        return not folder.exists()
    except OSError:
        return False


def is_study(folder: Path) -> bool:
    """Whether a folder holds a study; one that cannot be looked into does not."""
    try:
        return (folder / STORE).exists()
    except OSError:
        return False


def nearest(folder: Path) -> Path | None:
    """Return the study here, under ``results/`` or beside a folder that is nearly called so."""
    known: dict[str, Path] = {}
    for parent in (folder.parent, Path(), RESULTS):
        for path in sorted(studies_in(parent)):
            known |= {str(path): path, path.name: path}
    for text in (str(folder), folder.name):
        if close := difflib.get_close_matches(text, known, n=1):
            return known[close[0]]
    return None


def studies_in(parent: Path) -> list[Path]:
    """Return the studies right below a folder."""
    try:
        return [path.parent for path in parent.glob(f"*/{STORE}")]
    except OSError:
        return []
