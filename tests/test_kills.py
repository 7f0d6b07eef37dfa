"""Killed at any time, with all its processes or alone: nothing is lost, repeated or left behind."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest
from helpers.driving import driver, run, wait_until
from helpers.studies import ENDLESS, MANY_STACKS, contents, minidl, stored, undisturbed, write

from minidl.study.grid.expand import expand
from minidl.study.grid.load import load_study
from minidl.study.run import run_study


def kill_sweep(grid: object, out: Path, expected: dict, kills: int, seed: int, *more: object):
    """Kill the whole group after random times, then let the study finish."""
    pause = random.Random(seed)
    for _ in range(kills):
        with driver(*run(grid, out, *more)) as running:
            wait_until(lambda: running.workers() or running.process.poll() is not None, "it works")
            time.sleep(pause.uniform(0, 3.5))
            running.kill_group()
            running.wait_till_gone()
        if (out / "study.sqlite").exists():
            found = contents(out)
            assert found.items() <= expected.items()
            if len(found) == len(expected):
                out = out.with_name(f"{out.name}+")
    with driver(*run(grid, out, *more)) as last:
        last.end()
        last.wait_till_gone()
    assert contents(out) == expected


def test_killed_with_all_its_processes_again_and_again(tmp_path):
    grid, expected = write(tmp_path, MANY_STACKS), undisturbed(MANY_STACKS)
    kill_sweep(grid, tmp_path / "out", expected, 3, 1)


@pytest.mark.soak
def test_killed_twenty_times(tmp_path):
    changes = ["data.train=200", "data.test=100"]
    study = load_study("smoke", changes=changes)
    run_study(study, expand(study), tmp_path / "undisturbed")
    expected = contents(tmp_path / "undisturbed")
    assert len(expected) == 36
    smaller = [word for change in changes for word in ("--set", change)]
    kill_sweep("smoke", tmp_path / "out", expected, 20, 2, *smaller)


def test_killed_alone_leaves_no_orphans_and_no_lock(tmp_path):
    expected = undisturbed(MANY_STACKS)
    with driver(*run(write(tmp_path, ENDLESS), tmp_path, jobs=3)) as running:
        running.wait_for_workers(3)
        wait_until(lambda: stored(tmp_path) >= 4, "some runs are stored")
        running.kill_alone()
        running.wait_till_gone()
    before = len(contents(tmp_path))
    assert 4 <= before < len(expected)
    with driver(*run(write(tmp_path, MANY_STACKS), tmp_path)) as again:
        _, err = again.end()
    assert f"trained {len(expected) - before} runs" in err
    assert contents(tmp_path) == expected


def test_killed_alone_ends_workers_that_start_into_hours_of_training(tmp_path):
    with driver(*run(write(tmp_path, MANY_STACKS), tmp_path, "--set", "epochs=1000000")) as running:
        running.wait_for_workers(2)
        running.kill_alone()
        running.wait_till_gone()


def test_two_drivers_and_readers(tmp_path):
    grid = write(tmp_path, MANY_STACKS)
    with driver(*run(grid, tmp_path)) as first:
        wait_until(lambda: stored(tmp_path) >= 2, "some runs are stored")
        second = minidl(*run(grid, tmp_path), code=2)
        assert f"process {first.process.pid} on " in second.stderr
        assert "missing" in minidl("status", tmp_path).stdout
        rows = minidl("export", tmp_path).stdout.splitlines()
        assert len(rows) > 2
        assert "tanh" in minidl("show", tmp_path, rows[1].split(",")[0]).stdout
        minidl("tables", tmp_path)
        first.end()
    assert contents(tmp_path) == undisturbed(MANY_STACKS)


def test_status_says_who_trains_and_how_far_it_is(tmp_path):
    with driver(*run(write(tmp_path, ENDLESS), tmp_path, jobs=3)) as running:
        wait_until(lambda: stored(tmp_path) >= 4, "some runs are stored")
        said = minidl("status", tmp_path).stdout
        found = re.search(r"process (\d+) on \S+ is at work; (\d+)% is stored", said)
        assert found is not None, said
        assert int(found[1]) == running.process.pid
        assert 12 <= int(found[2]) < 100
        far = (
            r"\d+ networks? in training, \d+% through, \d+% of all its epochs, .*told at [\d:]+ UTC"
        )
        wait_until(lambda: re.search(far, minidl("status", tmp_path).stdout), "it says how far")
        running.kill_group()
    assert "is at work" not in minidl("status", tmp_path).stdout
