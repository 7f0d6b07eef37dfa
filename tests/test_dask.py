"""Studies on a Dask cluster: a real scheduler and real workers, which come, go and are killed."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import socket
import sqlite3
import struct
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import msgpack
import pytest
from helpers.cluster import Cluster, cluster
from helpers.driving import driver, run, wait_until
from helpers.studies import ENDLESS, MANY_STACKS, TINY, contents, minidl, stored, undisturbed, write

from minidl.study.errors import InputError
from minidl.study.grid.component_files import ComponentFile, forget
from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.jobs import alike
from minidl.study.jobs.attempt import attempt
from minidl.study.jobs.dask import Dask, dask_cluster
from minidl.study.jobs.dask_submission import Submission
from minidl.study.jobs.executor import TrainingError
from minidl.study.jobs.in_process import InProcess
from minidl.study.jobs.messages import Stack, pack, unpack
from minidl.study.jobs.progress import Progress
from minidl.study.run import run_study
from minidl.study.store.store import Store

PARTS = Path(__file__).parents[1] / "docs" / "my_parts.py"
OWN = """
name: own
components: [my_parts.py]
data: {name: stripes, train: 40, test: 40}
model: {hidden: [5]}
epochs: 4
evaluate_every: 2
seeds: 2
grid:
  activation: [tanh, bent]
  optimizer: [sgd, {name: sign, lr: 0.01}]
"""
# One of its two activations kills the worker that computes with it.
DEADLY = """
import os
import signal
from minidl import Tanh, register

@register("activation", "deadly")
class Deadly(Tanh):
    def forward(self, x):
        if "DEADLY" in os.environ:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().forward(x)
"""
DEADLY_STUDY = """
name: deadly
components: [deadly.py]
data: {name: disk, train: 20, test: 20}
model: {hidden: [4]}
epochs: 2
evaluate_every: 2
seeds: 1
grid: {activation: [tanh, deadly]}
"""

# Python runs this when it starts.
DEAD_AT_START = """
import os, sys
if any("spawn_main" in word for word in sys.orig_argv):
    try:
        os.mkdir(os.environ["FIRST"])
    except FileExistsError:
        os._exit(1)
"""
# In /proc/net/tcp: a state, and an address, as this computer orders bytes.
LISTENING, LOOPBACK = "0A", f"{struct.unpack('=I', socket.inet_aton('127.0.0.1'))[0]:08X}"

# One of its sixteen stacks never ends: with two workers one is left for the others.
ONE_ENDLESS = ENDLESS.replace("seeds: 2", "seeds: 1")
WHOLE = MANY_STACKS.replace("seeds: 2", "seeds: 1")


@pytest.fixture(scope="module", autouse=True)
def no_commit(tmp_path_factory) -> Iterator[None]:
    """Nobody knows minidl's commit: while the tests run, somebody may commit."""
    git = tmp_path_factory.mktemp("bin") / "git"
    git.write_text("#!/bin/sh\nexit 1\n")
    git.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{git.parent}{os.pathsep}{os.environ['PATH']}")
        yield


@pytest.fixture(scope="module")
def two(tmp_path_factory) -> Iterator[Cluster]:
    """A cluster with two workers, for the tests that leave them alive."""
    with cluster(tmp_path_factory.mktemp("cluster"), 2) as begun:
        yield begun


def study(address: str, grid: object, out: Path, *more: object) -> tuple[object, ...]:
    """Return the words of a command that runs a study on a cluster."""
    return run(grid, out, "--dask", address, "--no-report", *more)


def trained(address: str, grid: object, out: Path, *more: object, code: int = 0) -> str:
    """Run a study on a cluster to its end, and return what it says."""
    with driver(*study(address, grid, out, *more)) as running:
        err = running.end(code)[1]
        running.wait_till_gone()
    return err


def environments(folder: Path) -> list[dict]:
    """Return the environments of the runs in a store."""
    with closing(sqlite3.connect(folder / "study.sqlite")) as store:
        return [json.loads(row[0]) for row in store.execute("SELECT facts FROM environment")]


def test_the_bits_are_those_of_one_process(two, tmp_path):
    trained(two.address, write(tmp_path, WHOLE), tmp_path)
    assert contents(tmp_path) == undisturbed(WHOLE)
    (facts,) = environments(tmp_path)
    assert facts.keys() - alike.facts().keys() == {"host"}


def test_own_components_travel_and_two_studies_share_a_cluster(two, tmp_path):
    """Both name a component alike, and it is not the same one; each gets its own."""
    there, other = tmp_path / "there", tmp_path / "other"
    for folder, old, new in ((there, "", ""), (other, "x * ", "0.9 * x * ")):
        folder.mkdir()
        (folder / "my_parts.py").write_text(PARTS.read_text().replace(old, new))
        (folder / "grid.yaml").write_text(OWN)
        minidl(*run(folder / "grid.yaml", folder / "one", jobs=1))
        forget(str((folder / "my_parts.py").resolve()))
    words = [study(two.address, f / "grid.yaml", f / "out") for f in (there, other)]
    with driver(*words[0]) as first, driver(*words[1]) as second:
        first.end()
        second.end()
    found = [contents(folder / "out") for folder in (there, other)]
    assert found == [contents(folder / "one") for folder in (there, other)]
    assert len(found[0]) == 8


def test_ctrl_c_keeps_what_is_done_and_frees_the_workers(two, tmp_path):
    with driver(*study(two.address, write(tmp_path, ONE_ENDLESS), tmp_path)) as running:
        running.wait_for(lambda: stored(tmp_path) >= 2, "some runs are stored")
        running.interrupt()
        _, err = running.end(130)
        running.wait_till_gone()
    assert "the same command goes on" in err
    assert contents(tmp_path).items() <= undisturbed(WHOLE).items()
    trained(two.address, write(tmp_path, WHOLE), tmp_path)
    assert contents(tmp_path) == undisturbed(WHOLE)


def test_progress_comes_from_the_workers(two, tmp_path):
    endless = ("--set", "epochs=1000000")
    with driver(*study(two.address, write(tmp_path, WHOLE), tmp_path, *endless)) as running:
        assert running.process.stderr is not None
        line = running.process.stderr.readline()
        while not re.search("[1-9][0-9,]* network epochs", line):
            line = running.process.stderr.readline()
        wait_until(lambda: in_training(tmp_path)["epochs_done"], "status has it too")
        found = in_training(tmp_path)
        running.kill_group()
    assert "0 of 16 runs done" in line
    assert found["networks"] == sum(stack["networks"] for stack in found["stacks"])
    assert {stack["epochs"] for stack in found["stacks"]} == {1_000_000}
    assert 0 < found["epochs_done"] < found["epochs"] == 16 * 1_000_000


def in_training(folder: Path) -> dict:
    """Return what ``status`` says of the stacks in training."""
    return json.loads(minidl("status", folder, "--json").stdout)["training"]["progress"]


def test_a_worker_killed_in_mid_stack_one_that_joins_late_and_the_scheduler_gone(tmp_path):
    words = (write(tmp_path, ONE_ENDLESS), tmp_path)
    with (
        cluster(tmp_path / "cluster", 2) as begun,
        driver(*study(begun.address, *words)) as running,
    ):
        running.wait_for(lambda: stored(tmp_path) >= 2, "some runs are stored")
        begun.processes[1].kill()
        begun.add_worker()
        running.wait_for(lambda: stored(tmp_path) == 15, "all that end are stored")
        begun.scheduler.kill()
        _, err = running.end(2)
        running.wait_till_gone()
    *_, said = err.splitlines()
    assert said.startswith(f"minidl: --dask {begun.address}: the scheduler is gone")
    assert "the same command goes on" in said
    assert len(contents(tmp_path)) == 15
    minidl(*run(write(tmp_path, WHOLE), tmp_path, jobs=1))
    assert contents(tmp_path) == undisturbed(WHOLE)


def test_a_run_that_kills_three_workers_fails_alone(tmp_path):
    (tmp_path / "deadly.py").write_text(DEADLY)
    with Cluster(tmp_path / "cluster") as begun:
        for _ in range(6):  # those left train the other run
            begun.add_worker(DEADLY="1")
        begun.wait_for_workers(6)
        trained(begun.address, write(tmp_path, DEADLY_STUDY), tmp_path, code=1)
        # Dask gives a dead worker's stack to the next at once, and that may begin with it before
        # the command, which tries it again itself, has withdrawn it.
        assert [worker.poll() for worker in begun.processes].count(-signal.SIGKILL) in (3, 4, 5)
    found = contents(tmp_path)
    failed = [row for row in found.values() if row[2] == "failed"]
    assert len(found) == 2
    (row,) = failed
    assert "its worker tcp://127.0.0.1" in row[3]


def test_a_worker_that_is_unlike_is_refused_by_name_or_allowed(tmp_path):
    grid, here = write(tmp_path, TINY), alike.facts()["capability"]
    with Cluster(tmp_path / "cluster") as begun:
        begun.add_worker(ATEN_CPU_CAPABILITY="default")
        begun.wait_for_workers(1)
        err = trained(begun.address, grid, tmp_path / "no", code=2)
        assert f"capability DEFAULT there and {here} here" in err
        assert "--allow-mismatch" in err
        assert "worker tcp://127.0.0.1:" in err
        assert not (tmp_path / "no").exists()
        trained(begun.address, grid, tmp_path / "out", "--allow-mismatch")
        assert [facts["capability"] for facts in environments(tmp_path / "out")] == ["DEFAULT"]
        assert len(contents(tmp_path / "out")) == 16


def test_a_worker_that_joins_late_is_compared_too(tmp_path):
    with (
        Cluster(tmp_path / "cluster") as begun,
        driver(*study(begun.address, write(tmp_path, TINY), tmp_path / "out")) as running,
    ):
        running.wait_for((tmp_path / "out" / "study.sqlite").exists, "it waits for workers")
        begun.add_worker(ATEN_CPU_CAPABILITY="default")
        _, err = running.end(2)
    assert "capability DEFAULT there" in err
    assert contents(tmp_path / "out") == {}


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "nowhere", "ftp://a:1", "tls://127.0.0.1:1"]
)
def test_no_scheduler_is_one_line(tmp_path, address, monkeypatch):
    monkeypatch.setattr("minidl.study.jobs.dask.CONNECT_SECONDS", 0.5)
    done = minidl(*study(address, write(tmp_path, TINY), tmp_path / "out"), code=2)
    assert f"--dask {address}: no scheduler answers: " in done.stderr
    assert not (tmp_path / "out").exists()


def test_local_workers_that_cannot_start_are_one_line_and_none_is_left(tmp_path):
    """The first of two lives, the other dies while Python starts in it."""
    (tmp_path / "sitecustomize.py").write_text(DEAD_AT_START)
    path = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    words = study("local", write(tmp_path, TINY), tmp_path / "out")
    environment = {"PYTHONPATH": path, "FIRST": str(tmp_path / "first")}
    with driver(*words, environment=environment) as running:
        out, err = running.end(2)
        running.wait_till_gone()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(
        "minidl: --dask local: 2 workers cannot be started: Nanny failed to start"
    )
    assert (tmp_path / "first").exists()
    assert not (tmp_path / "out").exists()


def test_local_ports_are_open_to_this_computer_alone():
    before = listened(os.getpid())
    with dask_cluster("local", 2, allow_mismatch=True) as executor:
        workers: Any = executor.client.run(os.getpid)
        found = [listened(pid) for pid in (os.getpid(), *workers.values())]
    # those of the scheduler and of the two workers' nannies, and of each worker
    assert [len(own) for own in found] == [len(before) + 2 + 2, 2, 2]
    assert {address for own in found for address in own} == {LOOPBACK}


def listened(pid: int) -> list[str]:
    """Return the addresses at which a process listens, as Linux writes them."""
    own, found = set(), []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it has just been closed
            own.add(str(link.readlink()))
    for name in ("tcp", "tcp6"):
        table = Path(f"/proc/{pid}/net/{name}")
        for line in table.read_text().splitlines()[1:] if table.exists() else ():
            fields = line.split()
            if fields[3] == LISTENING and f"socket:[{fields[9]}]" in own:
                found.append(fields[1].partition(":")[0])
    return found


def test_a_thousand_cores_may_be_expected(two, tmp_path):
    trained(two.address, write(tmp_path, TINY), tmp_path / "out", "--jobs", 1000)


def test_allow_mismatch_alone_means_nothing(tmp_path):
    grid = write(tmp_path, TINY)
    done = minidl("run", "--grid", grid, "--out", tmp_path / "out", "--allow-mismatch", code=2)
    assert "--dask" in done.stderr


def stack_of(text: str) -> Stack:
    """Return a stack with all runs of a study, as it is sent."""
    file = ComponentFile("a.py", "/a.py", "x = 1\n")
    return Stack("key", expand(parse_study(text, "study")), [file], alike.facts(), False)


def test_a_stack_survives_the_way():
    sent = stack_of(TINY)
    got = Stack.from_bytes(sent.to_bytes())
    assert [run.id for run in got.runs] == [run.id for run in sent.runs]
    assert (got.key, got.files, got.facts) == (sent.key, sent.files, sent.facts)
    with pytest.raises(InputError, match=r"a\.py: its text has changed on the way"):
        Stack.from_bytes(sent.to_bytes().replace(b"x = 1", b"x = 2"))


def test_an_answer_is_taken_bit_for_bit_or_not_at_all():
    runs = expand(parse_study(TINY, "study"))[:2]
    results = attempt(runs, Progress())
    results[0].curve[0]["train_loss"] = float("nan")
    whole = pack({"host": "a"}, results)
    got = unpack(whole, runs)
    assert repr(got[0].curve) == repr(results[0].curve)
    assert [r.weights for r in got] == [r.weights for r in results]
    assert got[0].environment == {"host": "a"}
    text, weights = msgpack.unpackb(whole)
    for answer in (
        None,
        b"",
        b"\x80\x04.",
        whole[:-9],
        msgpack.packb([text, weights[:1]]),
        msgpack.packb([text, [None, None]]),
        msgpack.packb([text.replace('"done"', '"failed"'), weights]),
        msgpack.packb([text.replace(runs[0].id, runs[1].id), weights]),
        msgpack.packb([text.replace('"seconds"', '"second"'), weights]),
        msgpack.packb([text.replace("NaN", '"a"'), weights]),
        msgpack.packb(["[" * 100_000, weights]),
    ):
        with pytest.raises(TrainingError, match="no answer"):
            unpack(answer, runs)


def test_an_answer_that_no_store_takes_fails_its_run_alone(tmp_path):
    """A worker may say what it likes: the store stays one that can be read."""
    wrong = {
        "seconds": -1.0,
        "processor_seconds": float("inf"),
        "best_at": 10**12,
        "environment": {"host": "a" * 200_000},
        "curve": [{"epoch": 2.0, "test_accuracy": 101.0}],
    }
    study = parse_study(TINY, "study")
    runs = expand(study)[: len(wrong) + 1]
    lies = dict(zip((one.id for one in runs[1:]), wrong, strict=True))

    class Wrong(InProcess):
        def submit(self, runs, tick):
            future = super().submit(runs, tick)
            for result in future.result():
                if name := lies.get(result.id):
                    setattr(result, name, wrong[name])
            return future

    state = run_study(study, runs, tmp_path, executor=Wrong())
    assert state.finished.statuses == {"done": 1, "failed": len(wrong)}
    with Store(tmp_path) as store:
        store.check()
        errors = store.errors()
    assert errors.pop(runs[0].id) is None
    for one, name in lies.items():
        column = {"environment": "facts", "curve": "value"}.get(name, name)
        assert re.match(f"cannot be stored: .*: {column} must be ", errors[one] or "")


def test_errors_keep_their_kind():
    for error in (TrainingError("a"), InputError("b"), alike.UnlikeError("c")):
        with pytest.raises(type(error), match=str(error)):
            unpack(pack({}, [], error), [])


def test_what_differs_is_said_and_a_commit_counts_where_both_have_one():
    here = alike.facts()
    assert alike.difference(here, here) is None
    assert alike.difference({**here, "commit": "a"}, {**here, "commit": None}) is None
    assert alike.difference({**here, "commit": "a"}, {**here, "commit": "a-dirty"}) is None
    said = alike.difference({**here, "commit": "a"}, {**here, "commit": "b", "torch": "1.0"})
    assert said == f"minidl of commit b there and a here, torch 1.0 there and {here['torch']} here"


def test_a_slow_scheduler_and_a_full_disk_cost_nothing_but_time(tmp_path):
    """A worker writes no file; one whose disk is full trains as well as any other."""
    grid, out = write(tmp_path, WHOLE), tmp_path / "out"
    with Cluster(tmp_path / "cluster") as begun:
        full = begun.add_worker()
        begun.wait_for_workers(1)
        resource.prlimit(full.pid, resource.RLIMIT_FSIZE, (0, 0))
        with driver(*study(begun.address, grid, out)) as running:
            for enough in (1, 5):
                running.wait_for(lambda enough=enough: stored(out) >= enough, "some are stored")
                begun.scheduler.send_signal(signal.SIGSTOP)
                time.sleep(1.5)
                begun.scheduler.send_signal(signal.SIGCONT)
            running.end()
        assert full.poll() is None
    assert contents(out) == undisturbed(WHOLE)


def test_a_study_whose_folder_is_renamed_ends_in_a_line_and_loses_nothing(two, tmp_path):
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    with driver(*study(two.address, write(tmp_path, ONE_ENDLESS), out)) as running:
        running.wait_for(lambda: stored(out) >= 2, "some runs are stored")
        before = contents(out)
        out.rename(elsewhere)
        _, err = running.end(2)
        running.wait_till_gone()
    assert "was moved or removed while it was in use" in err.splitlines()[-1]
    assert not out.exists()
    assert before.items() <= contents(elsewhere).items() <= undisturbed(WHOLE).items()
    trained(two.address, write(tmp_path, WHOLE), elsewhere)
    assert contents(elsewhere) == undisturbed(WHOLE)


def test_a_driver_killed_while_workers_hold_results(two, tmp_path):
    """The workers forget what nobody waits for, and train for whoever comes next."""
    grid, out = write(tmp_path, WHOLE), tmp_path / "out"
    with driver(*study(two.address, grid, out)) as running:
        running.wait_for(lambda: stored(out) >= 1, "some runs are stored")
        running.kill_alone()
        running.wait_till_gone()
    assert contents(out).items() <= undisturbed(WHOLE).items()
    trained(two.address, grid, out)
    assert contents(out) == undisturbed(WHOLE)


class Answer:
    """What stands for an answer in a client that is closed: asking for it never ends."""

    def __init__(self, key: str):
        self.key = key

    def add_done_callback(self, call) -> None:
        self.call = call

    def release(self) -> None:
        self.call(self)

    def result(self) -> None:
        raise AssertionError("it is waited for")


class NoClient:
    closed = False

    def close(self, _seconds: float) -> None:
        self.closed = True

    def subscribe_topic(self, *_: object) -> None:
        pass

    def submit(self, _train: object, _stack: bytes, key: str, **_: object) -> Answer:
        return Answer(key)


def test_an_answer_that_nobody_waits_for_any_more_is_not_asked_for():
    """Ctrl-C: releasing an answer calls back, in a thread that outlives the client."""
    executor = Dask("nowhere", NoClient(), None)  # type: ignore[arg-type]  # it stands for one
    sent = Submission(executor, expand(parse_study(TINY, "study"))[:2], Progress())
    future = sent.send()
    executor.close()
    assert executor.flying == {}
    assert not future.done()


def test_ctrl_c_while_a_stack_is_being_sent_closes_the_client():
    class Interrupted(NoClient):
        def submit(self, *_: object, **__: object) -> Answer:
            raise KeyboardInterrupt

    client = Interrupted()
    executor = Dask("nowhere", client, None)  # type: ignore[arg-type]  # it stands for one
    with pytest.raises(KeyboardInterrupt):
        Submission(executor, expand(parse_study(TINY, "study"))[:2], Progress()).send()
    executor.close()
    assert client.closed
