"""The store: all of a run or nothing, and a file that is not right is refused and left alone."""

from __future__ import annotations

import json
import math
import os
import random
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from driving import TINY, contents, minidl, write

from minidl.study.environment import environment
from minidl.study.errors import InputError
from minidl.study.execute import METRICS, RunResult
from minidl.study.files import write_atomically
from minidl.study.grid import expand
from minidl.study.run import run_study
from minidl.study.spec import parse_study
from minidl.study.store import Store

STUDY = parse_study(TINY, "tiny")
RUNS = expand(STUDY)
FINAL = dict.fromkeys(METRICS, 0.5)
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a tiny tmpfs")


def result(run, **told) -> RunResult:
    own = {"status": "done", "curve": [{"epoch": 4.0, **FINAL}], "weights": b"weights", **told}
    return RunResult(run.id, own.pop("status"), 0.1, **own)


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """The store of a study of 16 runs."""
    folder = tmp_path_factory.mktemp("trained")
    run_study(STUDY, RUNS, folder)
    return folder


@pytest.fixture
def copy(trained, tmp_path) -> Path:
    """A copy of that store, to be spoiled."""
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / "study.sqlite").write_bytes((trained / "study.sqlite").read_bytes())
    return folder


def everything_reads(folder: Path, code: int) -> str:
    """Run every command that reads a store; return all that they say on stderr."""
    run_id = RUNS[0].id
    commands = [
        ("status", folder),
        ("tables", folder),
        ("export", folder, "--curves"),
        ("show", folder, run_id),
        ("predict", folder, run_id),
        ("diff", f"{folder}/{run_id}", RUNS[1].id),
        ("export", folder, "--weights", run_id, "--out", folder / "weights.safetensors"),
    ]
    return "".join(minidl(*command, code=code).stderr for command in commands)


# What a store holds


def test_a_run_comes_back_as_it_was_trained(trained):
    with Store(trained) as store:
        records, environments = store.records(), store.environments()
        assert list(records) == [run.id for run in RUNS] or set(records) == {r.id for r in RUNS}
        for run in RUNS:
            record = records[run.id]
            assert record.settings == run.settings
            assert (record.seed, record.status, record.error) == (run.seed, "done", None)
            curve = store.curve(run.id)
            assert [point["epoch"] for point in curve] == [2, 4]
            assert record.final == {metric: curve[-1][metric] for metric in METRICS}
            assert record.seconds > 0
            assert store.weights(run.id)
            assert environments[record.environment_id] == environment()


def test_environment_says_what_may_matter():
    assert set(environment()) >= {"minidl", "commit", "torch", "python", "platform", "processor"}
    assert environment()["threads"] == 1


def test_store_is_a_plain_sqlite_file_with_a_version_and_a_rollback_journal(trained):
    with closing(sqlite3.connect(trained / "study.sqlite")) as store:
        assert store.execute("PRAGMA user_version").fetchone() == (1,)
        assert store.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    with Store(trained) as store:
        assert store.select("PRAGMA foreign_keys") == [{"foreign_keys": 1}]


def test_a_stack_goes_in_whole_or_not_at_all(tmp_path):
    with Store(tmp_path, create=True) as store:
        store.set_study(STUDY)
        store.add(RUNS[:1], [result(RUNS[0])], {})
        broken = result(RUNS[2], curve=[{"epoch": 4.0, **FINAL}] * 2)  # the same epoch twice
        with pytest.raises(InputError, match=r"study\.sqlite: UNIQUE"):
            store.add(RUNS[1:3], [result(RUNS[1]), broken], {})
        with pytest.raises(InputError, match=r"study\.sqlite: UNIQUE"):
            store.add(RUNS[:1], [result(RUNS[0])], {})
    assert set(contents(tmp_path)) == {RUNS[0].id}


def test_a_failed_run_gives_way_to_its_later_result(tmp_path):
    with Store(tmp_path, create=True) as store:
        store.add(RUNS[:1], [result(RUNS[0], status="failed", error="no", curve=[])], {})
        store.add(RUNS[:1], [result(RUNS[0], status="diverged", diverged_at=2)], {})
        record = store.records()[RUNS[0].id]
    assert (record.status, record.error, record.diverged_at) == ("diverged", None, 2)


def test_nan_and_infinity_come_back_as_none_and_json_stays_json(tmp_path):
    wild = {**FINAL, "train_loss": math.inf, "test_loss": math.nan}
    with Store(tmp_path, create=True) as store:
        store.set_study(STUDY)
        diverged = result(RUNS[0], status="diverged", curve=[{"epoch": 4.0, **wild}])
        store.add(RUNS[:1], [diverged], {})
        assert store.records()[RUNS[0].id].final == {**FINAL, "train_loss": None, "test_loss": None}

    def refuse(constant: str):
        raise AssertionError(constant)

    for command in (
        ("show", tmp_path, RUNS[0].id, "--json"),
        ("export", tmp_path, "--format=json"),
    ):
        json.loads(minidl(*command).stdout, parse_constant=refuse)
    text = minidl("export", tmp_path, "--curves", "--format", "json").stdout
    assert json.loads(text, parse_constant=refuse)[0]["train_loss"] is None


# Kills in the middle of a transaction


def killed_in_a_transaction(folder: Path) -> None:
    """Leave a store as a kill does: pages written over, and a journal that can undo it."""
    script = (
        "import os, sqlite3, sys\n"
        "store = sqlite3.connect(sys.argv[1])\n"
        "store.execute('PRAGMA cache_size = 2')\n"
        "store.execute('UPDATE weights SET safetensors = zeroblob(20000)')\n"
        "store.execute('DELETE FROM curve')\n"
        "os._exit(9)"
    )
    file = folder / "study.sqlite"
    before = file.read_bytes()
    assert subprocess.run([sys.executable, "-c", script, file], check=False).returncode == 9
    assert file.read_bytes() != before
    assert (folder / "study.sqlite-journal").stat().st_size > 0


def test_readers_see_nothing_of_a_killed_transaction(trained, copy):
    killed_in_a_transaction(copy)
    everything_reads(copy, code=0)
    assert contents(copy) == contents(trained)


def test_fresh_keeps_the_old_store_sound_after_a_kill(trained, copy):
    killed_in_a_transaction(copy)
    assert run_study(STUDY, RUNS[:2], copy, fresh=True).stored == 0
    (old,) = copy.glob("study-*.sqlite")
    assert set(contents(copy)) == {RUNS[0].id, RUNS[1].id}
    (copy / "old").mkdir()
    old.rename(copy / "old" / "study.sqlite")
    assert contents(copy / "old") == contents(trained)


# Files that are not right


def not_sqlite(file: Path) -> None:
    file.write_bytes(b"something else entirely, and long enough for a header " * 40)


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as store:
        store.execute("PRAGMA user_version = 2")


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
    newer: "was written by a newer minidl (schema 2); this one reads up to 1",
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
            assert codes[-1] == 0 or file.read_bytes() == data
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


# Where nothing can be written


@contextmanager
def tiny_disk(folder: Path, size: str) -> Iterator[None]:
    """Mount a tiny disk."""
    folder.mkdir()
    mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def mount(*arguments: object) -> None:
    subprocess.run(["mount", *arguments], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make a folder read-only: by its mode, or, since modes do not bind root, by a mount."""
    if os.geteuid() != 0:
        folder.chmod(0o555)
        yield
        folder.chmod(0o755)
    else:
        mount("--bind", folder, folder)
        mount("-o", "remount,ro,bind", folder)
        yield
        subprocess.run(["umount", folder], check=True)


def test_a_read_only_folder_can_be_read_and_is_not_written(copy):
    grid = write(copy, TINY)
    before = {path.name: path.read_bytes() for path in copy.iterdir()}
    with read_only(copy):
        assert "16  done" in minidl("status", copy).stdout
        assert len(minidl("export", copy).stdout.splitlines()) == 17
        run = minidl("run", "--grid", grid, "--out", copy, "--set", "epochs=1", code=2)
        assert f"minidl: {copy}: cannot be written: " in run.stderr
        assert f"{copy}/study.yaml: cannot be written: " in minidl("tables", copy, code=2).stderr
    assert {path.name: path.read_bytes() for path in copy.iterdir()} == before


@ROOT_ONLY
def test_a_full_disk_keeps_the_earlier_runs(tmp_path):
    """Each run of width 60 has weights of 16 kB: some fit, all do not."""
    study = TINY.replace("hidden: [5]", "hidden: [60, 60]")
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
    study = TINY.replace("hidden: [5]", "hidden: [60, 60]")
    grid = write(tmp_path, study)
    with files_up_to(200_000):
        done = minidl("run", "--grid", grid, "--out", tmp_path, "--jobs", 1, code=2)
    assert "8 finished runs could not be written; all earlier ones are safe" in done.stderr
    kept = contents(tmp_path)
    assert len(kept) == 8
    minidl("run", "--grid", grid, "--out", tmp_path, "--jobs", 1, "--no-figures")
    assert kept.items() <= contents(tmp_path).items()
    assert len(contents(tmp_path)) == 16
