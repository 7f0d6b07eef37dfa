"""``minidl plan``: the page says "planned before the first run" only where the store shows it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing

import pytest
from helpers.in_process import minidl, refused

from minidl.report.pages.verdicts import to_markdown
from minidl.report.verdicts.judgement import judge
from minidl.study.store.store import Store

GRID = """
name: tiny
reference: paper.yaml
data: {name: disk, train: 40, test: 40}
model: {hidden: [5]}
epochs: 2
seeds: 2
grid: {loss: [mse, bce]}
"""
PAPER = """
title: a paper
planned_seeds: 4
claims:
  - text: mse is better
    parts: [{factor: loss, levels: [mse, bce]}]
"""


@pytest.fixture
def at_home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grid.yaml").write_text(GRID)
    (tmp_path / "paper.yaml").write_text(PAPER)
    return tmp_path


def run(*more):
    quiet = ("--jobs", "1", "--quiet", "--no-figures", "--no-report")
    return minidl("run", "grid.yaml", "--out", "out", *quiet, *more)


def told():
    return json.loads(minidl("verdicts", "out", "--json").stdout)


def test_what_was_planned_before_the_first_run_is_said_with_its_digest(at_home):
    made = json.loads(minidl("plan", "grid.yaml", "--out", "out", "--json").stdout)
    with Store(at_home / "out") as store:
        outline = store.outline()
    text = json.dumps([4, outline.yaml, PAPER])
    assert made["digest"] == hashlib.sha256(text.encode()).hexdigest()
    assert made["planned_seeds"] == 4
    run()
    found = told()
    assert found["preregistered"] == {
        "at": made["at"],
        "digest": made["digest"],
        "planned_seeds": 4,
        "before_first_run": True,
        "changed": [],
    }
    assert found["planned_seeds"] == 4
    page = (at_home / "out" / "verdicts.md").read_text()
    assert f"Planned before the first run on {made['at']} (digest {made['digest'][:12]}…)" in page
    assert "Changed since" not in page


def test_without_a_plan_nothing_is_said(at_home):
    run()
    assert told()["preregistered"] is None
    assert "Planned before" not in (at_home / "out" / "verdicts.md").read_text()


def test_what_has_changed_since_is_said_and_the_planned_seeds_stay(at_home):
    minidl("plan", "grid.yaml", "--out", "out")
    (at_home / "paper.yaml").write_text(
        PAPER.replace("4", "3").replace("mse is", "MSE is") + "margin: 2\n"
    )
    run("--seeds", "3")
    found = told()
    changed = [f"the reference's {key}" for key in ("planned_seeds", "claims", "margin")]
    assert found["preregistered"]["changed"] == ["the study's seeds", *changed]
    assert found["planned_seeds"] == 4
    page = (at_home / "out" / "verdicts.md").read_text()
    assert "Changed since it was planned: the study's seeds, the reference's planned_seeds" in page
    assert "The plan now says 3; what it said before the first run counts." in page


def test_a_comment_is_no_change(at_home):
    minidl("plan", "grid.yaml", "--out", "out")
    (at_home / "paper.yaml").write_text(f"# said again\n{PAPER}")
    run()
    assert told()["preregistered"]["changed"] == []


def test_another_reference_than_the_planned_one_is_a_change(at_home):
    minidl("plan", "grid.yaml", "--out", "out")
    run()
    (at_home / "other.yaml").write_text(PAPER.replace("[mse, bce]", "[bce, mse]"))
    assert "Changed since it was planned: the reference's claims." in to_markdown(
        judge(at_home / "out", "other.yaml")
    )


@pytest.mark.usefixtures("at_home")
def test_a_plan_after_the_first_run_is_refused():
    run()
    said = minidl("plan", "grid.yaml", "--out", "out", code=2).stderr
    assert said == "minidl: out: holds 4 runs already; a plan is made before the first run\n"
    assert told()["preregistered"] is None


def test_a_plan_without_claims_is_refused(at_home):
    (at_home / "grid.yaml").write_text(GRID.replace("reference: paper.yaml\n", ""))
    said = refused("plan", "grid.yaml", "--out", "out")
    assert said.startswith("study tiny: names no reference; a plan needs the claims")


def test_a_plan_is_replaced_as_long_as_nothing_has_run(at_home):
    first = json.loads(minidl("plan", "grid.yaml", "--out", "out", "--json").stdout)
    (at_home / "paper.yaml").write_text(PAPER.replace("4", "6"))
    second = json.loads(minidl("plan", "grid.yaml", "--out", "out", "--json").stdout)
    assert (first["planned_seeds"], second["planned_seeds"]) == (4, 6)
    run()
    assert told()["preregistered"]["digest"] == second["digest"] != first["digest"]


def test_runs_that_ended_before_the_plan_are_counted(at_home):
    """Such as imported ones."""
    minidl("plan", "grid.yaml", "--out", "out")
    run()
    with closing(sqlite3.connect(at_home / "out" / "study.sqlite")) as store, store:
        store.execute("UPDATE run SET finished_at = '2001-01-01T00:00:00+00:00' WHERE seed = 0")
    found = told()
    assert found["preregistered"]["before_first_run"] is False
    page = to_markdown(judge(at_home / "out"))
    assert "when 2 runs had ended already" in page
    assert "Planned before" not in page


def test_a_digest_of_something_else_is_refused(at_home):
    minidl("plan", "grid.yaml", "--out", "out")
    with closing(sqlite3.connect(at_home / "out" / "study.sqlite")) as store, store:
        store.execute("UPDATE preregistration SET seeds = 2")
    said = minidl("verdicts", "out", code=2).stderr
    assert "the digest of what was planned is that of something else" in said
