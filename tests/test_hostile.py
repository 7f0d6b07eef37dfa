"""A folder that a stranger has laid, put through every command: nothing beside it changes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import termios
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from helpers.driving import driver
from helpers.in_process import run
from helpers.studies import TINY, minidl, train, write
from test_links import LINKS, state

STUDY = "reference: ee559_2021\n" + TINY
NAMES = (
    *("study.sqlite", "study.sqlite-journal", "study.sqlite-wal", "study.sqlite-shm"),
    *("study.lock", "study.holder", "reports.lock", "reports.holder", "study-version-1.sqlite"),
    *("study.yaml", "tables.md", "tables.csv", "verdicts.md", "report.html", "figures"),
    *(".study.holder.01234567", ".reports.holder.01234567", ".tables.md.01234567"),
    *("figures/.drawn.json", "figures/accuracies.png", "figures/.accuracies.png.01234567"),
    "figures/.drawn.json.01234567",
)
LEVELS = ("--factor", "loss", "--levels", "mse,bce")


def commands(folder: Path, other: Path, id: str) -> list[tuple[object, ...]]:
    """Return every command that takes a study's folder."""
    grid = folder.parent / "grid.yaml"
    return [
        *[(name, folder) for name in ("status", "tables", "verdicts", "report", "export")],
        *[(name, folder, id) for name in ("show", "predict")],
        ("compare", folder, *LEVELS),
        ("diff", f"{folder}/{id}", id),
        ("export", folder, "--weights", id, "--out", folder / "weights.safetensors"),
        ("import", folder, other),
        ("import", other, folder),
        ("run", "--grid", grid, "--out", folder, "--jobs", 1, "--no-figures", "--quiet"),
        ("run", "--grid", grid, "--out", folder, "--jobs", 1, "--no-figures", "--fresh"),
    ]


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    folder = train(STUDY, tmp_path_factory.mktemp("trained"))
    minidl("figures", folder)
    minidl("tables", folder)
    return folder


def around() -> tuple[Any, ...]:
    """Return what a command may not change in the process that it runs in."""
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    return dict(os.environ), Path.cwd(), list(sys.path), handlers


def hard_link(path: Path, beside: Path) -> None:
    path.hardlink_to(beside / "canary")


ALL_LINKS = (*LINKS, hard_link)


@pytest.mark.parametrize("link", ALL_LINKS)
def test_some_names_do_not_lead_out_of_the_folder(link, trained, tmp_path):
    number = ALL_LINKS.index(link)
    for name in NAMES[number :: len(ALL_LINKS)]:
        attack(name, link, trained, tmp_path, range(number % 5, 100, 5))


@pytest.mark.soak
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("link", ALL_LINKS)
def test_no_name_leads_out_of_the_folder(link, name, trained, tmp_path):
    attack(name, link, trained, tmp_path, range(100))


def attack(
    name: str, link: Callable[[Path, Path], None], trained: Path, tmp_path: Path, which: range
) -> None:
    """Lay a link at a name, and put the folder through commands, those of these numbers."""
    beside, folder, other = (tmp_path / name for name in ("beside", "folder", "other"))
    for left in (beside, folder, other):
        shutil.rmtree(left, ignore_errors=True)
    beside.mkdir()
    (beside / "canary").write_text("sings")
    write(tmp_path, STUDY)
    shutil.copytree(trained, folder)
    shutil.copytree(trained, other)
    id = minidl("export", trained).stdout.splitlines()[1].split(",")[0]
    path = folder / name
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    link(path, beside)
    before, kept = state(beside), around()
    tried = commands(folder, other, id)
    more = [("figures", folder)] if "figures" in name or len(which) == 100 else []
    for words in [*(tried[i] for i in which if i < len(tried)), *more]:
        done = run(*map(str, words))
        assert state(beside) == before, (name, words)
        assert around() == kept, (name, words)
        assert done.exit_code in (0, 1, 2), (name, words)
        assert done.stderr.count("minidl: ") == (done.exit_code == 2), (name, words, done.stderr)


def test_the_terminal_is_left_as_it_was(trained, tmp_path):
    """Also by a store with escape sequences in its labels, and links in its folder."""
    evil = STUDY.replace("tiny", "evil").replace("epochs: 4", "epochs: 2")
    folder = Path(shutil.copytree(trained, tmp_path / "folder"))
    (folder / "tables.md").unlink()
    (folder / "tables.md").symlink_to(trained / "study.yaml")
    grid = write(tmp_path, evil)
    id = minidl("export", trained).stdout.splitlines()[1].split(",")[0]
    ours, theirs = os.openpty()
    try:
        before = termios.tcgetattr(theirs)
        for words in (
            ("status", folder),
            ("tables", folder),
            ("show", folder, id),
            ("run", "--grid", grid, "--out", folder, "--jobs", 1, "--no-figures"),
        ):
            with driver(*words, terminal=theirs) as running:
                said = read_until_it_ends(running.process, ours)
            assert termios.tcgetattr(theirs) == before
            assert said.count(b"\x1b[?25l") == said.count(b"\x1b[?25h"), words
            assert b"\x1b]" not in said
    finally:
        os.close(ours)
        os.close(theirs)


def read_until_it_ends(process: Any, terminal: int) -> bytes:
    """Return what a process writes to a terminal."""
    said = b""
    os.set_blocking(terminal, False)
    while True:
        ended = process.poll() is not None
        try:
            said += os.read(terminal, 100_000)
        except BlockingIOError:
            if ended:
                return said
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
