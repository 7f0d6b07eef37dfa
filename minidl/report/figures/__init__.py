"""Figures of a study, drawn without a display. A new picture is one function and one line here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import count
from pathlib import Path

import minidl.report.figures.environment  # noqa: F401  # before whatever loads matplotlib

# isort: split
from matplotlib.figure import Figure

from minidl.report.drawn import Drawn, digest_of, read_drawn, remove, write_drawn
from minidl.report.figures.accuracies import accuracies
from minidl.report.figures.decisions import decisions
from minidl.report.figures.fits import fits
from minidl.report.figures.forest import forest
from minidl.report.figures.gaps import gaps
from minidl.report.figures.learning import learning_curves
from minidl.report.figures.material import Material, read_material
from minidl.report.figures.paired import paired
from minidl.report.figures.points import test_points
from minidl.report.figures.reached import reached
from minidl.report.figures.shares import shares
from minidl.report.figures.style import Sheet, own_settings, save
from minidl.report.figures.sweeps import sweeps
from minidl.report.results import Results
from minidl.study.errors import InputError
from minidl.study.files.complaints import unknown
from minidl.study.store.store import Store

# A picture yields one sheet or several: what tells it from its siblings ("" if alone), and how it
# is drawn, so that sheets can be counted, and left out, before any is.
PICTURES: dict[str, Callable[[Material], Iterator[Sheet]]] = {
    "forest": forest,
    "paired": paired,
    "shares": shares,
    "test_points": test_points,
    "decisions": decisions,
    "fits": fits,
    "learning_curves": learning_curves,
    "accuracies": accuracies,
    "sweeps": sweeps,
    "reached": reached,
    "gaps": gaps,
}
FORMATS = ("png", "svg", "pdf")
LIMIT = 8  # sheets of one picture that are drawn unless all are asked for: a minute, at worst


def draw_figures(
    folder: Path,
    out: Path | None = None,
    *,
    seed: int | None = None,
    format: str = "png",
    limit: int | None = LIMIT,
    on_note: Callable[[str], None] = lambda _: None,
    on_progress: Callable[[int, int], None] = lambda _number, _total: None,
) -> list[Path]:
    """Draw every picture of the study in ``folder`` into files under ``out``, and return them.

    Without ``out`` that is ``folder/figures``, which then must not be a link.

    ``seed`` says whose test points and networks are shown (the study's first seed unless told).
    ``limit`` is how many figures of one picture are drawn at most, None for all of them.
    ``on_note`` is told in one line about everything that could not be drawn, and why;
    ``on_progress`` before each figure which it is, counted from 1, and of how many.

    Raises InputError for an unknown format, a seed that the study has not, or a missing store.
    """
    if format not in FORMATS:
        raise InputError(f"--format: {unknown('format', format, FORMATS)}")
    with Store(folder) as store, own_settings():
        material = read_material(store, folder, seed)
        named, out = (folder, folder / "figures") if out is None else (out, out)
        named.mkdir(parents=True, exist_ok=True)
        sheets: list[tuple[Path, Callable[[], Figure]]] = []
        for name, draw in plan_sheets(material, limit):
            path = unused(out / f"{name}.{format}", [path for path, _ in sheets])
            sheets.append((path, draw))
        paths = [path for path, _ in sheets]
        keeps = out.resolve() == (folder / "figures").resolve()
        with kept(folder, material.results, paths) if keeps else nullcontext():
            for number, (path, draw) in enumerate(sheets, start=1):
                on_progress(number, len(sheets))
                material.notes += (f"{path.name}: {note}" for note in save(draw, path, named))
    for note in dict.fromkeys(material.notes):
        on_note(note)
    return paths


@contextmanager
def kept(folder: Path, results: Results, paths: Sequence[Path]) -> Iterator[None]:
    """Keep beside a study's figures what they show. Those of other data go, and so does the word
    that all is well while they are drawn: a kill leaves figures that are drawn again.
    """
    new, old, digest = [path.name for path in paths], read_drawn(folder), digest_of(results)
    write_drawn(folder, Drawn(None, [*old.files, *new]))
    stale = [] if old.digest == digest else [name for name in old.files if name not in new]
    remove(folder, "figures", stale)
    yield
    write_drawn(folder, Drawn(digest, [*new, *(n for n in old.files if n not in stale)]))


def plan_sheets(material: Material, limit: int | None) -> list[tuple[str, Callable[[], Figure]]]:
    """Return the names of all sheets and how each is drawn; what the limit cuts off is noted."""
    planned: list[tuple[str, Callable[[], Figure]]] = []
    for name, picture in PICTURES.items():
        sheets = list(picture(material))
        planned += [(file_name(name, part), draw) for part, draw in sheets[:limit]]
        if limit is not None and len(sheets) > limit:
            left_out = f"{len(sheets) - limit} of {len(sheets)} figures left out"
            material.notes.append(f"{name}: {left_out}; `minidl figures --all` draws them")
    return planned


def file_name(name: str, part: str) -> str:
    """Return a picture's file name: ``decisions-tanh``, with nothing that a path cannot hold."""
    return "-".join(filter(None, [name, re.sub(r"[^\w.=]+", "-", part).strip("-")[:100]]))


def unused(path: Path, paths: Sequence[Path]) -> Path:
    """Return a path with a number added to its name when two parts would share the file."""
    numbered = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return path if path not in paths else next(p for p in numbered if p not in paths)
