"""Commands about runs: export, show, diff, import, predict, and weights that torch.nn loads."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from driving import TINY, contents, minidl, write
from safetensors import safe_open
from safetensors.torch import load_file
from torch import nn

from minidl.study.build import build
from minidl.study.execute import METRICS
from minidl.study.grid import expand
from minidl.study.lock import only_writer
from minidl.study.run import run_study
from minidl.study.spec import parse_study
from minidl.study.store import Record, Store

STUDY = parse_study(TINY, "tiny")
RUNS = expand(STUDY)
RUN = RUNS[0]  # tanh, mse, sgd, seed 0


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    run_study(STUDY, RUNS, folder)
    return folder


@pytest.fixture
def copy(trained, tmp_path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "copy"))


def part(folder: Path, text: str, *only: str) -> Path:
    """Make a store with some of a study's runs."""
    folder.mkdir()
    words = [word for setting in only for word in ("--only", setting)]
    grid = write(folder, text)
    minidl("run", "--grid", grid, "--out", folder, "--jobs", 1, "--no-figures", *words)
    return folder


def change(folder: Path, statement: str) -> None:
    with Store(folder) as store, store.connection:
        store.connection.execute(statement)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# export


def test_export_has_a_row_for_each_run_with_the_stores_numbers(trained):
    rows = json.loads(minidl("export", trained, "--format", "json").stdout)
    assert [row["id"] for row in rows] == [run.id for run in RUNS]
    with Store(trained) as store:
        records = store.records()
    for run, row in zip(RUNS, rows, strict=True):
        record = records[run.id]
        assert {metric: row[metric] for metric in METRICS} == record.final
        assert (row["seed"], row["epochs"], row["status"]) == (run.seed, 4, "done")
        assert (row["activation"], row["loss"]) == (run.cell["activation"], run.cell["loss"])
        assert row["finished_at"] == record.finished_at


def test_export_as_csv_says_what_json_says(trained):
    rows = rows_of(minidl("export", trained).stdout)
    others = json.loads(minidl("export", trained, "--format", "json").stdout)
    assert rows == [
        {key: "" if value is None else str(value) for key, value in other.items()}
        for other in others
    ]


def test_export_of_curves_has_a_row_for_each_evaluation(trained):
    rows = json.loads(minidl("export", trained, "--curves", "--format", "json").stdout)
    assert [(row["id"], row["epoch"]) for row in rows] == [(r.id, e) for r in RUNS for e in (2, 4)]
    with Store(trained) as store:
        curves = store.curves()
    for row in rows:
        (point,) = [point for point in curves[row["id"]] if point["epoch"] == row["epoch"]]
        assert point.items() <= row.items()


def test_export_to_a_file(trained, tmp_path):
    path = tmp_path / "runs.csv"
    done = minidl("export", trained, "--out", path)
    assert (done.stdout, done.stderr) == ("", f"written to {path}\n")
    assert path.read_text() == minidl("export", trained).stdout


def test_export_of_runs_that_failed_or_are_missing(tmp_path):
    folder = part(tmp_path / "part", TINY, "loss=bce")
    change(folder, f"UPDATE run SET status = 'failed', error = 'no' WHERE id = '{RUNS[4].id}'")
    change(folder, f"UPDATE run SET test_loss = NULL, error = NULL WHERE id = '{RUNS[5].id}'")
    rows = rows_of(minidl("export", folder).stdout)
    assert len(rows) == 8
    by_id = {row["id"]: row for row in rows}
    assert (by_id[RUNS[4].id]["status"], by_id[RUNS[4].id]["error"]) == ("failed", "no")
    assert (by_id[RUNS[5].id]["test_loss"], by_id[RUNS[5].id]["error"]) == ("", "")


# show and diff


def test_show_takes_the_beginning_of_an_id_and_says_everything(trained):
    found = json.loads(minidl("show", trained, RUN.id[:8], "--json").stdout)
    with Store(trained) as store:
        record, curve = store.records()[RUN.id], store.curve(RUN.id)
        environment = store.environments()[record.environment_id]
    assert found["settings"] == RUN.settings
    assert (found["id"], found["seed"], found["status"]) == (RUN.id, 0, "done")
    assert (found["curve"], found["environment"]) == (curve, environment)
    text = minidl("show", trained, RUN.id).stdout
    assert "settings.optimizer.lr" in text
    assert f"{curve[-1]['test_accuracy']:.4g}" in text


def test_show_refuses_an_id_that_is_none_or_not_enough(trained):
    assert "no run 'xyz'" in minidl("show", trained, "xyz", code=2).stderr
    assert "no run ''" in minidl("show", trained, "", code=2).stderr
    first = [run.id[0] for run in RUNS]
    shared = max(first, key=first.count)
    assert first.count(shared) > 1
    err = minidl("show", trained, shared, code=2).stderr
    assert f"{first.count(shared)} runs begin with '{shared}'" in err


def test_diff_names_what_differs_and_nothing_else(trained):
    first, second = RUNS[0], RUNS[1]  # seeds 0 and 1 of a cell
    done = minidl("diff", f"{trained}/{first.id}", second.id, "--json")
    rows = {row["key"]: (row["first"], row["second"]) for row in json.loads(done.stdout)}
    assert rows["seed"] == (0, 1)
    assert set(rows) <= {"seed", *METRICS}
    bce = next(r for r in RUNS if r.cell == {**first.cell, "loss": "bce"} and r.seed == 0)
    done = minidl("diff", f"{trained}/{first.id}", bce.id, "--json")
    keys = {row["key"] for row in json.loads(done.stdout)}
    assert {"loss.name", "train_loss"} <= keys <= {"loss.name", *METRICS}
    assert "loss.name" in minidl("diff", f"{trained}/{first.id}", bce.id).stdout


def test_diff_across_folders_and_of_equal_runs(trained, copy):
    done = minidl("diff", f"{trained}/{RUN.id}", f"{copy}/{RUN.id[:6]}")
    assert done.stdout == "the two runs do not differ\n"
    change(copy, f"UPDATE run SET test_accuracy = 1 WHERE id = '{RUN.id}'")
    done = minidl("diff", f"{trained}/{RUN.id}", f"{copy}/{RUN.id}", "--json")
    assert [row["key"] for row in json.loads(done.stdout)] == ["test_accuracy"]
    assert "must be DIR/RUN-ID" in minidl("diff", RUN.id, RUN.id, code=2).stderr


# import


def test_import_merges_what_was_made_elsewhere(trained, tmp_path):
    ours = part(tmp_path / "ours", TINY, "loss=mse")
    theirs = part(tmp_path / "theirs", TINY, "loss=bce")
    assert len(contents(ours)) == 8
    done = minidl("import", ours, theirs)
    assert done.stdout == "8 runs added, 0 were there already, 0 in conflict\n"
    assert contents(ours) == contents(trained)
    assert json.loads(minidl("status", ours, "--json").stdout)["missing"] == 0
    assert (ours / "tables.csv").read_text() == minidl("tables", ours, "--format", "csv").stdout
    again = minidl("import", ours, theirs, trained)
    assert again.stdout == "0 runs added, 24 were there already, 0 in conflict\n"
    grid = ours / "grid.yaml"
    assert "trained nothing" in minidl("run", "--grid", grid, "--out", ours, "--jobs", 1).stderr


def test_import_keeps_where_a_run_was_made(copy, tmp_path):
    ours = part(tmp_path / "ours", TINY, "loss=mse")
    change(copy, """UPDATE environment SET facts = '{"processor": "another"}'""")
    minidl("import", ours, copy)
    with Store(ours) as store:
        records, environments = store.records(), store.environments()
    processors = {
        run.cell["loss"]: environments[records[run.id].environment_id]["processor"] for run in RUNS
    }
    assert processors["bce"] == "another" != processors["mse"]


def test_import_reports_a_conflict_and_never_overwrites(trained, copy):
    change(copy, f"UPDATE run SET test_accuracy = 1 WHERE id = '{RUN.id}'")
    change(copy, f"UPDATE run SET status = 'diverged' WHERE id = '{RUNS[1].id}'")
    before = contents(copy)
    done = minidl("import", copy, trained, code=1)
    assert done.stdout == "0 runs added, 14 were there already, 2 in conflict\n"
    for run in RUNS[:2]:
        assert f"conflict: run {run.id} has other numbers here; left as it is" in done.stderr
    assert contents(copy) == before


def failed(folder: Path) -> None:
    """Make the first run of a store a failed one."""
    change(folder, f"DELETE FROM curve WHERE run_id = '{RUN.id}'")
    change(folder, f"DELETE FROM weights WHERE run_id = '{RUN.id}'")
    nothing = ", ".join(f"{metric} = NULL" for metric in METRICS)
    change(
        folder,
        f"UPDATE run SET status = 'failed', error = 'no', {nothing} WHERE id = '{RUN.id}'",
    )


def test_import_of_runs_that_failed(trained, copy, tmp_path):
    """A result takes the place of a failure, and a failure elsewhere contradicts no result."""
    failed(copy)
    done = minidl("import", copy, trained)
    assert done.stdout == "1 runs added, 15 were there already, 0 in conflict\n"
    assert contents(copy) == contents(trained)
    failed(copy)
    other = Path(shutil.copytree(trained, tmp_path / "other"))
    done = minidl("import", other, copy)
    assert done.stdout == "0 runs added, 16 were there already, 0 in conflict\n"
    assert contents(other) == contents(trained)


def test_import_of_another_study_leaves_its_runs_over(copy, tmp_path):
    other = part(tmp_path / "other", TINY.replace("epochs: 4", "epochs: 3"), "loss=mse")
    tables = minidl("tables", copy).stdout
    minidl("import", copy, other)
    assert len(json.loads(minidl("status", copy, "--json").stdout)["left_over"]) == 8
    assert minidl("tables", copy).stdout == tables
    assert len(contents(copy)) == 24


def test_import_refuses_itself_and_a_store_that_is_held(trained, copy):
    assert "expected another" in minidl("import", copy, copy, code=2).stderr
    with only_writer(copy):
        assert "another minidl is at work here" in minidl("import", copy, trained, code=2).stderr


# weights and predictions


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
            assert store.records()[run.id].test_accuracy == 100 * right / len(rows)


@pytest.mark.parametrize("normalize", ["train", "own"])
def test_predict_prepares_points_as_the_run_did(tmp_path, normalize):
    text = TINY.replace("test: 40}", f"test: 40, normalize: {normalize}}}")
    folder = part(tmp_path / "part", text, "loss=bce", "activation=tanh")
    (record, *_) = stored_records(folder)
    rows = rows_of(minidl("predict", folder, record.id).stdout)
    right = sum(row["decision"] == row["target"] for row in rows)
    assert record.test_accuracy == 100 * right / len(rows)
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
    failed(copy)
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
