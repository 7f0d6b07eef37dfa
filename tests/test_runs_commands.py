"""Commands that say what runs are: export, show, diff."""

from __future__ import annotations

import json
import re

from helpers.studies import SCORES, TINY, change, minidl, part, rows_of, set_score

from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.store.store import Store

RUNS = expand(parse_study(TINY, "tiny"))
RUN = RUNS[0]  # tanh, mse, sgd, seed 0


def test_export_has_a_row_for_each_run_with_the_stores_numbers(trained):
    rows = json.loads(minidl("export", trained, "--format", "json").stdout)
    assert [row["id"] for row in rows] == [run.id for run in RUNS]
    with Store(trained) as store:
        records = store.records()
    for run, row in zip(RUNS, rows, strict=True):
        record = records[run.id]
        assert {metric: row[metric] for metric in SCORES} == record.final
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
    set_score(folder, RUNS[5].id, "test_loss", "NULL")
    rows = rows_of(minidl("export", folder).stdout)
    assert len(rows) == 8
    by_id = {row["id"]: row for row in rows}
    assert (by_id[RUNS[4].id]["status"], by_id[RUNS[4].id]["error"]) == ("failed", "no")
    assert (by_id[RUNS[5].id]["test_loss"], by_id[RUNS[5].id]["error"]) == ("", "")


def test_show_takes_the_beginning_of_an_id_and_says_everything(trained):
    found = json.loads(minidl("show", trained, RUN.id[:8], "--json").stdout)
    with Store(trained) as store:
        record, curve = store.records()[RUN.id], store.curve(RUN.id)
        environment = store.environments()[record.environment_id]
    assert found["settings"] == RUN.settings
    assert (found["id"], found["seed"], found["status"]) == (RUN.id, 0, "done")
    assert (found["curve"], found["environment"]) == (curve, environment)
    text = minidl("show", trained, RUN.id).stdout
    assert text.startswith(f"done: {RUN.id}, ")
    unusual, usual = text.split("settings that differ from the defaults")[1].split("all others")
    assert dict(line.split() for line in unusual.split("\n") if line)["optimizer.lr"] == "0.2"
    assert "optimizer.momentum" in usual
    assert "None" not in text
    assert f"{curve[-1]['test_accuracy']:.4g}" in text


def test_show_refuses_an_id_that_is_none_or_not_enough(trained):
    assert "no run 'xyz'" in minidl("show", trained, "xyz", code=2).stderr
    assert "an argument is empty" in minidl("show", trained, "", code=2).stderr
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
    assert set(rows) <= {"seed", *SCORES}
    bce = next(r for r in RUNS if r.cell == {**first.cell, "loss": "bce"} and r.seed == 0)
    done = minidl("diff", f"{trained}/{first.id}", bce.id, "--json")
    keys = {row["key"] for row in json.loads(done.stdout)}
    assert {"loss.name", "train_loss"} <= keys <= {"loss.name", *SCORES}
    assert re.search(r"^loss +mse +bce$", minidl("diff", f"{trained}/{first.id}", bce.id).stdout, 8)


def test_diff_across_folders_and_of_equal_runs(trained, copy):
    done = minidl("diff", f"{trained}/{RUN.id}", f"{copy}/{RUN.id[:6]}")
    assert done.stdout == "the two runs do not differ\n"
    set_score(copy, RUN.id, "test_accuracy", "1")
    done = minidl("diff", f"{trained}/{RUN.id}", f"{copy}/{RUN.id}", "--json")
    assert [row["key"] for row in json.loads(done.stdout)] == ["test_accuracy"]
    assert "must be DIR/RUN-ID" in minidl("diff", RUN.id, RUN.id, code=2).stderr


ADDRESS = ("activation=tanh", "loss=mse", "optimizer=adam", "seed=1")


def of(*conditions: str) -> str:
    """Return the id of the one run of TINY that is so."""
    wanted = dict(condition.split("=") for condition in conditions)
    seed = int(wanted.pop("seed"))
    (found,) = [
        run.id
        for run in RUNS
        if run.seed == seed and all(run.settings[k]["name"] == v for k, v in wanted.items())
    ]
    return found


def test_runs_are_listed_filtered_sorted_and_cut(trained):
    rows = json.loads(minidl("runs", trained, "--json").stdout)
    assert [row["id"] for row in rows] == [run.id for run in RUNS]
    words = ("--where", "optimizer=adam", "--sort", "-test_accuracy", "--limit", 3)
    some = json.loads(minidl("runs", trained, *words, "--json").stdout)
    adam = [row for row in rows if row["optimizer"] == "adam(lr=0.01)"]
    assert some == sorted(adam, key=lambda row: -row["test_accuracy"])[:3]
    done = minidl("runs", trained, *words)
    assert [line.split()[-1] for line in done.stdout.splitlines()[2:]] == [r["id"] for r in some]
    assert done.stderr == f"3 of {len(adam)} runs\n"


def test_conditions_on_one_key_are_either_or_and_keys_may_be_short(trained):
    both = ("--where", "seed=0", "--where", "seed=1", "--where", "lr=0.2", "--where", "status=done")
    rows = json.loads(minidl("runs", trained, *both, "--json").stdout)
    assert {row["optimizer"] for row in rows} == {"sgd(lr=0.2)"}
    assert len(rows) == len(RUNS) // 2
    for wrong, said in (
        (("--where", "seed=7"), "no run has this; seed is 0, 1"),
        (("--where", "optimiser=adam"), "did you mean 'optimizer'?"),
        (("--where", "adam"), "must be KEY=VALUE"),
        (("--sort", "accuracy"), "column 'accuracy' is unknown"),
    ):
        assert said in minidl("runs", trained, *wrong, code=2).stderr


def test_a_run_is_called_by_what_it_is(trained, tmp_path):
    run_id = of(*ADDRESS)
    assert json.loads(minidl("show", trained, *ADDRESS, "--json").stdout)["id"] == run_id
    assert json.loads(minidl("show", trained, ",".join(ADDRESS), "--json").stdout)["id"] == run_id
    assert minidl("predict", trained, *ADDRESS).stdout == minidl("predict", trained, run_id).stdout
    files = [tmp_path / "a", tmp_path / "b"]
    for file, name in zip(files, (run_id, " ".join(ADDRESS)), strict=True):
        minidl("export", trained, "--weights", name, "--out", file)
    assert files[0].read_bytes() == files[1].read_bytes()
    several = minidl("show", trained, "optimizer=adam", "seed=1", code=2).stderr
    assert "4 runs are optimizer=adam seed=1; also say activation (" in several


def test_diff_takes_two_runs_by_what_they_are(trained):
    ids = of(*ADDRESS), of(*ADDRESS[:3], "seed=0")
    by_id = minidl("diff", f"{trained}/{ids[0]}", ids[1]).stdout
    assert minidl("diff", trained, *ids).stdout == by_id
    assert minidl("diff", trained, " ".join(ADDRESS), "seed=0").stdout == by_id
    assert minidl("diff", trained, *ADDRESS, "seed=0").stdout == by_id
    assert "must be two runs" in minidl("diff", trained, *ADDRESS, code=2).stderr


def test_saved_weights_answer_without_a_store(tmp_path):
    saved, points = tmp_path / "net.safetensors", tmp_path / "points.csv"
    small = ("--set", "data.train=20", "--set", "data.test=5", "--epochs", 2, "-q")
    minidl("train", *small, "--save", saved)
    rows = rows_of(minidl("predict", "--weights", saved).stdout)
    assert len(rows) == 5
    points.write_text("0.5,0.5\n0.0,1.0\n")
    assert len(rows_of(minidl("predict", "--weights", saved, "--points", points).stdout)) == 2
    assert "leave out DIR" in minidl("predict", "x", "1", "--weights", saved, code=2).stderr
    assert "is no file of weights" in minidl("predict", "--weights", points, code=2).stderr
    assert "cannot be read" in minidl("predict", "--weights", tmp_path / "no", code=2).stderr
    assert "name a study's folder and a run" in minidl("predict", code=2).stderr
