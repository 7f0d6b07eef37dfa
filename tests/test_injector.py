"""A kill, an I/O error or a full disk at any file operation: nothing is lost, the command goes on.

Every command is tried on a folder that is laid out anew, with one operation of it going wrong, and
then again with all going well.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from helpers.injector import READING
from helpers.studies import contents, train, write

from minidl.study.store.migrations import VERSION

STUDY = """
name: injected
reference: {reference}
data: {{name: disk, train: 20, test: 20}}
model: {{hidden: [3]}}
epochs: 2
evaluate_every: 1
seeds: 2
grid: {{loss: [mse, bce]}}
"""
REFERENCE = """
title: nobody
claims:
  - {text: "bce is better than mse", parts: [{factor: loss, levels: [bce, mse]}]}
"""
OLD = Path(__file__).parent / "fixtures" / "version_1" / "study.sqlite"
FAULTS = ("kill", "EIO", "ENOSPC")
ASIDE = re.compile(r"study-\d{8}-\d{6}-\d{6}(-\d+)?\.sqlite")


class Commands:
    """The program of ``helpers.injector``: it runs a command, and lets an operation go wrong."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "helpers.injector"],
            cwd=Path(__file__).parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, words: Any, fault: str | None = None, at: int = 0) -> dict[str, Any]:
        """Run a command; return how it ended, what it said, and its operations."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        request = {"words": list(map(str, words)), "fault": fault, "at": at}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module")
def command() -> Iterator[Commands]:
    commands = Commands()
    with commands.process:
        yield commands
        commands.process.kill()


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> Path:
    """A grid file, and the folders that commands begin from."""
    folder = tmp_path_factory.mktemp("sources")
    (folder / "reference.yaml").write_text(REFERENCE)
    study = STUDY.format(reference=folder / "reference.yaml")
    write(folder, study)
    train(study, folder / "whole")
    train(study.replace("[mse, bce]", "[mse]"), folder / "half")
    (folder / "old").mkdir()
    shutil.copy(OLD, folder / "old")
    (folder / "none").mkdir()
    return folder


# What is tried -> the folder that it begins from, and its words
TRIED: dict[str, tuple[str, Callable[[Path, Path], tuple[object, ...]]]] = {
    "run": ("none", lambda f, s: run(f, s)),
    "fresh": ("whole", lambda f, s: (*run(f, s), "--fresh")),
    "import": ("half", lambda f, s: ("import", f, s / "whole")),
    "migration": ("old", lambda f, _: ("export", f)),
    "reports": ("whole", lambda f, _: ("tables", f)),
    "figures": ("whole", lambda f, _: ("figures", f)),
}


def run(folder: Path, sources: Path) -> tuple[object, ...]:
    words = ("run", "--grid", sources / "grid.yaml", "--out", folder, "--jobs", 1)
    return (*words, "--no-figures", "--quiet")


def found(folder: Path) -> dict[str, Any]:
    """Return what lies in a folder: of stores what they hold, of all else the bytes.

    Of the report only that it is there and whole: it says when each run was made.
    """
    return {
        str(path.relative_to(folder)): held(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not (ASIDE.fullmatch(path.name) and path.stat().st_size)
    }


def held(path: Path) -> object:
    if path.name == "report.html":
        return path.read_text("utf-8").rstrip().endswith("</html>")
    return contents(path) if is_store(path) else path.read_bytes()


def is_store(path: Path) -> bool:
    return path.suffix == ".sqlite" and path.exists() and path.stat().st_size > 0


def kept(folder: Path) -> dict[str, Any]:
    """Return the runs in a folder's store, and in those that were moved aside.

    Of a copy: it is minidl that is to undo what a kill has left half written.
    """
    with TemporaryDirectory() as copy:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        aside = [path for path in Path(copy).iterdir() if ASIDE.fullmatch(path.name)]
        stores = filter(is_store, (*aside, Path(copy) / "study.sqlite"))
        return {id: own for path in stores for id, own in read(path).items()}


def read(path: Path) -> dict[str, Any]:
    """Return what a store holds of each run; of an older version's, which it holds."""
    with closing(sqlite3.connect(path)) as store:
        (version,) = store.execute("PRAGMA user_version").fetchone()
        if version in (0, VERSION):  # 0: a kill came before its tables were there
            return contents(path) if version else {}
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return dict.fromkeys(id for (id,) in store.execute("SELECT id FROM run"))


class Trial:
    """A command on a folder, what it brings when nothing goes wrong, and what may not be lost."""

    def __init__(self, name: str, command: Commands, sources: Path, folder: Path):
        start, words = TRIED[name]
        self.name, self.command, self.folder, self.source = name, command, folder, sources / start
        self.words = words(folder, sources)
        self.lay()
        self.before = kept(folder)
        whole = command(self.words, "EIO")
        assert whole["code"] == 0, whole["err"]
        self.expected, self.log, self.out = found(folder), whole["log"], whole["out"]

    def lay(self) -> None:
        """Lay out the folder as it was at the beginning."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.source, self.folder)

    def places(self, fault: str) -> range:
        """Return the numbers of the operations that can go wrong."""
        return range(1, 1 + sum(fault == "EIO" or name not in READING for name in self.log))

    def check(self, fault: str, at: int) -> None:
        """Let an operation go wrong, and hold all to the promise."""
        self.lay()
        done = self.command(self.words, fault, at)
        case = (self.name, fault, at, done["log"][-5:], done["err"])
        check_end(done, fault, (self.folder, self.source.parent), case)
        assert not lost(self.before, kept(self.folder)), case
        again = self.command(self.words)
        assert again["code"] == 0, (case, again["err"])
        assert found(self.folder) == self.expected, case
        assert not lost(self.before, kept(self.folder)), case
        assert again["out"] == self.out or self.name == "import", case


def lost(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return the ids of runs that are not there any more, or are there with other numbers."""
    return {id for id, own in before.items() if id not in after or own not in (None, after[id])}


def check_end(done: dict[str, Any], fault: str, folders: tuple[Path, ...], case: object) -> None:
    """A kill kills; all else is a line that names a file, unless it does not matter."""
    if fault == "kill":
        assert done["code"] == -9, case
        return
    lines = [line for line in done["err"].splitlines() if line.startswith("minidl: ")]
    assert done["code"] in (0, 2), case
    assert len(lines) == (done["code"] == 2), case
    assert all(any(str(folder) in line for folder in folders) for line in lines), case


@pytest.mark.parametrize("name", TRIED)
def test_some_operations_go_wrong(name, command, sources, tmp_path):
    trial = Trial(name, command, sources, tmp_path / "folder")
    dice = random.Random(14)
    for fault in FAULTS:
        for at in dice.sample(trial.places(fault), 1 if name == "figures" else 3):
            trial.check(fault, at)


def test_a_store_is_read_after_every_kill(command, sources, tmp_path):
    """It is a store with some runs, or there is no study yet."""
    trial = Trial("run", command, sources, tmp_path / "folder")
    said = set()
    for at in range(10, len(trial.places("kill")), 20):
        trial.lay()
        assert command(trial.words, "kill", at)["code"] == -9
        done = command(("status", trial.folder))
        assert done["code"] == (2 if done["err"] else 0), done
        said.add(done["err"])
    assert said <= {
        "",
        f"minidl: {trial.folder}: no study here; expected a file study.sqlite\n",
        f"minidl: {trial.folder / 'study.sqlite'}: holds no study yet\n",
    }
    assert len(said) > 1


@pytest.mark.soak
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", TRIED)
def test_every_operation_goes_wrong(name, fault, command, sources, tmp_path):
    trial = Trial(name, command, sources, tmp_path / "folder")
    for at in trial.places(fault):
        trial.check(fault, at)
