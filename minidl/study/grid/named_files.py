"""Which files a process may open for a run's data.

A grid file names what its user wants opened. A store may be a stranger's: of what that names, only
files below the current folder are opened, and only such as hold what it says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from minidl.study.errors import InputError

NAMED: set[str] = set()  # files that a grid file, or a run that is to be trained, has named
READING: ContextVar[bool] = ContextVar("reading", default=False)


def name_files(settings: dict[str, Any]) -> None:
    """Let this process open the files of a run's data: its user named them."""
    if not READING.get():
        NAMED.update(files_of(settings))


@contextmanager
def only_reading() -> Iterator[None]:
    """Expand a study that stands in a store: what it names, nobody here has named."""
    token = READING.set(True)
    try:
        yield
    finally:
        READING.reset(token)


def files_of(settings: dict[str, Any]) -> list[str]:
    """Return the full paths of the files that data settings name, without looking at any."""
    named = [settings.get(key) for key in ("path", "test_path") if "folder" in settings]
    whole = (Path(settings["folder"]) / str(path) for path in named if path)
    return [os.path.abspath(path) for path in whole]  # noqa: PTH100  # resolve() looks at files


def within_reach(settings: dict[str, Any]) -> dict[str, Any]:
    """Return data settings that name no file but those which this process may open.

    Where they begin in a folder that is out of reach, their paths begin in the current one. Raises
    InputError where what they name lies outside that one then too, or the settings do not say what
    the file holds.
    """
    files = files_of(settings)
    if NAMED.issuperset(files):
        return settings
    moved = not all(is_below_here(file) for file in files)
    settings = {**settings, "folder": ""} if moved else settings
    for file, known in zip(files_of(settings), files, strict=True):
        # What a link leads to counts. It is followed only where it lies in reach itself.
        here = is_below_here(file) and is_below_here(os.path.realpath(file))
        if not here or (moved and not Path(file).exists()):
            raise InputError(
                f"data {settings['name']!r}: {known} lies outside the current folder, and only the "
                "store names it: not opened; stand in its folder or above to allow it"
            )
    if settings.get("sha256") is None:
        raise InputError(
            f"data {settings['name']!r}: the store does not say what {files[0]} held: not opened"
        )
    return settings


def is_below_here(file: str) -> bool:
    """Whether a full path lies below the current folder."""
    return Path(file).is_relative_to(Path.cwd())
