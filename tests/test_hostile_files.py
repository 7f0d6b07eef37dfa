"""Whatever a file holds, every command that takes one is fine, or refuses it in a line.

The file stays as it is, and nothing appears beside it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from helpers.generated_grids import FILES
from helpers.in_process import run
from helpers.studies import TINY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study

CALM = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
QUICK = settings(deadline=None, derandomize=True, max_examples=25, suppress_health_check=CALM)
LONG = settings(deadline=None, database=None, max_examples=1000, suppress_health_check=CALM)
FIRST = expand(parse_study(TINY, "tiny"))[0].id

CELLS = ["0.5", "-1", "1e-3", "nan", "inf", "1e400", "1_0", "0x1", "", " ", "x1", "=1+1", "\x1b[2J"]
CELLS += [
    '"',
    '"a\nb"',
    "\0",
    "\u0663",
    "\u2028",
    "\ud800",
    "1,2",
    "1;2",
    "9" * 5000,
    "NaN ",
    "+.5",
]


@st.composite
def points(draw: Any) -> bytes:
    """Rows of cells, most of them numbers, with one separator or another."""
    cell = st.sampled_from(["0.5", "-1", "2e-3"]) | st.sampled_from(CELLS)
    width = draw(st.integers(1, 3))
    rows = draw(st.lists(st.lists(cell, min_size=width, max_size=width), max_size=5))
    comma, end = draw(st.sampled_from([",", ",", ";", "\t"])), draw(st.sampled_from("\n\r\0"))
    start = draw(st.sampled_from(["", "x1,x2\n", "\ufeff", "\n\n"]))
    return (start + end.join(map(comma.join, rows))).encode("utf-8", "surrogatepass")


@st.composite
def saved(draw: Any, whole: bytes) -> bytes:
    """A file of weights, of which some bytes are missing and others have come."""
    start = draw(st.integers(0, len(whole)))
    new = draw(st.binary(max_size=9) | st.sampled_from([b"0", b"-1", b"{}", b"[" * 500, b"null"]))
    return whole[:start] + new + whole[start + draw(st.integers(0, 9)) :]


@pytest.fixture(scope="module")
def place(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a study, saved weights, and room for a file."""
    folder = tmp_path_factory.mktemp("files")
    shutil.copytree(trained, folder / "study")
    done = run("export", str(folder / "study"), "--weights", FIRST, "--out", str(folder / "w.st"))
    assert done.exit_code == 0
    return folder


def commands(folder: Path, file: Path) -> list[list[str]]:
    """Return every command that takes a file; none of them may train."""
    study, given = str(folder / "study"), str(file)
    return [
        ["validate", given],
        ["run", given, "--dry-run"],
        ["run", "--grid", given, "--dry-run", "--json", "--seeds", "2", "--set", "epochs=3"],
        ["predict", study, FIRST, "--points", given],
        ["predict", "--weights", given],
        ["predict", "--weights", str(folder / "w.st"), "--points", given],
        ["verdicts", study, "--reference", given],
        ["status", given],
        ["import", study, given],
    ]


def tried(folder: Path, content: bytes) -> None:
    """Put a file through every command."""
    file = folder / "file"
    file.write_bytes(content)
    before = {path.name for path in folder.rglob("*")}
    for words in commands(folder, file):
        done = run(*words)
        assert done.exit_code in (0, 2), (words, done)
        assert "\x1b" not in done.stdout + done.stderr
        assert len(done.stderr) < 5000
        if done.exit_code == 2:
            assert done.stdout == "", words
            assert done.stderr.startswith("minidl: "), words
            assert done.stderr.count("\n") == 1, words
        assert file.read_bytes() == content, words
    after = {path.name for path in folder.rglob("*")}
    assert after - before <= {"study.lock", "study.holder", "reports.lock", "reports.holder"}


KINDS_OF_FILES = {**FILES, "points": points()}


@pytest.mark.parametrize("kind", KINDS_OF_FILES)
def test_any_file_in_any_place(kind: str, place: Path):
    QUICK(given(KINDS_OF_FILES[kind])(lambda content: tried(place, content)))()


def test_any_weights(place: Path):
    whole = (place / "w.st").read_bytes()
    QUICK(given(saved(whole))(lambda content: tried(place, content)))()


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS_OF_FILES)
def test_any_file_in_any_place_for_long(kind: str, place: Path):
    LONG(given(KINDS_OF_FILES[kind])(lambda content: tried(place, content)))()


@pytest.mark.soak
def test_any_weights_for_long(place: Path):
    whole = (place / "w.st").read_bytes()
    LONG(given(saved(whole))(lambda content: tried(place, content)))()
