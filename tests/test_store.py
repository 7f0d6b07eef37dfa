"""The store: all of a run goes in or nothing, and comes out as it was."""

from __future__ import annotations

import json
import math
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from helpers.studies import SCORES, TINY, contents, everything_reads, minidl

from minidl.study.errors import InputError
from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.result import RunResult
from minidl.study.run import run_study
from minidl.study.store.environment import environment
from minidl.study.store.migrations import VERSION
from minidl.study.store.store import Store, UnstorableError

STUDY = parse_study(TINY, "tiny")
RUNS = expand(STUDY)
FINAL = dict.fromkeys(SCORES, 0.5)


def result(run, **told) -> RunResult:
    own = {"status": "done", "curve": [{"epoch": 4.0, **FINAL}], "weights": b"weights", **told}
    return RunResult(run.id, own.pop("status"), 0.1, **own)


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
            assert record.final == {metric: curve[-1][metric] for metric in SCORES}
            assert record.seconds > 0
            assert store.weights(run.id)
            assert environments[record.environment_id] == environment()


def test_environment_says_what_may_matter():
    assert set(environment()) >= {"minidl", "commit", "torch", "python", "platform", "processor"}
    assert environment()["threads"] == 1


def test_store_is_a_plain_sqlite_file_with_a_version_and_a_rollback_journal(trained):
    with closing(sqlite3.connect(trained / "study.sqlite")) as store:
        assert store.execute("PRAGMA user_version").fetchone() == (VERSION,)
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


@pytest.mark.parametrize("name", ["test_top-3", "mine", "test_" + "a" * 100])
def test_a_score_that_no_reader_takes_is_not_written(name, tmp_path):
    with Store(tmp_path, create=True) as store:
        store.set_study(STUDY)
        with pytest.raises(UnstorableError, match=f"metric b?'{name:.40}.*: name must be "):
            store.add(RUNS[:1], [result(RUNS[0], curve=[{"epoch": 4.0, name: 1.0}])], {})
    with Store(tmp_path) as store:
        assert set(store.metrics()) == set(SCORES)
        assert store.records() == {}


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
