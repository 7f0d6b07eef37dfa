"""Weights that are kept while they are learned: which, where, and that they change nothing."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from helpers.studies import TINY, change, minidl, train, write
from safetensors.torch import load, load_file, save

from minidl.report.html.networks import networks_data
from minidl.report.html.pack import Numbers
from minidl.report.results import read_results
from minidl.study.errors import InputError
from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.jobs.messages import Stack, pack, unpack
from minidl.study.stacks.snapshots import ROOM, Snapshots, epochs
from minidl.study.stacks.train import train_stack
from minidl.study.stacks.weights import named_param, restore
from minidl.study.store.store import Store

STOPPING = """
name: stopping
data: {name: disk, train: 40, test: 20}
model: {hidden: [4]}
validation: 0.2
early_stopping: {patience: 2}
epochs: 60
evaluate_every: 1
seeds: 2
snapshots: [0, 1]
grid: {optimizer: [{name: sgd, lr: 2.0}]}
"""


def runs_of(text):
    return expand(parse_study(text, "study"))


def test_some_two_dozen_epochs_thinner_towards_the_end():
    for last in (30, 100, 250, 1000, 12_345):
        found = epochs(last, 24)
        gaps = [after - before for before, after in pairwise(found)]
        assert found[0] == 0
        assert found[-1] == last
        assert len(found) == 24
        assert all(after >= before - 1 for before, after in pairwise(gaps))
    assert epochs(5, 24) == [0, 1, 2, 3, 4, 5]
    assert all(e % 10 == 0 for e in epochs(250, 24, every=10) if e >= 20)
    assert epochs(250, 1) == epochs(250, 0) == []


def test_the_first_seed_has_them_unless_told():
    seeds = {run.seed for run in runs_of(TINY) if run.snapshots}
    assert seeds == {0}
    for told, expected in (("0", set()), ("2", {0, 1}), ("[1, 7]", {1})):
        runs = runs_of(f"{TINY}snapshots: {told}\n")
        assert {run.seed for run in runs if run.snapshots} == expected
        assert [run.id for run in runs] == [run.id for run in runs_of(TINY)]
    with pytest.raises(InputError, match="snapshots must be a count of seeds"):
        parse_study(f"{TINY}snapshots: -1\n", "study")


def test_they_are_the_weights_of_a_shorter_training_and_change_no_number():
    run = next(run for run in runs_of(TINY.replace("epochs: 4", "epochs: 6")) if run.snapshots)
    (result,) = train_stack([run])
    assert list(result.snapshots) == [0, 1, 2, 3, 4, 5]
    (without,) = train_stack([replace(run, snapshots=False)])
    assert without.snapshots == {}
    assert (without.weights, without.curve) == (result.weights, result.curve)
    for epoch in (1, 5):
        (short,) = train_stack([replace(run, settings={**run.settings, "epochs": epoch})])
        ours = restore(run.settings, result.snapshots[epoch])
        theirs = restore(run.settings, short.weights)
        pairs = zip(ours.param(), theirs.param(), strict=True)
        assert all((a == b).all() for (a, _), (b, _) in pairs)


def test_they_are_the_same_alone_and_in_a_stack_and_end_where_training_does():
    runs = runs_of(STOPPING)
    together = train_stack(runs)
    for run, result in zip(runs, together, strict=True):
        (alone,) = train_stack([run])
        assert alone.snapshots == result.snapshots
        assert result.stopped_at is not None
        assert max(result.snapshots) < result.best_at < result.stopped_at


def test_a_snapshot_from_after_the_best_epoch_is_not_the_end(tmp_path):
    """Stores may hold them; one of the best epoch is not counted twice either."""
    folder = train(STOPPING, tmp_path / "store")
    with Store(folder) as store:
        record = min(store.records().values(), key=lambda record: record.seed)
        earlier = [epoch for epoch in store.snapshots(record.id) if epoch < record.best_at]
    for epoch in (record.best_at, record.best_at + 1):
        copied = f"SELECT run_id, {epoch}, safetensors FROM snapshot"
        change(
            folder,
            "INSERT OR REPLACE INTO snapshot (run_id, epoch, safetensors) "
            f"{copied} WHERE run_id = '{record.id}' AND epoch = 0",
        )
    words = ("--weights", record.id, "--snapshots", "--out", tmp_path / "course.safetensors")
    said = minidl("export", folder, *words).stderr
    assert f"after {len(earlier) + 1} epochs" in said
    found = load_file(tmp_path / "course.safetensors")
    assert found.pop("epochs").tolist() == [*earlier, record.best_at]
    numbers = Numbers()
    with Store(folder) as store:
        end = load(store.weights(record.id))
        state = networks_data(read_results(folder), store, numbers)["states"][record.id]
    assert all((found[name][-1] == value).all() for name, value in end.items())
    assert state["epochs"] == [*earlier, record.best_at]
    scales, shown = np.repeat(state["scales"], state["sizes"]), last_row(state, numbers)
    own = named_param(restore(record.settings, save(end))).values()
    expected = np.concatenate([value.numpy().ravel() for value in own])
    assert (np.abs(shown * scales - expected) <= scales).all()


def last_row(state, numbers):
    """Return the last row that a page has of a network over its epochs, in units of its scales."""
    count = state["rows"] * sum(state["sizes"])
    low, high = np.frombuffer(numbers.bytes, np.uint8, 2 * count, state["at"]).reshape(2, -1)
    changes = (low + 256 * high.astype(np.uint16)).astype(np.int16)
    return changes.reshape(state["rows"], -1).sum(axis=0, dtype=np.int16)


def test_a_large_network_has_fewer_or_none():
    run = next(run for run in runs_of(TINY) if run.snapshots)

    class Model:
        def __init__(self, numbers):
            from torch import empty

            self.modules = [self]
            self.weight = empty(1, 1, numbers)

        def param(self):
            return [(self.weight, self.weight)]

    settings = {**run.settings, "epochs": 1000}
    runs = [replace(run, settings=settings)]
    assert len(Snapshots(runs, Model(100)).epochs) == 23
    assert len(Snapshots(runs, Model(ROOM // 40)).epochs) == 9
    assert Snapshots(runs, Model(ROOM)).epochs == set()


def test_the_store_keeps_them_and_import_brings_them(tmp_path):
    folder = train(TINY, tmp_path / "one")
    (tmp_path / "two").mkdir()
    words = ("--grid", write(tmp_path, TINY), "--out", tmp_path / "two", "--no-figures")
    minidl("run", *words, "--no-report", "--only", "activation=tanh", "--jobs", 1)
    assert not (tmp_path / "two" / "report.html").exists()
    minidl("import", tmp_path / "two", folder)
    with Store(folder) as first, Store(tmp_path / "two") as second:
        for run in first.outline().runs:
            found = first.snapshots(run.id)
            assert list(found) == ([0, 1, 2, 3] if run.seed == 0 else [])
            assert found == second.snapshots(run.id)
    change(tmp_path / "two", "DELETE FROM snapshot")
    said = minidl("import", tmp_path / "two", folder).stdout
    assert said == "0 runs added, 16 were there already, 0 in conflict\n"
    with Store(folder) as first, Store(tmp_path / "two") as second:
        for run in first.outline().runs:
            assert first.snapshots(run.id) == second.snapshots(run.id)


def test_what_is_no_snapshot_is_not_let_in(tmp_path):
    folder, other = train(TINY, tmp_path / "one"), train(TINY, tmp_path / "two")
    first = runs_of(TINY)[0].id
    change(folder, f"DELETE FROM curve WHERE run = (SELECT number FROM run WHERE id = '{first}')")
    change(folder, f"DELETE FROM run WHERE id = '{first}'")
    where = f"WHERE run_id = '{first}' AND epoch = 3"
    change(other, f"UPDATE snapshot SET epoch = 400 {where}")
    assert "has a snapshot of epoch 400, of 4" in minidl("import", folder, other, code=2).stderr
    change(other, "UPDATE snapshot SET epoch = 3 WHERE epoch = 400")
    change(other, f"UPDATE snapshot SET safetensors = x'00' {where}")
    assert "no safetensors" in minidl("import", folder, other, code=2).stderr
    change(other, f"UPDATE snapshot SET safetensors = 'text' {where}")
    assert "safetensors must be bytes" in minidl("import", folder, other, code=2).stderr


def test_they_travel_from_a_worker():
    run = next(run for run in runs_of(TINY) if run.snapshots)
    stack = Stack("key", [run], [], None, local=False)
    (there,) = Stack.from_bytes(stack.to_bytes()).runs
    results = train_stack([there])
    (back,) = unpack(pack({}, results), [run])
    assert back.snapshots == results[0].snapshots != {}
