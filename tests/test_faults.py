"""Workers that are killed, and components that go wrong: only the run to blame fails."""

from __future__ import annotations

import math
import os
import random
import resource
import signal
import time
from concurrent.futures import Future
from pathlib import Path

import pytest
from helpers.driving import PATIENCE, driver, run, wait_until
from helpers.studies import MANY_STACKS, TINY, contents, stored, undisturbed, write

from minidl.study.errors import InputError
from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.jobs.executor import TrainingError
from minidl.study.jobs.in_process import InProcess
from minidl.study.jobs.processes import ProcessWorker
from minidl.study.jobs.progress import Progress
from minidl.study.run import run_study
from minidl.study.store.store import Store

POISON = Path(__file__).parent / "helpers" / "poison.py"
KILLED = "its worker process was killed by signal 9"


def test_one_worker_killed_while_the_rest_goes_on(tmp_path):
    grid, expected = write(tmp_path, MANY_STACKS), undisturbed(MANY_STACKS)
    with driver(*run(grid, tmp_path)) as running:
        wait_until(lambda: stored(tmp_path) >= 4, "some runs are stored")
        os.kill(random.Random(4).choice(running.workers()), signal.SIGKILL)
        _, err = running.end()
        running.wait_till_gone()
    assert "trained 32 runs (32 done)" in err
    assert contents(tmp_path) == expected


def test_workers_killed_while_they_hand_over_their_results(tmp_path):
    """The driver stands still, so that the results fill the pipe and the workers wait in it."""
    wide = TINY.replace("hidden: [5]", "hidden: [200, 200]").replace("epochs: 4", "epochs: 40")
    grid = write(tmp_path, wide)
    with driver(*run(grid, tmp_path / "out")) as running:
        workers = running.wait_for_workers(2)
        wait_until(lambda: all(processor_seconds(pid) > 0.1 for pid in workers), "they train")
        running.process.send_signal(signal.SIGSTOP)
        wait_until(lambda: all(map(idle, workers)), "both workers wait")
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        running.process.send_signal(signal.SIGCONT)
        running.end()
    assert contents(tmp_path / "out") == undisturbed(wide)


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


def test_a_system_that_allows_no_more_processes_is_a_clear_message():
    worker = ProcessWorker()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        with pytest.raises(
            InputError, match="--jobs: no more processes can be started: Too many open"
        ):
            worker.submit(expand(parse_study(TINY, "tiny")))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        worker.close()


def test_workers_that_cannot_start_are_the_systems_failure(tmp_path):
    """Whatever ends them, no run is to blame: it is said once, and none is recorded."""
    program = tmp_path / "program.py"
    program.write_text(
        "import os\n"
        "if __name__ == '__mp_main__':  # a worker imports it too\n    os._exit(9)\n"
        "from minidl_cli.main import main\n"
        "main()\n"
    )
    with driver(*run(write(tmp_path, TINY), tmp_path / "out", "-q"), program=program) as running:
        _, err = running.end(2)
        running.wait_till_gone()
    assert err == (
        "minidl: --jobs: no worker can start: its worker process ended with exit code 9 before it "
        "trained anything, 3 times in a row; --jobs 1 trains without workers\n"
    )
    assert contents(tmp_path / "out") == {}


def test_progress_knows_the_epoch_and_each_runs_latest_score():
    progress = Progress()
    progress.reset(3)
    assert progress.epoch == 0
    assert all(map(math.isnan, progress.scores(3)))
    progress.epoch = 7
    progress.set_scores([1.0, math.nan, 3.0])
    assert (progress.epoch, progress.scores(3)[::2]) == (7, [1.0, 3.0])


def test_poisoned_runs_fail_alone(tmp_path):
    poisoned = TINY.replace("[tanh, relu]", "[tanh, exits, raises, mumbles, fills_nan]")
    grid = write(tmp_path, poisoned.replace("[mse, bce]", "[mse]").replace("seeds: 2", "seeds: 1"))
    command = run(grid, tmp_path / "out", "--only", "optimizer=sgd")
    with driver(*command, program=POISON) as running:
        out, err = running.end(1)
    assert "trained 5 runs (1 done, 1 diverged, 3 failed)" in err
    by_activation = {
        row[0].split('"activation": {"name": "')[1].split('"')[0]: row[1:]
        for row in contents(tmp_path / "out").values()
    }
    assert by_activation["tanh"][1:4] == ("done", None, None)
    assert by_activation["exits"][1] == "failed"
    assert by_activation["exits"][2] == "its worker process ended with exit code 7"
    assert by_activation["raises"][1:3] == ("failed", "PoisonError: poison broke in step 1")
    status, error = by_activation["mumbles"][1:3]
    assert (status, error[:25]) == ("failed", r"ValueError: half \udcffxx")
    assert len(error) < 400
    assert by_activation["fills_nan"][1:4] == ("diverged", None, 3)
    assert "1, 1 diverged" in out


@pytest.mark.parametrize("text", ["half \udcff", "x" * 200_000, "\x1b[2J", "\U0001d7d9" * 200_000])
def test_whatever_a_worker_says_of_a_failure_is_stored(text, tmp_path):
    study = parse_study(TINY.replace("seeds: 2", "seeds: 1"), "tiny")
    run = expand(study)[0]

    class Mumbling(InProcess):
        def submit(self, runs, tick):
            del runs, tick
            future: Future = Future()
            future.set_exception(TrainingError(text))
            return future

    run_study(study, [run], tmp_path, executor=Mumbling())
    with Store(tmp_path) as store:
        record = store.records()[run.id]
    assert record.status == "failed"
    assert (record.error or "\n").isprintable()
