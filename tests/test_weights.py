"""Weights come back out: predictions, files, and networks of plain torch.nn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.studies import TINY, fail, minidl, part, rows_of
from safetensors import safe_open
from safetensors.torch import load, load_file
from torch import nn

from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.stacks.build import build
from minidl.study.store.store import Store
from minidl.study.store.stored_runs import Record

RUNS = expand(parse_study(TINY, "tiny"))
RUN = RUNS[0]  # tanh, mse, sgd, seed 0


def torch_network(run: Any) -> nn.Sequential:
    """Return the plain torch.nn network that is like a run's."""
    activations = {"tanh": nn.Tanh(), "relu": nn.ReLU()}
    return nn.Sequential(
        nn.Linear(2, 5), activations[run.cell["activation"]], nn.Linear(5, 1), nn.Sigmoid()
    )


@pytest.mark.parametrize("run", [RUNS[0], RUNS[-1]], ids=["tanh", "relu"])
def test_torch_loads_exported_weights_and_predicts_the_same(trained, tmp_path, run):
    path = tmp_path / "torch.safetensors"
    minidl("export", trained, "--weights", run.id[:10], "--torch", "--out", path)
    network = torch_network(run)
    network.load_state_dict(load_file(path))
    points = tmp_path / "points.csv"
    points.write_text("x1,x2\n0.1,0.2\n0.5,0.5\n0.95,0.05\n-3,7\n")
    rows = rows_of(minidl("predict", trained, run.id, "--points", points).stdout)
    x = torch.tensor([[float(row["x1"]), float(row["x2"])] for row in rows])
    assert x.tolist()[3] == [-3, 7]
    with torch.no_grad():
        theirs = network(x).flatten()
    ours = torch.tensor([float(row["output"]) for row in rows])
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)
    assert [row["decision"] for row in rows] == [str(int(output >= 0.5)) for output in ours]


def test_predict_of_the_test_set_gives_the_stored_accuracy(trained):
    for run in RUNS[::5]:
        rows = rows_of(minidl("predict", trained, run.id).stdout)
        test = build(run).test
        assert [[float(row["x1"]), float(row["x2"])] for row in rows] == test.x.tolist()
        assert [float(row["target"]) for row in rows] == test.y.flatten().tolist()
        right = sum(row["decision"] == row["target"] for row in rows)
        with Store(trained) as store:
            assert store.records()[run.id].final["test_accuracy"] == 100 * right / len(rows)


@pytest.mark.parametrize("normalize", ["train", "own"])
def test_predict_prepares_points_as_the_run_did(tmp_path, normalize):
    text = TINY.replace("test: 40}", f"test: 40, normalize: {normalize}}}")
    folder = part(tmp_path / "part", text, "loss=bce", "activation=tanh")
    (record, *_) = stored_records(folder)
    rows = rows_of(minidl("predict", folder, record.id).stdout)
    right = sum(row["decision"] == row["target"] for row in rows)
    assert record.final["test_accuracy"] == 100 * right / len(rows)
    # Single points have no deviation of their own: the training set's prepares them either way.
    points = tmp_path / "points.csv"
    points.write_text("".join(f"{row['x1']},{row['x2']}\n" for row in rows))
    given = rows_of(minidl("predict", folder, record.id, "--points", points).stdout)
    same = [row["output"] for row in given] == [row["output"] for row in rows]
    assert same is (normalize == "train")


def stored_records(folder: Path) -> list[Record]:
    with Store(folder) as store:
        return list(store.records().values())


def test_exported_weights_are_the_stored_ones_and_say_what_they_are(trained, tmp_path):
    path = tmp_path / "own.safetensors"
    minidl("export", trained, "--weights", RUN.id, "--out", path)
    with Store(trained) as store:
        assert path.read_bytes() == store.weights(RUN.id)
    with safe_open(path, "pt") as file:
        about = json.loads(file.metadata()["minidl"])
        assert set(file.keys()) == {"0.weight", "0.bias", "2.weight", "2.bias"}
    assert about == {"settings": RUN.settings, "seed": RUN.seed}


def test_exported_snapshots_are_the_stored_ones_and_the_end_is_last(trained, tmp_path):
    path = tmp_path / "course.safetensors"
    words = ("export", trained, "--weights", RUN.id, "--snapshots", "--out", path)
    assert "after 5 epochs" in minidl(*words).stderr
    found = load_file(path)
    assert found.pop("epochs").tolist() == [0, 1, 2, 3, 4]
    with Store(trained) as store:
        taken = [*store.snapshots(RUN.id).values(), store.weights(RUN.id)]
    for name, values in found.items():
        assert torch.equal(values, torch.stack([load(data)[name] for data in taken]))
    other = next(run for run in RUNS if run.seed == 1)
    words = ("export", trained, "--weights", other.id, "--snapshots", "--out", path)
    assert "has none; those of seed 0 have some" in minidl(*words, code=2).stderr
    assert "give --weights" in minidl("export", trained, "--snapshots", code=2).stderr
    assert "leave out --torch" in minidl(*words, "--torch", code=2).stderr


def test_train_saves_the_weights_that_the_study_stores(trained, tmp_path):
    path = tmp_path / "alone.safetensors"
    settings = ["data.train=40", "data.test=40", "evaluate_every=2"]
    changes = [word for setting in settings for word in ("--set", setting)]
    minidl(
        *("train", "--act", "tanh", "--loss", "mse", "--opt", "sgd", "--lr", 0.2, "--seed", 0),
        *("--epochs", 4, "--hidden", 5, "--save", path, "--quiet", *changes),
    )
    with Store(trained) as store:
        assert path.read_bytes() == store.weights(RUN.id)


def test_a_failed_run_has_no_weights(copy, tmp_path):
    fail(copy, RUNS[0].id)
    path = tmp_path / "none.safetensors"
    expected = f"run {RUN.id} failed and has no weights: no"
    assert expected in minidl("predict", copy, RUN.id, code=2).stderr
    assert expected in minidl("export", copy, "--weights", RUN.id, "--out", path, code=2).stderr
    assert not path.exists()


def test_options_of_weights_that_make_no_sense(trained, tmp_path):
    assert "give --out" in minidl("export", trained, "--weights", RUN.id, code=2).stderr
    assert "give --weights" in minidl("export", trained, "--torch", code=2).stderr
    points = tmp_path / "points.csv"
    points.write_text("1,2,3\n")
    done = minidl("predict", trained, RUN.id, "--points", points, code=2)
    assert "points have 3 coordinates; allowed: 2" in done.stderr
