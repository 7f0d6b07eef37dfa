"""Read-only folders, full disks and files replaced whole: nothing that was there is lost."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from helpers.studies import TINY, contents, minidl, write

from minidl.study.errors import InputError
from minidl.study.files.writing import write_atomically

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a tiny disk")


@contextmanager
def tiny_disk(folder: Path, size: str) -> Iterator[None]:
    """Mount a tiny disk."""
    folder.mkdir()
    mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def mount(*arguments: str | Path) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"root may not mount here: {done.stderr.strip()}")


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make a folder read-only: by its mode, or, since modes do not bind root, by a mount."""
    if os.geteuid() != 0:
        folder.chmod(0o555)
    else:
        mount("--bind", folder, folder)
        mount("-o", "remount,ro,bind", folder)
    try:
        yield
    finally:
        if os.geteuid() != 0:
            folder.chmod(0o755)
        else:
            subprocess.run(["umount", folder], check=True)


def test_a_read_only_folder_can_be_read_and_is_not_written(copy):
    grid = write(copy, TINY)
    before = {path.name: path.read_bytes() for path in copy.iterdir()}
    with read_only(copy):
        assert "16  done" in minidl("status", copy).stdout
        assert len(minidl("export", copy).stdout.splitlines()) == 17
        run = minidl("run", "--grid", grid, "--out", copy, "--set", "epochs=1", code=2)
        assert f"minidl: {copy}: cannot be written: " in run.stderr
        assert f"{copy}: cannot be written: " in minidl("tables", copy, code=2).stderr
    assert {path.name: path.read_bytes() for path in copy.iterdir()} == before


@ROOT_ONLY
def test_a_full_disk_keeps_the_earlier_runs(tmp_path):
    """Each run of width 60 has weights of 16 kB: some fit, all do not."""
    study = TINY.replace("hidden: [5]", "hidden: [60, 60]") + "snapshots: 0\n"
    grid, out = write(tmp_path, study), tmp_path / "disk"
    with tiny_disk(out, "300k"):
        done = minidl("run", "--grid", grid, "--out", out, "--jobs", 1, code=2)
        assert "study.sqlite: database or disk is full; " in done.stderr
        assert "8 finished runs could not be written; all earlier ones are safe" in done.stderr
        kept = contents(out)
        assert len(kept) == 8
        mount("-o", "remount,size=4m", out)
        minidl("run", "--grid", grid, "--out", out, "--jobs", 1, "--no-figures")
        assert len(contents(out)) == 16
        assert kept.items() <= contents(out).items()


@ROOT_ONLY
def test_a_disk_that_is_full_from_the_start(tmp_path):
    with tiny_disk(tmp_path / "disk", "4k"):
        grid = write(tmp_path, TINY)
        done = minidl("run", "--grid", grid, "--out", tmp_path / "disk", code=2)
    assert "disk is full" in done.stderr or "No space left on device" in done.stderr


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes, as `ulimit -f` does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_is_replaced_whole_never_written_over(tmp_path):
    """Whoever has the old file open goes on reading the old text."""
    path = tmp_path / "tables.md"
    write_atomically(path, "old")
    with path.open() as reader:
        write_atomically(path, "new")
        assert reader.read() == "old"
    assert path.read_text() == "new"


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_nothing_else(tmp_path):
    path = tmp_path / "tables.md"
    write_atomically(path, "old")
    with files_up_to(100), pytest.raises(InputError, match=r"tables\.md: cannot be written: "):
        write_atomically(path, "new" * 100)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_limit_on_the_size_of_files_keeps_the_earlier_runs(tmp_path):
    study = TINY.replace("hidden: [5]", "hidden: [60, 60]") + "snapshots: 0\n"
    grid = write(tmp_path, study)
    with files_up_to(250_000):
        done = minidl("run", "--grid", grid, "--out", tmp_path, "--jobs", 1, code=2)
    assert "8 finished runs could not be written; all earlier ones are safe" in done.stderr
    kept = contents(tmp_path)
    assert len(kept) == 8
    minidl("run", "--grid", grid, "--out", tmp_path, "--jobs", 1, "--no-figures")
    assert kept.items() <= contents(tmp_path).items()
    assert len(contents(tmp_path)) == 16
