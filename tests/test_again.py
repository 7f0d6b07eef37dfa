"""Networks trained again for the page: shown only where they end with the store's very bits."""

import shutil
from pathlib import Path

import pytest
import torch
from helpers.studies import TINY, change, minidl, train
from safetensors.torch import load, save

from minidl.registry import KINDS
from minidl.report.networks import again
from minidl.report.networks.again import train_again
from minidl.report.results import read_results
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
    for run_id in rest:
        damage(bare, run_id)
    found = train_again(read_results(bare))
    assert found.snapshots == {}
    assert "no network came out with the bits of the store" in found.notes[0]


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
    assert train_again(read_results(bare)).snapshots == {}


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
        runs = again.shown(results, store, seed)
    assert runs
    assert {run.settings["schedule"]["name"] for run in runs} == {"constant"}
    (note,) = train_again(results).notes
    assert note.startswith(("Trained again", "The store holds no weights"))


def test_settings_that_no_study_gives_are_left_alone(bare):
    results = read_results(bare)
    strange = {"epochs": None, "updates": 10, "validation": 40}  # no point to train on is left
    for run in results.study.runs[:1]:
        run.settings.update(strange)
    found = train_again(results)
    assert results.study.runs[0].id not in found.snapshots
    assert found.snapshots
