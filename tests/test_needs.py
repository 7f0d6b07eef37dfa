"""What no store takes, or does not fit in memory, is refused untrained, or fails alone."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from helpers.studies import TINY, contents, minidl, undisturbed, write

from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.run import run_study
from minidl.study.stacks import needs
from minidl.study.stacks.train import train_stack
from minidl.study.store import store

OUT = Path("out")
RUN = ("run", "--grid", "grid.yaml", "--out", "out", "--jobs", "1", "--no-figures")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, TINY)
    return tmp_path


def test_stored_weights_are_estimated_closely():
    for hidden in ([5], [200, 300], [1] * 50, []):
        text = TINY.replace("hidden: [5]", f"hidden: {hidden}").replace("epochs: 4", "epochs: 1")
        run = expand(parse_study(text, "grid"))[0]
        (result,) = train_stack([run])
        assert result.weights is not None
        estimate = needs.needs(run.settings).stored
        assert len(result.weights) <= estimate <= 1.1 * len(result.weights) + 5000


@pytest.mark.parametrize("words", [("validate", "grid.yaml"), RUN, (*RUN, "--dry-run")])
@pytest.mark.parametrize(
    ("study", "place"),
    [
        (TINY.replace("[5]", "[10000, 10000, 10000, 10000]"), "grid.yaml:4"),
        (TINY + "  model.hidden: [[3], [10000, 10000, 10000, 10000]]\n", "grid.yaml:14"),
    ],
)
def test_weights_that_no_store_takes_are_refused(words, study, place, folder, monkeypatch):
    monkeypatch.setattr(needs, "memory", lambda: 10**12)
    write(folder, study)
    assert minidl(*words, code=2).stderr == (
        f"minidl: {place}: a network with model.hidden [10000, 10000, 10000, 10000] needs "
        "weights of about 1.2 GB; a store takes 1 GB\n"
    )
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    "words", [("validate", "grid.yaml"), RUN, ("train", "--hidden", "1000", "--epochs", "1")]
)
def test_what_does_not_fit_in_memory_is_refused(words, monkeypatch):
    monkeypatch.setattr(needs, "memory", lambda: 10**8)
    said = minidl(*words, code=2).stderr
    assert "MB of memory; this machine has 100 MB" in said
    assert "a network with model.hidden [" in said


def test_estimates_are_shown():
    line = r"of memory for each job (this machine has "
    assert line in minidl("validate", "grid.yaml").stdout
    assert line in minidl(*RUN, "--dry-run").stdout
    planned = json.loads(minidl(*RUN, "--dry-run", "--json").stdout)
    assert planned["memory"] > needs.TORCH
    # Eight runs of the first seed have four snapshots each.
    assert 48 * 400 < planned["stored"] < 48 * 4000
    none = json.loads(minidl(*RUN, "--dry-run", "--json", "--set", "snapshots=0").stdout)
    assert 3 * none["stored"] == planned["stored"]


@pytest.mark.parametrize(
    "error", [sqlite3.DataError("string or blob too big"), OverflowError("longer than INT_MAX")]
)
def test_a_run_that_no_store_takes_fails_alone_and_is_not_tried_again(error, monkeypatch):
    study = parse_study(TINY, "grid")
    runs = expand(study)
    insert, large = store.Store.insert, runs[3].id

    def refusing(self, row, curve, weights, snapshots):
        if row["id"] == large and weights is not None:
            raise error
        insert(self, row, curve, weights, snapshots)

    monkeypatch.setattr(store.Store, "insert", refusing)
    done = minidl(*RUN, code=1)
    assert "trained 16 runs (15 done, 1 failed)" in done.stderr
    whole, found = undisturbed(TINY), contents(OUT)
    assert {id: own for id, own in whole.items() if id != large}.items() <= found.items()
    assert found[large][2:4] == ("failed", f"cannot be stored: {error}")
    again = minidl(*RUN, code=1)
    assert "all 16 runs are in out already; trained nothing" in again.stderr
    assert "1 runs that cannot be stored were not tried again" in again.stderr
    assert "1  failed" in minidl("status", "out").stdout
    assert run_study(study, runs, OUT).unstorable == 1
