"""Networks trained again for the page: shown only where they end with the store's very bits."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import torch
from helpers.studies import TINY, change, minidl, train
from safetensors.torch import load, save

from minidl.registry import KINDS
from minidl.report.networks import again, showable
from minidl.report.networks.again import train_again
from minidl.report.opened import read
from minidl.report.results import read_results
from minidl.study.jobs.executor import TrainingError
from minidl.study.run_spec import id_of, what_counts
from minidl.study.store.lock import one_reporter
from minidl.study.store.store import Store

OLD = Path(__file__).parent / "fixtures" / "version_1"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return train(f"{TINY}seeds: [3, 5]\n".replace("seeds: 2\n", ""), tmp_path_factory.mktemp("a"))


@pytest.fixture
def bare(whole, tmp_path):
    """The same study in a store that holds only how its networks were in the end."""
    shutil.copytree(whole, tmp_path / "bare")
    change(tmp_path / "bare", "DELETE FROM snapshot")
    return tmp_path / "bare"


def damage(folder, run_id):
    """Move one weight of a run by the least that there is."""
    with Store(folder) as store:
        weights = load(store.weights(run_id))
    name = next(iter(weights))
    first = weights[name].view(-1)[:1]
    first.copy_(torch.nextafter(first, first + 1))
    hexadecimal = save(weights).hex()
    change(folder, f"UPDATE weights SET safetensors = x'{hexadecimal}' WHERE run_id = '{run_id}'")


def recast(folder, changes):
    """Give the first cell other settings, by their dotted keys, and its runs the ids of these."""
    with closing(sqlite3.connect(folder / "study.sqlite")) as store, store:
        (text,) = store.execute("SELECT settings FROM cell WHERE number = 1").fetchone()
        settings = json.loads(text)
        for key, value in changes.items():
            *rooms, last = key.split(".")
            place = settings
            for room in rooms:
                place = place[room]
            place[last] = value
        store.execute("UPDATE cell SET settings = ? WHERE number = 1", (json.dumps(settings),))
        planned = store.execute("SELECT seed, run_id FROM planned WHERE cell = 1").fetchall()
        for seed, old in planned:
            new = id_of(what_counts(settings), seed)
            for table, column in (("run", "id"), ("planned", "run_id"), ("weights", "run_id")):
                at = f"UPDATE {table} SET {column} = ? WHERE {column} = ?"
                store.execute(at, (new, old))
            store.execute("UPDATE run SET settings = ? WHERE id = ?", (json.dumps(settings), new))
    return {id_of(what_counts(settings), seed) for seed, _ in planned}


def test_what_is_trained_again_is_what_was_kept_elsewhere(whole, bare):
    seen = []
    found = train_again(read_results(bare), lambda done, every: seen.append((done, every)))
    with Store(whole) as store:
        runs = [run for run in store.outline().runs if run.seed == 3]
        assert found.snapshots == {run.id: store.snapshots(run.id) for run in runs}
    assert "and came out with the same bits." in found.notes[0]
    assert seen[-1][0] == seen[-1][1]
    with Store(bare) as store:
        assert not any(store.snapshots(run.id) for run in runs)
    assert train_again(read_results(whole)) == again.Again()


def test_the_command_says_so_in_its_page(bare):
    assert minidl("report", bare).stdout == f"{bare}/report.html\n"
    with_epochs = (bare / "report.html").stat().st_size
    minidl("run", bare / "study.yaml", "--out", bare, "--no-figures")
    assert (bare / "report.html").stat().st_size < with_epochs  # a run's own page does not


def test_other_bits_are_not_shown(bare):
    with Store(bare) as store:
        lost, *rest = [run.id for run in store.outline().runs if run.seed == 3]
    damage(bare, lost)
    found = train_again(read_results(bare))
    assert set(found.snapshots) == set(rest)
    assert f"{len(rest)} of {len(rest) + 1}; the others are shown as they were" in found.notes[0]
    assert found.notes[0].endswith(": other machines and versions round otherwise.")
    for run_id in rest:
        damage(bare, run_id)
    found = train_again(read_results(bare))
    assert found.snapshots == {}
    assert "no network came out with the bits of the store: other machines" in found.notes[0]


def test_what_takes_too_long_is_not_begun_and_the_way_is_told(bare, monkeypatch):
    monkeypatch.setattr(again, "LONGEST", 0.0)
    (note,) = train_again(read_results(bare)).notes
    first, second = note.split(": ", 1)[1].rstrip(".").split(", and then ")
    minidl("tables", bare)  # writes its grid file
    told = [word.strip("'") for word in first.split()[1:]]
    minidl(*told, "--no-figures", "--no-report")
    minidl(*second.split()[1:])
    with Store(bare) as store:
        kept = {run.seed for run in store.outline().runs if store.snapshots(run.id)}
    assert kept == {3}


def test_evaluations_count_and_so_does_the_clock(bare, monkeypatch):
    runs = [run for run in read_results(bare).study.runs if run.seed == 3]
    (many,) = runs[:1]
    settings = {**many.settings, "epochs": 10**6, "evaluate_every": 1, "batch_size": 10**6}
    settings["data"] = {**settings["data"], "train": 2, "test": 10**6}
    many.settings.update(settings)
    assert again.estimate([many]) > 3600
    monkeypatch.setattr(again, "DEADLINE", -1.0)
    found = train_again(read_results(bare))
    assert found.snapshots == {}
    (note,) = found.notes
    assert "no network came out with the bits of the store: it took longer than -1 seconds." in note
    assert "round otherwise" not in note


def test_what_is_evaluated_before_and_after_one_long_epoch_counts(bare):
    (run, *_) = read_results(bare).study.runs
    large = {"hidden": [10_000, 10_000], "layers": None}
    run.settings.update(
        {"epochs": 1, "evaluate_every": 10**6, "model": run.settings["model"] | large}
    )
    run.settings["data"] = {**run.settings["data"], "train": 2, "test": 10**6}
    assert again.estimate([run]) > again.DEADLINE


def test_no_stack_makes_up_for_another(bare, monkeypatch):
    (run, *_) = read_results(bare).study.runs
    monkeypatch.setattr(again, "cost", lambda _: -1e12)
    assert again.estimate([run]) == 0.0


def test_training_that_fails_is_told_as_such(bare, monkeypatch):
    def fail(*_):
        raise TrainingError("own.py:7: ZeroDivisionError: division by zero")

    monkeypatch.setattr(again, "attempt", fail)
    (note,) = train_again(read_results(bare)).notes
    assert "the store: training failed: own.py:7: ZeroDivisionError: division by zero. So" in note
    assert "round otherwise" not in note


def test_memory_that_is_lacking_is_told_as_such(bare, monkeypatch):
    monkeypatch.setattr(again, "memory", lambda: 2_000_000)
    (note,) = train_again(read_results(bare)).notes
    assert "of memory, and this machine has 2 MB: they are shown as they were in the end" in note
    assert "minute" not in note


def test_data_without_a_picture_costs_no_look_at_weights(tmp_path, monkeypatch):
    folder = train(TINY.replace("name: disk", "name: iris"), tmp_path)
    change(folder, "DELETE FROM snapshot")
    asked, own = [], showable.complete
    monkeypatch.setattr(Store, "weights", lambda *_: pytest.fail("weights were read"))
    monkeypatch.setattr(showable, "complete", lambda settings: asked.append(0) or own(settings))
    results = read_results(folder)
    assert train_again(results) == again.Again()
    assert len(asked) == len(results.cells)


@pytest.mark.parametrize(
    "strange",
    [
        {"data.outputs": [1]},
        {"validation": 1.5},
        {"data.normalize": "bogus"},
        {"early_stopping": {"monitor": "x", "patience": 3, "min_delta": 0.0}},
        {"optimizer.lr": "fast"},
        {"schedule": {"name": "constant", "more": {}}},
        {"model.layers": []},
        {"batch_size": 7, "shuffle": "no"},
    ],
    ids=str,
)
def test_a_store_with_settings_that_no_study_gives_has_its_page(bare, strange):
    ids = recast(bare, strange)
    said = minidl("report", bare)
    assert said.stdout == f"{bare}/report.html\n"
    assert "and came out with the same bits." in said.stderr  # all others did
    assert not ids & train_again(read_results(bare)).snapshots.keys()


def test_what_comes_in_meanwhile_is_in_the_page_of_command_and_python_alike(bare, monkeypatch):
    def trained(*_):
        with one_reporter(bare):  # nobody waits for the training
            pass
        change(bare, "DELETE FROM run WHERE seed = 5")
        return again.Again(notes=[note])

    note = "They were trained once more."
    monkeypatch.setattr(again, "train_again", trained)
    assert note in minidl("report", bare).stderr
    page = (bare / "report.html").read_text()
    assert "(seed 5)" in (bare / "tables.md").read_text()
    read(bare).report()
    assert (bare / "report.html").read_text() == page


def test_no_other_page_is_written_between_reading_and_writing(bare, monkeypatch):
    from minidl.report import write

    written = []

    def held(*_, **__):
        written.append(0)
        with pytest.raises(Exception, match="writing reports here"), one_reporter(bare):
            pass
        return bare / "report.html"

    monkeypatch.setattr("minidl.study.store.lock.PATIENCE", 0.1)
    monkeypatch.setattr(again, "train_again", lambda *_: again.Again())
    monkeypatch.setattr(write, "write_page", held)
    read(bare).report()
    assert written


def test_components_that_are_not_here_are_not_trained(bare, monkeypatch):
    monkeypatch.delitem(KINDS["optimizer"], "adam")
    results = read_results(bare)
    found = train_again(results)
    kept = {run.id: run.settings["optimizer"]["name"] for run in results.study.runs}
    assert {kept[run_id] for run_id in found.snapshots} == {"sgd"}


def test_an_old_store_lacks_settings_that_came_later(tmp_path):
    shutil.copy(OLD / "study.sqlite", tmp_path)
    results = read_results(tmp_path)
    for run in results.study.runs:
        run.settings.pop("schedule", None)
        run.shared.clear()
    with Store(tmp_path) as store:
        (seed, *_) = results.study.seeds
        runs = showable.shown(showable.showable(results), store, seed)
    assert runs
    assert {run.settings["schedule"]["name"] for run in runs} == {"constant"}
    found = train_again(results)  # with the bits of this machine, or not
    (note,) = found.notes
    assert ("came out with the same bits" in note) == bool(found.snapshots)
    assert ("no network came out" in note) == (not found.snapshots)
    assert ("round otherwise" in note) == (len(found.snapshots) < len(runs))


def test_settings_that_no_study_gives_are_left_alone(bare):
    results = read_results(bare)
    strange = {"epochs": None, "updates": 10, "validation": 40}  # no point to train on is left
    for run in results.study.runs[:1]:
        run.settings.update(strange)
    found = train_again(results)
    assert results.study.runs[0].id not in found.snapshots
    assert found.snapshots
