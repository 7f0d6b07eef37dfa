"""Commands that say what runs are: export, show, diff."""

from __future__ import annotations

import json

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
    assert "settings.optimizer.lr" in text
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
    assert "loss.name" in minidl("diff", f"{trained}/{first.id}", bce.id).stdout


def test_diff_across_folders_and_of_equal_runs(trained, copy):
    done = minidl("diff", f"{trained}/{RUN.id}", f"{copy}/{RUN.id[:6]}")
    assert done.stdout == "the two runs do not differ\n"
    set_score(copy, RUN.id, "test_accuracy", "1")
    done = minidl("diff", f"{trained}/{RUN.id}", f"{copy}/{RUN.id}", "--json")
    assert [row["key"] for row in json.loads(done.stdout)] == ["test_accuracy"]
    assert "must be DIR/RUN-ID" in minidl("diff", RUN.id, RUN.id, code=2).stderr
