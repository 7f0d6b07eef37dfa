"""Which figures lie in a study's folder, and what they were drawn from."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minidl.report.results import Results
from minidl.study.errors import InputError
from minidl.study.files.folder import remove_inside, write_inside
from minidl.study.files.reading import read_text

FILE = ".drawn.json"  # beside the figures; written before they are drawn, and again after
PICTURES = (  # their names, without loading them
    *("forest", "paired", "shares", "test_points", "decisions", "fits", "learning_curves"),
    *("accuracies", "sweeps", "reached", "gaps"),
)
NAME = re.compile(rf"({'|'.join(PICTURES)})(-[\w.=+-]{{1,130}})?\.(png|svg|pdf)")


@dataclass(frozen=True)
class Drawn:
    """The names of the figures that minidl drew, and the digest of the data that all of them show;
    None while they are being drawn.
    """

    digest: str | None
    files: list[str]


def digest_of(results: Results) -> str:
    """Return what changes whenever figures must: a hash over the study, its reference and runs."""
    runs = [(r.id, r.status, r.finished_at) for c in results.cells for r in c.records.values()]
    facts = [results.study.yaml, results.study.reference_text, sorted(runs)]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def read_drawn(folder: Path) -> Drawn:
    """Return what a study's figures are said to be; without a word, what is named like some.

    It may be a stranger's: only files that are named like figures count.
    """
    figures = folder / "figures"
    try:
        kept: Any = json.loads(read_text(figures / FILE))
        digest, names = kept["digest"], [str(name) for name in kept["files"]]
    except (ValueError, KeyError, TypeError):
        there = figures.iterdir() if figures.is_dir() else []
        digest, names = None, [path.name for path in there]
    return Drawn(digest, sorted(name for name in names if NAME.fullmatch(name)))


def write_drawn(folder: Path, drawn: Drawn) -> None:
    """Keep what was drawn, or is about to be."""
    text = json.dumps({"digest": drawn.digest, "files": sorted(set(drawn.files))}, indent=1)
    write_inside(folder, f"figures/{FILE}", text + "\n")


def is_current(folder: Path, results: Results) -> bool:
    """Whether all figures are there and show what the store now has."""
    drawn = read_drawn(folder)
    there = all((folder / "figures" / name).is_file() for name in drawn.files)
    return bool(drawn.files) and there and drawn.digest == digest_of(results)


def remove(folder: Path, part: str, names: Iterable[str]) -> None:
    """Remove files of a study's folder, or of a part of it; raises InputError if that cannot be."""
    for name in names:
        try:
            remove_inside(folder, Path(part) / name)
        except OSError as error:
            place = folder / part / name
            raise InputError(f"{place}: cannot be removed: {error.strerror}") from None
