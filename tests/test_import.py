"""Stores merged: the same id is the same run, and no result is ever overwritten."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from helpers.studies import TINY, change, contents, fail, minidl, part, set_score

from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.store.lock import only_writer
from minidl.study.store.store import Store

RUNS = expand(parse_study(TINY, "tiny"))


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


def with_own_metric(folder: Path, unit: str = "of 3", better: str = "higher") -> None:
    """Let a store have a score that this process knows nothing of."""
    change(folder, f"INSERT INTO metric VALUES (9, 'test_top3', '{unit}', '{better}')")
    change(
        folder,
        "INSERT INTO curve SELECT run, 9, epoch, 0.5 FROM curve WHERE metric = "
        "(SELECT number FROM metric WHERE name = 'test_loss')",
    )


def test_import_takes_over_what_the_other_store_says_of_its_scores(tmp_path):
    ours, theirs = (part(tmp_path / loss, TINY, f"loss={loss}") for loss in ("mse", "bce"))
    with_own_metric(theirs)
    minidl("import", ours, theirs)
    with Store(ours) as store:
        assert (store.metrics()["test_top3"], store.better_sides()["test_top3"]) == (
            "of 3",
            "higher",
        )


def test_import_of_a_score_that_means_something_else_is_refused(copy, tmp_path):
    ours = part(tmp_path / "ours", TINY, "loss=mse")
    with_own_metric(ours, better="lower")
    with_own_metric(copy)
    before = contents(ours)
    assert minidl("import", ours, copy, code=2).stderr == (
        f"minidl: {copy / 'study.sqlite'}: test_top3 is in 'of 3', higher is better; in "
        f"{ours / 'study.sqlite'} it is in 'of 3', lower is better\n"
    )
    assert contents(ours) == before


def test_import_reports_a_conflict_and_never_overwrites(trained, copy):
    set_score(copy, RUNS[0].id, "test_accuracy", "1")
    change(copy, f"UPDATE run SET status = 'diverged' WHERE id = '{RUNS[1].id}'")
    change(copy, f"UPDATE weights SET safetensors = x'00' WHERE run_id = '{RUNS[2].id}'")
    before = contents(copy)
    done = minidl("import", copy, trained, code=1)
    assert done.stdout == "0 runs added, 13 were there already, 3 in conflict\n"
    for run in RUNS[:3]:
        assert f"conflict: run {run.id} has other numbers here; left as it is" in done.stderr
    assert contents(copy) == before


def test_import_of_runs_that_failed(trained, copy, tmp_path):
    """A result takes the place of a failure, and a failure elsewhere contradicts no result."""
    fail(copy, RUNS[0].id)
    done = minidl("import", copy, trained)
    assert done.stdout == "1 runs added, 15 were there already, 0 in conflict\n"
    assert contents(copy) == contents(trained)
    fail(copy, RUNS[0].id)
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
