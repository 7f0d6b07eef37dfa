"""Kills, interrupts and poison, all of them real: nothing is lost, repeated or left behind."""

from __future__ import annotations

import os
import pty
import random
import re
import select
import signal
import termios
import time
from pathlib import Path

import pytest
from driving import (
    MANY_STACKS,
    PATIENCE,
    POISON,
    TINY,
    Driver,
    contents,
    driver,
    minidl,
    stored,
    wait_until,
    write,
)

from minidl.study.grid import expand
from minidl.study.run import run_study
from minidl.study.spec import load_study, parse_study
from minidl.study.workers import ProcessWorker

KILLED = "its worker process was killed by signal 9"


def run(grid: object, out: Path, *more: object, jobs: int = 2) -> tuple[object, ...]:
    """Return the words of a command that runs a study."""
    return ("run", "--grid", grid, "--out", out, "--jobs", jobs, "--no-figures", *more)


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> tuple[Path, dict]:
    """A grid file, and what its study gives undisturbed, trained in this process."""
    folder = tmp_path_factory.mktemp("many")
    grid, study = write(folder, MANY_STACKS), parse_study(MANY_STACKS, "many")
    run_study(study, expand(study), folder / "out")
    undisturbed = contents(folder / "out")
    assert len(undisturbed) == 32
    return grid, undisturbed


def kill_sweep(grid: object, out: Path, expected: dict, kills: int, seed: int, *more: object):
    """Kill the whole group after random times, then let the study finish."""
    pause = random.Random(seed)
    for _ in range(kills):
        with driver(*run(grid, out, *more)) as running:
            wait_until(lambda: running.workers() or running.process.poll() is not None, "it works")
            time.sleep(pause.uniform(0, 5))
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


def test_killed_with_all_its_processes_again_and_again(many, tmp_path):
    grid, undisturbed = many
    kill_sweep(grid, tmp_path / "out", undisturbed, 3, 1)


@pytest.mark.soak
def test_killed_twenty_times(tmp_path):
    changes = ["data.train=200", "data.test=100"]
    study = load_study("smoke", changes=changes)
    run_study(study, expand(study), tmp_path / "undisturbed")
    expected = contents(tmp_path / "undisturbed")
    assert len(expected) == 36
    smaller = [word for change in changes for word in ("--set", change)]
    kill_sweep("smoke", tmp_path / "out", expected, 20, 2, *smaller)


def test_killed_alone_leaves_no_orphans_and_no_lock(many, tmp_path):
    grid, undisturbed = many
    command = run(grid, tmp_path)
    with driver(*command) as running:
        running.wait_for_workers(2)
        wait_until(lambda: stored(tmp_path) >= 4, "some runs are stored")
        running.kill_alone()
        running.wait_till_gone()
    before = len(contents(tmp_path))
    assert 4 <= before < len(undisturbed)
    with driver(*command) as again:
        _, err = again.end()
    assert f"trained {len(undisturbed) - before} runs" in err
    assert contents(tmp_path) == undisturbed


def test_killed_alone_ends_workers_that_start_into_hours_of_training(many, tmp_path):
    with driver(*run(many[0], tmp_path, "--set", "epochs=1000000")) as running:
        running.wait_for_workers(2)
        running.kill_alone()
        running.wait_till_gone()


def interrupted(running: Driver) -> str:
    """Press Ctrl-C, and return what the driver says; nothing of it may stay."""
    running.interrupt()
    start = time.monotonic()
    _, err = running.end(130)
    print(f"ended after {time.monotonic() - start:.2f} s")
    running.wait_till_gone()
    return err


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(many, tmp_path):
    grid, undisturbed = many
    with driver(*run(grid, tmp_path)) as running:
        wait_until(lambda: stored(tmp_path) >= 4, "some runs are stored")
        err = interrupted(running)
    assert "interrupted" in err
    assert "the same command goes on" in err
    found = contents(tmp_path)
    assert 4 <= len(found) < len(undisturbed)
    assert found.items() <= undisturbed.items()


def test_ctrl_c_while_the_workers_start(many, tmp_path):
    """Their stack must not be trained first: it would take an hour."""
    with driver(*run(many[0], tmp_path, "--set", "epochs=1000000")) as running:
        running.wait_for_workers(1)
        assert "interrupted" in interrupted(running)
    assert contents(tmp_path) == {}


def test_live_display_and_ctrl_c_on_a_terminal(many, tmp_path):
    """The key itself is pressed: the terminal sends the signal to every process in front of it."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(ours, (30, 200))
    seen = b""

    def shows(*words: bytes) -> bool:
        nonlocal seen
        if select.select([ours], [], [], 0)[0]:
            seen += os.read(ours, 100_000)
        return all(word in seen for word in words)

    with driver(*run(many[0], tmp_path), terminal=theirs) as running:
        expected = b"of 32 runs done", b"epochs per second", b"2 networks", b"of 20", b"best so far"
        wait_until(lambda: shows(*expected), f"the display shows {expected}")
        os.write(ours, b"\x03")
        wait_until(lambda: running.process.poll() is not None or shows(), "it ends")
        wait_until(lambda: shows(b"the same command goes on"), "it says how to go on")
        running.wait_till_gone()
        assert running.process.wait() == 130
    os.close(ours)
    os.close(theirs)
    assert b"Traceback" not in seen
    assert contents(tmp_path).items() <= many[1].items()


def test_lines_where_there_is_no_terminal_and_none_when_quiet(many, tmp_path):
    with driver(*run(many[0], tmp_path, "--set", "epochs=1000000")) as running:
        assert running.process.stderr is not None
        line = running.process.stderr.readline()
        running.kill_group()
    assert re.fullmatch(r"\d+ of 32 runs done, [\d,]+ network epochs per second, .* left\n", line)
    quiet = minidl(*run(write(tmp_path, TINY), tmp_path, "--quiet", jobs=1))
    assert quiet.stderr == f"trained 16 runs (16 done); 0 were there already; all in {tmp_path}\n"


@pytest.mark.soak
def test_ctrl_c_at_any_time(many, tmp_path):
    pause = random.Random(3)
    for trial in range(20):
        out = tmp_path / str(trial)
        with driver(*run(many[0], out, jobs=3)) as running:
            wait_until(lambda out=out: (out / "study.sqlite").exists(), "it has begun")
            time.sleep(pause.uniform(0, 3))
            interrupted(running)
        assert contents(out).items() <= many[1].items()


def test_one_worker_killed_while_the_rest_goes_on(many, tmp_path):
    grid, undisturbed = many
    with driver(*run(grid, tmp_path)) as running:
        wait_until(lambda: stored(tmp_path) >= 4, "some runs are stored")
        os.kill(random.Random(4).choice(running.workers()), signal.SIGKILL)
        _, err = running.end()
        running.wait_till_gone()
    assert "trained 32 runs (32 done)" in err
    assert contents(tmp_path) == undisturbed


@pytest.mark.soak
def test_workers_killed_at_any_time(many, tmp_path):
    """A run whose worker was killed three times is recorded as failed, and tried again later."""
    dice = random.Random(5)
    with driver(*run(many[0], tmp_path, jobs=3)) as running:
        for _ in range(12):
            time.sleep(dice.uniform(0, 4))
            if workers := running.workers():
                os.kill(dice.choice(workers), signal.SIGKILL)
        assert running.process.wait(PATIENCE) in (0, 1)
        running.wait_till_gone()
    assert {row[3] for row in contents(tmp_path).values()} <= {None, KILLED}
    with driver(*run(many[0], tmp_path)) as again:
        again.end()
    assert contents(tmp_path) == many[1]


def test_workers_killed_while_they_hand_over_their_results(tmp_path):
    """The driver stands still, so that the results fill the pipe and the workers wait in it."""
    wide = TINY.replace("hidden: [5]", "hidden: [200, 200]").replace("epochs: 4", "epochs: 10")
    grid = write(tmp_path, wide)
    study = load_study(str(grid))
    run_study(study, expand(study), tmp_path / "alone")
    with driver(*run(grid, tmp_path / "out")) as running:
        workers = running.wait_for_workers(2)
        wait_until(lambda: all(processor_seconds(pid) > 0.5 for pid in workers), "they import")
        running.process.send_signal(signal.SIGSTOP)
        wait_until(lambda: all(map(idle, workers)), "both workers wait")
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        running.process.send_signal(signal.SIGCONT)
        running.end()
    assert contents(tmp_path / "out") == contents(tmp_path / "alone")


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle(pid: int) -> bool:
    before = processor_seconds(pid)
    time.sleep(1)
    return processor_seconds(pid) == before


def test_a_worker_that_died_idle_is_replaced():
    runs = expand(parse_study(TINY, "tiny"))[:2]
    worker = ProcessWorker()
    try:
        first = worker.submit(runs).result(PATIENCE)
        assert worker.process is not None
        worker.process.kill()
        worker.process.join()
        again = worker.submit(runs).result(PATIENCE)
    finally:
        worker.close()
    assert [result.weights for result in again] == [result.weights for result in first]


def test_poisoned_runs_fail_alone(tmp_path):
    poisoned = TINY.replace("[tanh, relu]", "[tanh, exits, raises, fills_nan]")
    grid = write(tmp_path, poisoned.replace("[mse, bce]", "[mse]").replace("seeds: 2", "seeds: 1"))
    command = run(grid, tmp_path / "out", "--only", "optimizer=sgd")
    with driver(*command, program=POISON) as running:
        out, err = running.end(1)
    assert "trained 4 runs (1 done, 1 diverged, 2 failed)" in err
    by_activation = {
        row[0].split('"activation": {"name": "')[1].split('"')[0]: row[1:]
        for row in contents(tmp_path / "out").values()
    }
    assert by_activation["tanh"][1:4] == ("done", None, None)
    assert by_activation["exits"][1] == "failed"
    assert by_activation["exits"][2] == "its worker process ended with exit code 7"
    assert by_activation["raises"][1:3] == ("failed", "PoisonError: poison broke in step 1")
    assert by_activation["fills_nan"][1:4] == ("diverged", None, 3)
    assert "1, 1 diverged" in out


def test_two_drivers_and_readers(many, tmp_path):
    grid = many[0]
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
    assert contents(tmp_path) == many[1]
