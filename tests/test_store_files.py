"""A store's file that is not right is refused, in one line, and left alone."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from helpers.studies import (
    TINY,
    change,
    contents,
    everything_reads,
    minidl,
    rows_of,
    write,
)

from minidl.study.errors import InputError
from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.run import run_study
from minidl.study.store.migrations import VERSION
from minidl.study.store.store import Store

RUNS = expand(parse_study(TINY, "tiny"))


def not_sqlite(file: Path) -> None:
    file.write_bytes(b"something else entirely, and long enough for a header " * 40)


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as store:
        store.execute(f"PRAGMA user_version = {VERSION + 1}")


def foreign(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as store:
        store.execute("CREATE TABLE songs (title TEXT)")


def a_page_overwritten(file: Path) -> None:
    """Overwrite the page in which the table of runs begins."""
    with closing(sqlite3.connect(file)) as store:
        (page,) = store.execute("SELECT rootpage FROM sqlite_master WHERE name = 'run'").fetchone()
        (size,) = store.execute("PRAGMA page_size").fetchone()
    data = bytearray(file.read_bytes())
    data[(page - 1) * size : page * size] = bytes(255 - byte for byte in range(256)) * (size // 256)
    file.write_bytes(data)


SPOILED = {
    not_sqlite: "file is not a database",
    truncated: "malformed",
    newer: f"was written by a newer minidl (schema {VERSION + 1}); this one reads up to {VERSION}",
    foreign: "is a database, but not a minidl store",
    a_page_overwritten: "malformed",
}


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_file_that_is_not_right_is_refused_and_left_alone(spoil, trained, copy):
    file = copy / "study.sqlite"
    spoil(file)
    before = file.read_bytes()
    grid = write(copy, TINY)
    for err in (
        everything_reads(copy, code=2),
        minidl("run", "--grid", grid, "--out", copy, "--jobs", 1, code=2).stderr,
        minidl("import", copy, trained, code=2).stderr,
    ):
        assert f"{file}: " in err
        assert SPOILED[spoil] in err or "is damaged: " in err
    assert file.read_bytes() == before
    assert minidl("import", trained, copy, code=2).stderr.startswith(f"minidl: {file}: ")


def test_bytes_flipped_anywhere_never_end_in_a_traceback(trained, copy):
    """Every command either works or says what is wrong, in one line."""
    file = copy / "study.sqlite"
    sound, dice = file.read_bytes(), random.Random(6)
    first, second = RUNS[0].id, RUNS[1].id
    codes = []
    for _ in range(20):
        data = bytearray(sound)
        for position in dice.choices(range(len(data)), k=dice.choice([5, 20, 60])):
            data[position] ^= 1 << dice.randrange(8)
        file.write_bytes(data)
        for command in (
            ("status", copy),
            ("tables", copy),
            ("export", copy, "--curves"),
            ("diff", f"{copy}/{first}", second),
            ("import", copy, trained),
        ):
            codes.append(minidl(*command, code=None).exit_code)
            assert codes[-1] != 2 or file.read_bytes() == data
    assert 20 < codes.count(2) < len(codes)


def test_a_folder_in_place_of_the_store(tmp_path):
    (tmp_path / "study.sqlite").mkdir()
    assert "no study here" in minidl("status", tmp_path, code=2).stderr
    run = minidl("run", "--grid", write(tmp_path, TINY), "--out", tmp_path, code=2)
    assert "study.sqlite: unable to open database file" in run.stderr


def test_a_file_in_place_of_the_folder(tmp_path):
    grid = write(tmp_path, TINY)
    run = minidl("run", "--grid", grid, "--out", grid, code=2)
    assert run.stderr == f"minidl: {grid}: cannot be made: File exists\n"
    assert "no study here" in minidl("status", grid, code=2).stderr


def test_no_store_makes_no_folder(trained, tmp_path):
    missing = tmp_path / "missing"
    assert "no study here" in everything_reads(missing, code=2)
    assert "no study here" in minidl("import", missing, trained, code=2).stderr
    assert "no study here" in minidl("import", trained, missing, code=2).stderr
    assert list(tmp_path.iterdir()) == []


def test_an_empty_store_that_a_kill_has_left_is_none(trained, tmp_path):
    (tmp_path / "study.sqlite").touch()
    assert "no study here; expected a file study.sqlite" in everything_reads(tmp_path, code=2)
    grid = write(tmp_path, TINY)
    minidl("run", "--grid", grid, "--out", tmp_path, "--jobs", 1, "--no-figures")
    assert contents(tmp_path) == contents(trained)


def test_a_store_that_is_moved_aside_takes_no_name_that_is_there(copy, monkeypatch):
    """Also with a clock that stands still."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2026, 1, 1, tzinfo=tz)

    monkeypatch.setattr("minidl.study.run.datetime", Clock)
    before = contents(copy)
    for _ in range(2):
        run_study(parse_study(TINY, "tiny"), [], copy, fresh=True)
    names = ("study-20260101-000000-000000.sqlite", "study-20260101-000000-000000-2.sqlite")
    assert sorted(path.name for path in copy.glob("study-*")) == sorted(names)
    (copy / "study.sqlite").unlink()
    (copy / names[0]).rename(copy / "study.sqlite")
    assert contents(copy) == before


def test_a_folder_that_is_moved_while_it_is_in_use_is_called_so(copy):
    with Store(copy) as store:
        moved = copy.rename(copy.with_name("moved"))
        with pytest.raises(
            InputError, match=r"study\.sqlite: was moved or removed while it was in"
        ):
            store.set_study(parse_study(TINY, "tiny"))
    assert contents(moved)


def test_cells_that_a_spreadsheet_would_run_are_texts(copy):
    change(copy, "UPDATE run SET error = '=cmd|''/c calc''!A0' WHERE seed = 0")
    change(copy, "UPDATE run SET error = '-1' WHERE seed = 1")
    errors = {row["error"] for row in rows_of(minidl("export", copy).stdout)}
    assert errors == {"'=cmd|'/c calc'!A0", "-1"}


def test_escape_sequences_of_a_store_or_a_reference_stay_where_they_are(copy, tmp_path):
    """A cell's label, an error, a claim: all that a stranger may have written."""
    evil = r"\e[2J\e]0;owned\a"
    reference = tmp_path / "reference.yaml"
    claim = f'{{text: "{evil}", parts: [{{factor: loss, levels: [bce, mse]}}]}}'
    reference.write_text(f'title: "{evil}"\nclaims: [{claim}]\n')
    study = TINY + f"reference: {reference}\n"
    with Store(copy) as store:
        store.set_study(parse_study(study, "evil"))
    change(copy, "UPDATE run SET status = 'failed', error = char(27) || '[2J' || char(10) || 'x'")
    minidl("validate", write(tmp_path, study))
    for words in (("status",), ("tables",), ("verdicts",), ("tables", "--format", "md")):
        done = minidl(words[0], copy, *words[1:], code=None)
        assert "\x1b" not in done.stdout + done.stderr
    for page in ("tables.md", "verdicts.md"):
        assert "\x1b" not in (copy / page).read_text()
    assert "\\x1b[2J\\nx" in minidl("status", copy).stdout
