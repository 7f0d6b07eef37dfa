"""Links inside a study's folder are refused or replaced, never followed: nothing leaves it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from threading import Event, Thread

import pytest
from helpers.in_process import run
from helpers.studies import TINY, minidl, train, write

from minidl.study.errors import InputError
from minidl.study.files.folder import write_inside
from minidl.study.store import place
from minidl.study.store.store import Store

QUICK = ("--jobs", 1, "--no-figures")
STUDY = "reference: ee559_2021\n" + TINY


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    folder = train(STUDY, tmp_path_factory.mktemp("trained"))
    minidl("tables", folder)
    return folder


@pytest.fixture
def copy(trained, tmp_path) -> Path:
    """A study's folder, and a canary beside it."""
    beside = tmp_path / "beside"
    beside.mkdir()
    (beside / "canary").write_text("sings")
    return Path(shutil.copytree(trained, tmp_path / "copy"))


def state(folder: Path) -> dict[str, tuple[object, ...]]:
    """Return what lies in a folder: names, kinds, contents, times."""
    return {
        str(path): (path.lstat().st_mode, path.lstat().st_mtime_ns, path.lstat().st_ino)
        + ((path.read_bytes(),) if path.is_file() else ())
        for path in folder.rglob("*")
    }


def to_a_file(path: Path, beside: Path) -> None:
    path.symlink_to(beside / "canary")


def to_a_folder(path: Path, beside: Path) -> None:
    path.symlink_to(beside)


def to_nothing(path: Path, beside: Path) -> None:
    path.symlink_to(beside / "nothing")


def to_a_fifo(path: Path, beside: Path) -> None:
    os.mkfifo(beside / "fifo")
    path.symlink_to(beside / "fifo")


def to_a_device(path: Path, beside: Path) -> None:  # noqa: ARG001
    path.symlink_to("/dev/full")


def a_fifo(path: Path, beside: Path) -> None:  # noqa: ARG001
    os.mkfifo(path)


LINKS = (to_a_file, to_a_folder, to_nothing, to_a_fifo, to_a_device, a_fifo)
REPORTS = ("study.yaml", "tables.md", "tables.csv", "verdicts.md")
LOCKS = ("study.lock", "study.holder", "reports.lock", "reports.holder")
STORE = ("study.sqlite", "study.sqlite-journal", "study.sqlite-wal", "study.sqlite-shm")
COMMANDS: dict[str, Callable[[Path, Path], tuple[object, ...]]] = {
    "run": lambda f, _: ("run", "--grid", f.parent / "grid.yaml", "--out", f, *QUICK),
    "fresh": lambda f, _: (*COMMANDS["run"](f, f), "--fresh", "--seeds", 1),
    "tables": lambda f, _: ("tables", f),
    "import": lambda f, other: ("import", f, other),
    "figures": lambda f, _: ("figures", f),
    "status": lambda f, _: ("status", f),
    "export": lambda f, _: ("export", f),
}


def attack(
    name: str, link: Callable[[Path, Path], None], copy: Path, other: Path, commands: Sequence[str]
) -> None:
    """Lay a link in place of a file; all commands refuse it, and nothing beside it changes.

    A link to a file is the one that leads somewhere: it meets them all, the others the first.
    """
    path, beside = copy / name, copy.parent / "beside"
    write(copy.parent, STUDY)
    path.unlink(missing_ok=True)
    link(path, beside)
    before = state(beside)
    for command in commands if link is to_a_file else commands[:1]:
        done = run(*map(str, COMMANDS[command](copy, other)))
        assert state(beside) == before, (command, done.stderr)
        assert done.exit_code == 2, command
        assert f"minidl: {path}: is " in done.stderr.splitlines()[-1], done.stderr
        assert stat.S_IFMT(path.lstat().st_mode) != stat.S_IFREG


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("name", REPORTS)
def test_reports_are_not_written_through_a_link(name, link, copy, trained):
    attack(name, link, copy, trained, ("tables", "run", "import", "fresh"))


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("name", LOCKS)
def test_locks_are_no_links(name, link, copy, trained):
    more = ("tables",) if "reports" in name else ()
    attack(name, link, copy, trained, (*more, "import", "run", "fresh"))


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("name", STORE)
def test_a_store_is_no_link(name, link, copy, trained):
    reading = ("status", "export", "tables", "figures")
    attack(name, link, copy, trained, ("run", "import", "fresh", *reading))


@pytest.mark.parametrize("link", LINKS)
def test_figures_are_not_drawn_through_a_link(link, copy, trained):
    attack("figures", link, copy, trained, ("figures",))


def test_one_figure_that_is_a_link(copy, trained):
    (copy / "figures").mkdir()
    attack("figures/test_points.png", to_a_file, copy, trained, ("figures",))


@pytest.mark.parametrize("name", STORE)
def test_a_store_with_a_second_name_is_refused(name, copy):
    """A hard link: whoever writes here writes into the other file too."""
    other = copy.parent / "beside" / "other"
    shutil.copy(copy / "study.sqlite", other)
    (copy / name).unlink(missing_ok=True)
    (copy / name).hardlink_to(other)
    assert f"{copy / name}: has a second name elsewhere (a hard link)" in (
        minidl("tables", copy, code=2).stderr
    )


def test_a_link_that_is_laid_after_the_look_is_not_opened(copy, monkeypatch):
    """SQLite follows a link that it is given: where it came to is looked at before it is used."""
    beside = copy.parent / "beside"
    other = Path(shutil.copy(copy / "study.sqlite", beside / "other"))
    before = state(beside)

    def swap(*_: object, **__: object) -> sqlite3.Connection:
        (copy / "study.sqlite").unlink()
        (copy / "study.sqlite").symlink_to(other)
        return connect(*_, **__)

    connect = sqlite3.connect
    monkeypatch.setattr(place.sqlite3, "connect", swap)
    with pytest.raises(InputError, match=r"study\.sqlite: is a link"):
        Store(copy)
    assert state(beside) == before


def test_a_folder_reached_through_a_link_is_the_folder_itself(copy, tmp_path):
    (tmp_path / "way").symlink_to(copy)
    assert "16  done" in minidl("status", tmp_path / "way").stdout
    (copy / "tables.md").unlink()
    minidl("tables", tmp_path / "way")
    assert (copy / "tables.md").is_file()


def test_a_file_that_the_user_names_may_be_a_link(copy, tmp_path):
    (tmp_path / "runs.csv").symlink_to(tmp_path / "real.csv")
    minidl("export", copy, "--out", tmp_path / "runs.csv")
    assert (tmp_path / "runs.csv").is_symlink()
    assert len((tmp_path / "real.csv").read_text().splitlines()) == 17


def test_a_link_that_comes_and_goes_is_never_followed(tmp_path):
    folder, canary, done = tmp_path / "folder", tmp_path / "canary", Event()
    (folder / "figures").mkdir(parents=True)
    canary.write_text("sings")

    def swap() -> None:
        for turn in count():
            if done.is_set():
                return
            for path, target in ((folder / "tables.md", canary), (folder / "figures", tmp_path)):
                with suppress(OSError):
                    path.rename(folder / f"{path.name}{turn}")
                with suppress(OSError):
                    path.symlink_to(target)
                with suppress(OSError):
                    path.unlink()

    write_inside(folder, "tables.md", "old")
    thread = Thread(target=swap)
    thread.start()
    try:
        for _ in range(200):
            for name in ("tables.md", "figures/canary"):
                with suppress(InputError):
                    write_inside(folder, name, "new")
    finally:
        done.set()
        thread.join()
    assert canary.read_text() == "sings"
    assert {path.name for path in tmp_path.iterdir()} == {"folder", "canary"}
