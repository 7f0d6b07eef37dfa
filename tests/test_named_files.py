"""Files that only a store names are not opened outside the current folder."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
from pathlib import Path

import pytest
from helpers.studies import contents, minidl

from minidl.study.errors import InputError
from minidl.study.grid import named_files
from minidl.study.grid.data import loaded, source_of
from minidl.study.store.store import Store

ROWS = "a,b,kind\n" + "".join(f"{i},{i * i % 7},{'xy'[i % 2]}\n" for i in range(24))
OPENED: list[str] | None = None


def note(event: str, arguments: tuple[object, ...]) -> None:
    """Note what is opened, also what cannot be."""
    if (
        OPENED is not None
        and event == "open"
        and isinstance(arguments[0], (str, bytes, os.PathLike))
    ):
        OPENED.append(os.path.realpath(os.fsdecode(arguments[0])))


sys.addaudithook(note)


def forget() -> None:
    """Be as a new process, which no grid file has named anything."""
    named_files.NAMED.clear()
    loaded.cache_clear()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file outside of the folder that holds the stranger's study, which names it."""
    path = tmp_path / "home" / "secret.csv"
    path.parent.mkdir()
    path.write_text(ROWS)
    return path


@pytest.fixture
def received(tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The study, in the current folder."""
    here = tmp_path / "here"
    here.mkdir()
    study = {
        "name": "s",
        "data": {"name": "csv", "path": str(secret), "target": "kind", "test": 8},
        "model": {"hidden": [3]},
        "epochs": 2,
        "seeds": 2,
        "grid": {"activation": ["tanh", "relu"]},
    }
    (here / "grid.yaml").write_text(json.dumps(study))
    monkeypatch.chdir(here)
    minidl("run", "--grid", "grid.yaml", "--out", "s", "--jobs", 1, "--no-figures", "--no-report")
    forget()
    return here / "s"


def watched(*words: object, code: int | None = 0) -> tuple[list[str], str]:
    """Run a command, and return what it opened and what it said."""
    global OPENED
    OPENED = []
    try:
        done = minidl(*words, code=code)
        return OPENED, done.stderr
    finally:
        OPENED = None


def every_command(folder: Path) -> list[tuple[object, ...]]:
    first, second, *_ = contents(folder)
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy)
    return [
        ("predict", folder, first),
        ("figures", folder),
        ("report", folder),
        ("tables", folder, "--confusion"),
        ("compare", folder, "--factor", "activation", "--levels", "tanh,relu"),
        ("verdicts", folder),
        ("show", folder, first),
        ("diff", f"{folder}/{first}", second),
        ("status", folder),
        ("export", folder, "--curves"),
        ("import", folder, copy),
    ]


def test_no_reading_command_opens_it(received: Path, secret: Path):
    for words in every_command(received):
        opened, said = watched(*words, code=None)
        assert str(secret) not in opened, words
        if words[0] == "predict":
            assert said == (
                f"minidl: data 'csv': {secret} lies outside the current folder, and only the store "
                "names it: not opened; stand in its folder or above to allow it\n"
            )
        forget()


def test_who_stands_above_it_allows_it(
    received: Path, secret: Path, monkeypatch: pytest.MonkeyPatch
):
    first, *_ = contents(received)
    monkeypatch.chdir(secret.parent)
    opened, _ = watched("predict", received, first)
    assert str(secret) in opened
    secret.write_text(ROWS.replace("1,1,y", "1,2,y"))
    forget()
    assert "is not what it was" in watched("predict", received, first, code=2)[1]


def test_neither_a_link_nor_a_way_up_leads_out(received: Path, secret: Path):
    with Store(received) as store:
        (record, *_) = store.records().values()
    known = record.settings["data"]
    Path("link.csv").symlink_to(secret)
    for change in (
        {"path": "link.csv", "folder": str(Path.cwd())},
        {"path": "../home/secret.csv", "folder": str(Path.cwd())},
        {"path": "../home/secret.csv", "folder": "/nowhere"},
        {"path": "secret.csv", "folder": str(secret.parent)},
    ):
        with pytest.raises(InputError, match="lies outside the current folder"):
            source_of({**known, **change})
    shutil.copy(secret, "secret.csv")  # found by what it holds
    assert source_of({**known, "path": "secret.csv", "folder": str(secret.parent)}).size == 24
    with pytest.raises(InputError, match=r"does not say what .* held: not opened"):
        source_of({**known, "path": "secret.csv", "folder": "", "sha256": None})


def test_a_store_without_an_outline_names_nothing(received: Path, secret: Path):
    with sqlite3.connect(received / "study.sqlite") as connection:
        connection.execute("UPDATE study SET outline = NULL")
    connection.close()
    for words in (("status", received), ("tables", received), ("report", received)):
        opened, said = watched(*words, code=2)
        assert str(secret) not in opened
        assert "not opened" in said
