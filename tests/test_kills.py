"""Killed at any time, with all its processes or alone: nothing is lost, repeated or left behind."""

from __future__ import annotations

import re

from helpers.driving import driver, run, wait_until
from helpers.studies import ENDLESS, MANY_STACKS, contents, minidl, stored, undisturbed, write
from helpers.sweep import killed, sweep


def test_killed_with_all_its_processes_again_and_again(tmp_path):
    grid, expected = write(tmp_path, MANY_STACKS), undisturbed(MANY_STACKS)
    sweep(grid, tmp_path / "out", expected, 3, killed)


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
