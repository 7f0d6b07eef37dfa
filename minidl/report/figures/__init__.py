"""Figures of a study, drawn without a display. A new picture is one function and one line here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

import minidl.report.figures.environment  # noqa: F401  # before whatever loads matplotlib

# isort: split
from matplotlib.figure import Figure

from minidl.report.figures.accuracies import accuracies
from minidl.report.figures.decisions import decisions
from minidl.report.figures.gaps import gaps
from minidl.report.figures.learning import learning_curves
from minidl.report.figures.material import Material, read_material
from minidl.report.figures.points import test_points
from minidl.report.figures.reached import reached
from minidl.report.figures.style import own_settings, save
from minidl.study.errors import InputError
from minidl.study.files.complaints import unknown
from minidl.study.store.store import Store

# A picture yields one figure or several, each with what tells it from its siblings ("" if alone).
PICTURES: dict[str, Callable[[Material], Iterator[tuple[str, Figure]]]] = {
    "test_points": test_points,
    "decisions": decisions,
    "learning_curves": learning_curves,
    "accuracies": accuracies,
    "reached": reached,
    "gaps": gaps,
}
FORMATS = ("png", "svg", "pdf")


def draw_figures(
    folder: Path,
    out: Path,
    *,
    seed: int | None = None,
    format: str = "png",
    on_note: Callable[[str], None] | None = None,
) -> list[Path]:
    """Draw every picture of the study in ``folder`` into files under ``out``, and return them.

    ``seed`` says whose test points and networks are shown (the study's first seed unless told).
    ``on_note`` is told in one line about everything that could not be drawn, and why.

    Raises InputError for an unknown format, a seed that the study has not, or a missing store.
    """
    if format not in FORMATS:
        raise InputError(f"--format: {unknown('format', format, FORMATS)}")
    paths: list[Path] = []
    with Store(folder) as store, own_settings():
        material = read_material(store, folder, seed)
        out.mkdir(parents=True, exist_ok=True)
        for name, picture in PICTURES.items():
            for part, figure in picture(material):
                path = unused(out / f"{file_name(name, part)}.{format}", paths)
                save(figure, path)
                paths.append(path)
    for note in material.notes:
        if on_note is not None:
            on_note(note)
    return paths


def file_name(name: str, part: str) -> str:
    """Return a picture's file name: ``decisions-tanh``, with nothing that a path cannot hold."""
    return "-".join(filter(None, [name, re.sub(r"[^\w.=]+", "-", part).strip("-")[:100]]))


def unused(path: Path, paths: Sequence[Path]) -> Path:
    """Return a path with a number added to its name when two parts would share the file."""
    numbered = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return path if path not in paths else next(p for p in numbered if p not in paths)
