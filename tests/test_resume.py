"""Running again: only what is missing is trained, and old runs never mix with new ones."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from threading import Thread

import pytest
from helpers.studies import TINY, contents, minidl, write

from minidl import BCE
from minidl.report.tables.scores import tables
from minidl.report.write import write_reports
from minidl.study.grid.expand import expand
from minidl.study.grid.load import load_study, parse_study
from minidl.study.result import RunResult
from minidl.study.run import run_study
from minidl.study.stacks import plan as stacks
from minidl.study.stacks.train import train_stack


@pytest.fixture
def trained_ids(monkeypatch) -> list[str]:
    """The ids of the runs that are really trained, in this process."""
    ids: list[str] = []

    def spy(runs, *rest):
        ids.extend(run.id for run in runs)
        return train_stack(runs, *rest)

    monkeypatch.setattr("minidl.study.jobs.attempt.train_stack", spy)
    return ids


@pytest.fixture
def grid(tmp_path) -> Path:
    return write(tmp_path, TINY)


def run(grid: Path, *arguments: object, code: int = 0):
    out = grid.parent / "out"
    common = ("--out", out, "--jobs", 1, "--no-figures")
    return minidl("run", "--grid", grid, *common, *arguments, code=code)


def ids(grid: Path, *changes: str, seeds: int | None = None) -> set[str]:
    return {run.id for run in expand(load_study(str(grid), changes=changes, seeds=seeds))}


def status(grid: Path) -> dict:
    return json.loads(minidl("status", grid.parent / "out", "--json").stdout)


def test_the_second_time_nothing_is_trained_and_it_says_so(grid, trained_ids):
    first = run(grid)
    assert "trained 16 runs (16 done); 0 were there already" in first.stderr
    assert set(trained_ids) == ids(grid)
    assert len(trained_ids) == 16
    before = contents(grid.parent / "out")
    second = run(grid)
    assert f"all 16 runs are in {grid.parent / 'out'} already; trained nothing" in second.stderr
    assert second.stdout == first.stdout
    assert len(trained_ids) == 16
    assert contents(grid.parent / "out") == before


def test_a_part_first_and_the_rest_later(grid, trained_ids):
    assert "trained 4 runs" in run(grid, "--only", "loss=bce", "--only", "optimizer=sgd").stderr
    found = status(grid)
    assert (found["runs"], found["done"], found["missing"]) == (16, 4, 12)
    assert "trained 12 runs (12 done); 4 were there already" in run(grid).stderr
    assert len(trained_ids) == len(set(trained_ids)) == 16


def test_more_seeds_add_only_the_new_ones(grid, trained_ids):
    run(grid, "--seeds", 2)
    old = set(trained_ids)
    assert "trained 8 runs (8 done); 16 were there already" in run(grid, "--seeds", 3).stderr
    assert set(trained_ids[16:]) == ids(grid, seeds=3) - old
    assert len(trained_ids) == 24
    run(grid, "--seeds", 1)
    assert len(trained_ids) == 24
    assert set(status(grid)["left_over"]) == ids(grid, seeds=3) - ids(grid, seeds=1)


def test_new_cells_add_only_the_new_ones(grid, trained_ids):
    run(grid)
    grid.write_text(TINY.replace("[mse, bce]", "[mse, bce, bce_as_printed]"))
    assert "trained 8 runs (8 done); 16 were there already" in run(grid).stderr
    assert len(set(trained_ids)) == len(trained_ids) == 24


def test_a_changed_setting_leaves_the_old_runs_over_and_out_of_the_tables(grid, trained_ids):
    run(grid)
    changed = run(grid, "--set", "epochs=1")
    assert "trained 16 runs (16 done); 0 were there already" in changed.stderr
    old, new = ids(grid), ids(grid, "epochs=1")
    assert not old & new
    found = status(grid)
    assert (found["done"], found["missing"], set(found["left_over"])) == (16, 0, old)
    assert "      16  left over: " in minidl("status", grid.parent / "out").stdout
    assert set(contents(grid.parent / "out")) == old | new
    alone = minidl(
        *("run", "--grid", grid, "--set", "epochs=1", "--jobs", 1, "--no-figures"),
        *("--out", grid.parent / "alone"),
    )
    assert changed.stdout == alone.stdout
    exported = json.loads(minidl("export", grid.parent / "out", "--format", "json").stdout)
    assert {row["id"] for row in exported} == new
    assert len(trained_ids) == 48
    back = run(grid)
    assert "trained nothing" in back.stderr
    assert set(status(grid)["left_over"]) == new


def test_failed_runs_are_tried_again_and_no_others(grid, trained_ids, monkeypatch):
    working = BCE.backward

    def broken(*_):
        raise RuntimeError("not today")

    monkeypatch.setattr(BCE, "backward", broken)
    failed = run(grid, code=1)
    assert "trained 16 runs (8 done, 8 failed)" in failed.stderr
    found = status(grid)
    assert (found["done"], found["failed"], found["missing"]) == (8, 8, 0)
    assert {run["error"] for run in found["failed_runs"]} == {"RuntimeError: not today"}
    shown = minidl("status", grid.parent / "out").stdout
    assert "loss=bce" in shown
    assert "RuntimeError: not today" in shown
    trained_ids.clear()
    assert "trained 8 runs (8 failed); 8 were there already" in run(grid, code=1).stderr
    monkeypatch.setattr(BCE, "backward", working)
    trained_ids.clear()
    assert "trained 8 runs (8 done); 8 were there already" in run(grid).stderr
    assert len(trained_ids) == 8
    run_study(parse_study(TINY, "tiny"), expand(parse_study(TINY, "tiny")), grid.parent / "well")
    assert contents(grid.parent / "out") == contents(grid.parent / "well")


def test_fresh_starts_over_and_keeps_the_old_store(grid, trained_ids):
    run(grid)
    before = contents(grid.parent / "out")
    assert "0 were there already" in run(grid, "--fresh", "--seeds", 1).stderr
    assert len(trained_ids) == 24
    (old,) = (grid.parent / "out").glob("study-*.sqlite")
    run(grid, "--fresh", "--seeds", 1)
    assert len(list((grid.parent / "out").glob("study-*.sqlite"))) == 2
    (grid.parent / "old").mkdir()
    old.rename(grid.parent / "old" / "study.sqlite")
    assert contents(grid.parent / "old") == before


def test_fresh_where_there_is_nothing_yet(grid):
    assert "trained 16 runs" in run(grid, "--fresh").stderr


def test_the_resolved_study_runs_again_as_it_is(grid, trained_ids):
    changes = ("--set", "optimizer.lr=0.03", "--set", "activation=[relu]", "--seeds", 3)
    run(grid, *changes)
    resolved = grid.parent / "out" / "study.yaml"
    assert ids(resolved) == set(trained_ids)
    text = resolved.read_text()
    assert "trained nothing" in run(resolved, "--out", grid.parent / "out").stderr
    assert len(trained_ids) == 12
    assert resolved.read_text() == text


def test_dry_run_writes_nothing(grid, trained_ids):
    run(grid, "--dry-run")
    assert not (grid.parent / "out").exists()
    assert trained_ids == []


def test_nothing_is_left_lying_about(grid):
    run(grid)
    names = {path.name for path in (grid.parent / "out").iterdir()}
    assert names == {
        *("study.lock", "study.sqlite", "study.yaml", "reports.lock", "tables.csv", "tables.md"),
        "report.html",
    }


def test_tables_of_half_a_study_never_replace_those_of_the_whole(tmp_path, monkeypatch):
    """One reader has read half a study; it ends, and its own tables are written meanwhile."""
    study = parse_study(TINY, "tiny")
    runs, meanwhile = expand(study), Thread(target=write_reports, args=(tmp_path,))
    run_study(study, runs[:8], tmp_path)

    def slowly(results):
        made = tables(results)
        if not meanwhile.ident:
            run_study(study, runs, tmp_path)
            meanwhile.start()
            meanwhile.join(1)
        return made

    monkeypatch.setattr("minidl.report.write.tables", slowly)
    write_reports(tmp_path)
    meanwhile.join()
    assert "1 of 2" not in (tmp_path / "tables.md").read_text()
    assert "Missing" not in (tmp_path / "tables.md").read_text()


def test_what_is_stored_does_not_stay_in_memory(tmp_path):
    study = parse_study(TINY, "tiny")
    state = run_study(study, expand(study), tmp_path)
    assert (len(state.finished), len(state.finished.scores)) == (16, 8)
    assert not [found for found in gc.get_objects() if type(found) is RunResult]


def test_jobs_and_stacks_change_no_bit(tmp_path, monkeypatch):
    study = parse_study(TINY, "tiny")
    runs = expand(study)
    found = []
    for jobs, size in ((1, 360), (1, 1), (1, 3), (2, 360), (3, 2)):
        monkeypatch.setattr(stacks, "MAX_STACK", size)
        assert max(map(len, stacks.plan(runs, jobs))) <= size
        folder = tmp_path / f"{jobs} {size}"
        run_study(study, runs, folder, jobs=jobs)
        found.append(contents(folder))
    assert len(found[0]) == 16
    assert all(other == found[0] for other in found)
