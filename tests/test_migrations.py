"""A store that an older minidl wrote: it opens, exports, resumes and merges, no number changed."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.constructed_store import make_store
from helpers.studies import minidl, rows_of

from minidl.study.errors import InputError
from minidl.study.store import database, migrations
from minidl.study.store.migrations import VERSION
from minidl.study.store.store import Store

# Written at schema version 1, with what was said of it: 23 runs done, 2 diverged, 1 failed.
OLD = Path(__file__).parent / "fixtures" / "version_1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(OLD / "study.sqlite", tmp_path)
    return tmp_path


def version(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "study.sqlite")) as store:
        return store.execute("PRAGMA user_version").fetchone()[0]


def test_it_opens_with_every_number_as_it_was(folder):
    assert version(folder) == 1
    assert minidl("export", folder).stdout == (OLD / "runs.csv").read_text()
    assert version(folder) == VERSION
    curves = rows_of(minidl("export", folder, "--curves").stdout)
    assert curves == rows_of((OLD / "curves.csv").read_text())
    tables = minidl("tables", folder, "--format", "json").stdout
    assert json.loads(tables) == json.loads((OLD / "tables.json").read_text())
    levels = ("--factor", "optimizer", "--levels", "sgd(lr=0.2),adam(lr=0.01)", "--json")
    compared = json.loads(minidl("compare", folder, *levels).stdout)
    old = json.loads((OLD / "compare.json").read_text())
    assert {key: compared[key] for key in ("difference", "low", "high", "n")} == {
        key: old[key] for key in ("difference", "low", "high", "n")
    }


def test_the_failed_run_is_tried_again_and_nothing_else(folder):
    (folder / "grid.yaml").write_text(grid_of(folder))
    words = ("--grid", folder / "grid.yaml", "--out", folder, "--jobs", 1, "--no-figures")
    assert "trained 1 runs (1 done); 25 were there already" in minidl("run", *words).stderr
    before = rows_of((OLD / "runs.csv").read_text())
    after = rows_of(minidl("export", folder).stdout)
    for row, old in zip(after, before, strict=True):
        assert row["status"] != "failed"
        assert old["status"] == "failed" or row.items() - {("processor_seconds", "")} <= old.items()


def grid_of(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "study.sqlite")) as store:
        return store.execute("SELECT yaml FROM study").fetchone()[0]


def test_it_merges_into_a_new_store(folder, tmp_path):
    new = tmp_path / "new"
    new.mkdir()
    (new / "grid.yaml").write_text(grid_of(folder))
    words = ("--grid", new / "grid.yaml", "--out", new, "--jobs", 1, "--no-figures")
    minidl("run", *words, "--only", "activation=relu", "--only", "optimizer=sgd")
    assert minidl("import", new, folder).stdout == (
        "20 runs added, 6 were there already, 0 in conflict\n"
    )
    with Store(folder) as old, Store(new) as merged:
        for run_id, record in old.records().items():
            assert old.curve(run_id) == merged.curve(run_id)
            assert record.final == merged.records()[run_id].final


def test_a_folder_that_cannot_be_written_is_read_all_the_same(folder, monkeypatch):
    monkeypatch.setattr(database, "os", SimpleNamespace(access=lambda *_: False, W_OK=2))
    assert minidl("export", folder).stdout == (OLD / "runs.csv").read_text()
    assert version(folder) == 1


def test_a_migration_that_breaks_off_leaves_the_old_file(folder, monkeypatch):
    before = (folder / "study.sqlite").read_bytes()
    monkeypatch.setattr("minidl.study.store.migrations.MIGRATIONS", ("schema_1.sql", "broken.sql"))
    broken = {
        "schema_1.sql": migrations.statements("schema_1.sql"),
        "broken.sql": ["DROP TABLE curve", "INSERT INTO nowhere VALUES (1)"],
    }
    monkeypatch.setattr(migrations, "statements", broken.__getitem__)
    with pytest.raises(InputError, match="no such table: nowhere"):
        Store(folder)
    assert (folder / "study.sqlite").read_bytes() == before
    aside = folder / "study-version-1.sqlite"
    with closing(sqlite3.connect(aside)) as store:
        assert store.execute("SELECT count(*) FROM run").fetchone() == (26,)


def test_the_view_has_a_column_for_each_axis_and_metric(folder):
    (folder / "grid.yaml").write_text(grid_of(folder))
    words = ("--grid", folder / "grid.yaml", "--out", folder, "--jobs", 1, "--no-figures")
    minidl("run", *words)
    exported = rows_of(minidl("export", folder).stdout)
    with closing(sqlite3.connect(folder / "study.sqlite")) as store:
        store.row_factory = sqlite3.Row
        rows = {row["id"]: row for row in store.execute("SELECT * FROM runs")}
        (text,) = store.execute("SELECT sql FROM sqlite_master WHERE name = 'runs'").fetchone()
    assert "json" not in text
    assert len(rows) == len(exported)
    for row in exported:
        seen = rows[row["id"]]
        for axis in ("activation", "loss", "optimizer", "init", "seed", "status"):
            assert str(seen[axis]) == row[axis]
        for metric in ("train_loss", "train_accuracy", "test_loss", "test_accuracy"):
            assert ("" if seen[metric] is None else str(seen[metric])) == row[metric]


def test_the_view_has_a_column_for_each_key_that_an_include_adds(tmp_path):
    study = """{name: s, seeds: 1, grid: {loss: [mse]},
        include: [{optimizer: adam, loss: bce}, {loss: bce_as_printed, epochs: 7}]}"""
    make_store(tmp_path, lambda *_: {"test_accuracy": 90.0}, study)
    with closing(sqlite3.connect(tmp_path / "study.sqlite")) as store:
        columns = [own[1] for own in store.execute("PRAGMA table_info(runs)")]
        rows = store.execute("SELECT loss, optimizer, epochs FROM runs").fetchall()
    assert columns[:6] == ["id", "seed", "status", "loss", "optimizer", "epochs"]
    assert set(rows) == {("mse", None, None), ("bce", "adam", None), ("bce_as_printed", None, "7")}
