"""A store's content is not believed: what minidl would not have written is refused in a line."""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from helpers.studies import TINY, change, contents, minidl, part, undisturbed
from safetensors.numpy import load, save

from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.run_spec import RunSpec
from minidl.study.store.cell_rules import RULES

RUNS = expand(parse_study(TINY, "tiny"))
RUN = RUNS[0].id
OF_RUN = f"(SELECT number FROM run WHERE id = '{RUN}')"
HUGE = json.dumps(RUNS[0].settings | {"model": {**RUNS[0].settings["model"], "hidden": [5, 6]}})
DEEP = "[" * 50 + "]" * 50

# What was done to the store, and what is said of it.
TAMPERED = {
    "CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM run; END": "holds a trigger 't'",
    "CREATE TABLE songs (title TEXT)": "holds a table 'songs', which minidl did not make",
    "CREATE VIEW weights2 AS SELECT 1": "holds a view 'weights2'",
    "ALTER TABLE run ADD COLUMN note TEXT": "its table 'run' is not as minidl made it",
    "ALTER TABLE run DROP COLUMN error": "its table 'run' is not as minidl made it",
    "DROP TABLE weights": "its table 'weights' is not as minidl made it",
    f"UPDATE run SET seed = 'x' WHERE id = '{RUN}'": f"run '{RUN}': seed must be a whole number",
    f"UPDATE run SET seed = 7 WHERE id = '{RUN}'": f"run {RUN}: its settings and seed are those",
    f"UPDATE run SET seed = -1 WHERE id = '{RUN}'": f"run '{RUN}': seed must be a whole number",
    "UPDATE run SET seconds = 9e999": "seconds must be a finite number of at least 0, got inf",
    "UPDATE run SET baseline = 'x'": "baseline must be a finite number, or nothing, got 'x'",
    "UPDATE run SET error = x'00'": "error must be text of at most 100,000 bytes, or nothing",
    f"UPDATE run SET id = 'x' WHERE id = '{RUN}'": "run 'x': id must be sixteen hex digits",
    f"UPDATE run SET last_epoch = 3 WHERE id = '{RUN}'": "last_epoch must be the epoch of its last",
    f"DELETE FROM curve WHERE run = {OF_RUN}": f"run '{RUN}': last_epoch must be the epoch of its",
    f"UPDATE run SET settings = '{{}}' WHERE id = '{RUN}'": f"run {RUN}: settings: data is missing",
    f"UPDATE run SET settings = '{DEEP}'": "settings: nested too deeply",
    f"UPDATE run SET settings = '{HUGE}' WHERE id = '{RUN}'": f"run {RUN}: its settings and seed",
    f"UPDATE curve SET value = 250 WHERE run = {OF_RUN}": f"curve '{RUN}' 'train_accuracy'",
    f"UPDATE curve SET value = 9e999 WHERE run = {OF_RUN}": "must be a finite number",
    f"UPDATE curve SET value = 'x' WHERE run = {OF_RUN}": "got 'x'",
    "UPDATE metric SET name = char(27) || '[2J' WHERE number = 1": "name must be train_, ",
    "UPDATE study SET outline = '{}'": "the study's outline: name is missing",
    "UPDATE study SET outline = replace(outline, '\"seeds\": 2', '\"seeds\": 100000000')": "seeds",
    "UPDATE study SET yaml = char(27) || '[2J'": "study: yaml must be printable ASCII text",
    "UPDATE planned SET run_id = '0000000000000000' WHERE cell = 1 AND seed = 0": "cell 1: its",
    "DELETE FROM planned": "the study has no runs",
    "UPDATE level SET axis = 'other' WHERE cell = 1 AND position = 0": "cell 1: place: other",
    "UPDATE environment SET facts = '[]'": "environment 1: it must be a mapping, got []",
    "UPDATE environment SET facts = '{\"a\": 1e999}'": "environment 1: a number is not finite",
}


@pytest.mark.parametrize(("statement", "said"), TAMPERED.items(), ids=range(len(TAMPERED)))
def test_a_store_that_minidl_would_not_have_written(statement, said, copy, trained):
    file = copy / "study.sqlite"
    with closing(sqlite3.connect(file)) as store, store:
        store.execute("PRAGMA foreign_keys = OFF")
        store.execute(statement)
    before = file.read_bytes()
    commands = [("tables", copy), ("import", copy, trained)]
    if not any(table in statement for table in ("study", "planned", "level")):  # only runs come in
        commands.append(("import", trained, copy))
    for command in commands:
        done = minidl(*command, code=2)
        assert str(file) in done.stderr
        assert said in done.stderr
    assert file.read_bytes() == before


def reweigh(folder: Path, weights: bytes) -> None:
    """Give the first run other weights."""
    with closing(sqlite3.connect(folder / "study.sqlite")) as store, store:
        store.execute("UPDATE weights SET safetensors = ? WHERE run_id = ?", (weights, RUN))


def own_weights(folder: Path) -> dict:
    (run,) = [row for row in contents(folder).items() if row[0] == RUN]
    return load(run[1][-1])


WEIGHTS = {
    "one byte": (lambda _: b"\0", "its weights are no safetensors: "),
    "none": (lambda _: save({}), "weights '0.bias' must be of shape (1, 5), got nothing"),
    "more": (lambda w: save(w | {"x": w["0.bias"]}), "weights 'x' must be of shape nothing"),
    "broadcast": (
        lambda w: save(w | {"0.weight": w["0.weight"][:1]}),
        "weights '0.weight' must be of shape (2, 5), got (1, 5)",
    ),
    "double": (
        lambda w: save(w | {"0.bias": w["0.bias"].astype("float64")}),
        "weights '0.bias' must be float32, got float64",
    ),
    "not finite": (
        lambda w: save(w | {"0.bias": w["0.bias"] * math.inf}),
        "done, and has weights that are not finite",
    ),
}


@pytest.mark.parametrize("kind", WEIGHTS)
def test_weights_that_are_not_the_networks_own(kind, copy, tmp_path):
    make, said = WEIGHTS[kind]
    reweigh(copy, make(own_weights(copy)))
    ours = part(tmp_path / "ours", TINY, "loss=bce")
    before = contents(ours)
    done = minidl("import", ours, copy, code=2)
    assert done.stderr.startswith(f"minidl: {copy / 'study.sqlite'}: run {RUN}: {said}")
    assert contents(ours) == before
    if kind != "not finite":
        assert "the run's weights are damaged" in minidl("predict", copy, RUN, code=2).stderr


INCOMPLETE = {
    f"DELETE FROM weights WHERE run_id = '{RUN}'": "done, and has no weights",
    f"UPDATE run SET status = 'failed' WHERE id = '{RUN}'": "failed, and has weights",
    f"UPDATE run SET last_epoch = 2 WHERE id = '{RUN}'; "
    f"DELETE FROM curve WHERE epoch = 4 AND run = {OF_RUN}": "its last scores are of epoch 2, of 4",
}


@pytest.mark.parametrize("statements", INCOMPLETE)
def test_a_run_that_is_not_whole_is_not_imported(statements, copy, tmp_path):
    for statement in statements.split(";"):
        change(copy, statement)
    ours = part(tmp_path / "ours", TINY, "loss=bce")
    said = f"minidl: {copy / 'study.sqlite'}: run {RUN}: {INCOMPLETE[statements]}\n"
    assert minidl("import", ours, copy, code=2).stderr == said
    assert len(contents(ours)) == 8


def test_a_huge_network_is_not_built(copy, tmp_path):
    """Its settings hash to its id, and its weights would take all memory there is."""
    settings = RUNS[0].settings | {"model": {**RUNS[0].settings["model"], "hidden": [10_000] * 50}}
    run = RunSpec(settings, 0)
    with closing(sqlite3.connect(copy / "study.sqlite")) as store, store:
        store.execute("PRAGMA foreign_keys = OFF")
        text = json.dumps(settings)
        store.execute("UPDATE run SET settings = ?, id = ? WHERE id = ?", (text, run.id, RUN))
        store.execute("UPDATE weights SET run_id = ? WHERE run_id = ?", (run.id, RUN))
        store.execute("UPDATE snapshot SET run_id = ? WHERE run_id = ?", (run.id, RUN))
    ours = part(tmp_path / "ours", TINY, "loss=bce")
    assert f"run {run.id}: weights " in minidl("import", ours, copy, code=2).stderr
    assert "not shaped like" in minidl("predict", copy, run.id, code=2).stderr
    assert list(contents(ours)) == [i for i in contents(ours) if i in undisturbed(TINY)]


def test_an_older_store_is_checked_before_it_is_migrated(tmp_path):
    old = Path(__file__).parent / "fixtures" / "version_1" / "study.sqlite"
    for statement, said in {
        "CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM run; END": "holds a trigger 't'",
        "UPDATE run SET seed = 'x'": "seed must be a whole number",
        "UPDATE curve SET test_accuracy = 250": "must be a finite number, an accuracy in percent",
    }.items():
        file = tmp_path / "study.sqlite"
        file.write_bytes(old.read_bytes())
        change(tmp_path, statement)
        before = file.read_bytes()
        assert said in minidl("status", tmp_path, code=2).stderr
        assert file.read_bytes() == before
        assert list(tmp_path.iterdir()) == [file]


def test_every_column_of_every_table_has_a_rule(trained):
    with closing(sqlite3.connect(trained / "study.sqlite")) as store:
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        tables = [name for (name,) in store.execute(query)]
        for table in tables:
            columns = {row[1] for row in store.execute(f"PRAGMA table_info({table})")}
            assert set(RULES[table][1]) == columns
        assert set(RULES) == set(tables)
