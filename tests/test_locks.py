"""Who waits for a lock is told for whom, and does not wait for ever."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from helpers.in_process import run
from helpers.studies import TINY, minidl, write

from minidl.study.errors import InputError
from minidl.study.files.folder import write_inside
from minidl.study.store import lock
from minidl_cli.inspect import at

QUICK = ("--jobs", 1, "--no-figures")


@pytest.fixture
def copy(trained, tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(lock, "PATIENCE", 0.2)
    return Path(shutil.copytree(trained, tmp_path / "copy"))


@contextmanager
def taken(path: Path):
    """Hold a lock file, as another process does."""
    file = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(file)


def test_reports_that_are_held_are_waited_for_and_then_given_up(copy):
    with lock.one_reporter(copy):
        said = minidl("tables", copy, code=2).stderr
    assert said == (
        f"minidl: {copy}: another minidl has been writing reports here for 0.2 seconds: "
        f"process {os.getpid()} on {os.uname().nodename}\n"
    )
    assert not (copy / "tables.md").exists()
    minidl("tables", copy)
    assert not (copy / "reports.holder").exists()


def test_who_waits_for_reports_is_told_for_whom(copy, monkeypatch):
    monkeypatch.setattr(lock, "QUIET", 0.1)
    with lock.one_reporter(copy):
        said = minidl_says("tables", copy)
    name = f"process {os.getpid()} on {os.uname().nodename}"
    assert said[0] == f"{copy}: waiting for {name}, which writes reports here"
    assert said[1].startswith(f"minidl: {copy}: another minidl has been writing reports here for ")
    assert len(said) == 2


def minidl_says(*words: object) -> list[str]:
    """Return what a command says that waits in vain, line by line."""
    done = run(*map(str, words))
    assert done.exit_code == 2
    return done.stderr.splitlines()


@pytest.mark.parametrize(
    ("holder", "name"),
    [
        (json.dumps({"pid": 7, "host": "\x1b[2Jfar"}), "process 7 on \\x1b[2Jfar"),
        (json.dumps({"pid": "9" * 300, "host": "a" * 300}), f"process {'9' * 20} on {'a' * 100}"),
        ("[" * 100_000, "its process is not known"),
        ("[]", "its process is not known"),
        (None, "its process is not known"),
    ],
)
def test_a_holder_is_not_believed(holder, name, copy, tmp_path):
    if holder is not None:
        write_inside(copy, "study.holder", holder)
    with taken(copy / "study.lock"):
        refused = minidl("run", "--grid", write(tmp_path, TINY), "--out", copy, *QUICK, code=2)
    assert refused.stderr == f"minidl: {copy}: another minidl is at work here: {name}\n"


def test_a_holder_that_is_a_fifo_is_not_waited_for(copy, trained):
    os.mkfifo(copy / "study.holder")
    with taken(copy / "study.lock"):
        said = minidl("import", copy, trained, code=2).stderr
    assert "another minidl is at work here: its process is not known" in said


TOLD = {
    "told_at": "2026-01-02T03:04:05+00:00",
    "epochs_done": 120,
    "epochs": 400,
    "seconds_left": 95.0,
    "networks": 60,
    "stacks": [{"networks": 60, "epoch": 2, "epochs": 4}],
}


def told(folder: Path, progress: object) -> tuple[dict, str]:
    """Return what ``status`` makes of the progress in a holder's file, as JSON and as text."""
    who = {"pid": os.getpid(), "host": os.uname().nodename}
    write_inside(folder, "study.holder", json.dumps({**who, "progress": progress}))
    found = json.loads(minidl("status", folder, "--json").stdout)["training"]
    return found, minidl("status", folder).stdout


def test_progress_is_told_beside_the_lock(copy):
    found, said = told(copy, TOLD)
    assert found["progress"] == TOLD
    assert (
        "60 networks in training, 50% through, 30% of all its epochs, 1:35 left, "
        "told on 2026-01-02 at 03:04:05 UTC\n"
    ) in said
    assert ", 1:35 left" not in told(copy, TOLD | {"seconds_left": None})[1]
    assert ", 60 of them 50% through, " in told(copy, TOLD | {"networks": 90})[1]


def test_what_was_told_today_has_no_date():
    then = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert at(then, then + timedelta(hours=20)) == "at 03:04:05 UTC"
    assert at(then, then + timedelta(hours=21)) == "on 2026-01-02 at 03:04:05 UTC"
    assert at(then, then - timedelta(hours=4)) == "on 2026-01-02 at 03:04:05 UTC"


@pytest.mark.parametrize(
    "wrong",
    [
        {"told_at": "\x1b[2J"},
        {"told_at": "0001-01-01T00:00:00+23:00"},
        {"epochs_done": 401},
        {"epochs": -1},
        {"epochs": 10**400},
        {"epochs": True},
        {"seconds_left": float("nan")},
        {"seconds_left": -1.0},
        {"seconds_left": 1e300},
        {"networks": "60"},
        {"stacks": [{"networks": 60, "epoch": 5, "epochs": 4}]},
        {"stacks": [7]},
        {"stacks": {}},
    ],
)
def test_progress_is_not_believed(wrong, copy):
    found, said = told(copy, TOLD | wrong)
    assert found == {"pid": str(os.getpid()), "host": os.uname().nodename, "progress": None}
    assert "is at work" in said
    assert "in training" not in said


@pytest.mark.parametrize("progress", [None, [], "a", {}, TOLD | {"more": "[" * 50_000}])
def test_what_is_no_progress_is_none(progress, copy):
    found, said = told(copy, progress)
    assert found is None or found["progress"] is None
    assert "in training" not in said


def test_word_that_cannot_be_left_hinders_nothing_and_goes_nowhere_else(copy, tmp_path):
    with lock.only_writer(copy) as tell:
        (copy / "study.holder").unlink()
        (copy / "study.holder").symlink_to(tmp_path / "elsewhere")
        tell(TOLD)
        (copy / "study.holder").unlink()
        (copy / "study.holder").mkdir()
        tell(TOLD)
        copy.rename(tmp_path / "renamed")
        tell(TOLD)
        copy.mkdir()
        with lock.only_writer(copy):
            before = (copy / "study.holder").read_text()
            tell(TOLD)
            assert (copy / "study.holder").read_text() == before
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_a_lock_file_of_another_user():
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        file = Path(folder) / "study.lock"
        file.touch(0o600)
        os.seteuid(1000)
        try:
            with pytest.raises(InputError, match="belongs to user 0 and cannot be opened: Perm"):
                lock.open_lock(Path(folder), "study.lock")
        finally:
            os.seteuid(0)


@pytest.mark.parametrize("folder", ["/proc", "/sys"])
def test_a_folder_that_is_no_place_for_files_is_refused(folder):
    """And not waited for, although no lock file can be made there."""
    said = minidl("tables", folder, code=2).stderr
    assert said.startswith(f"minidl: {folder}: cannot be written: ")
