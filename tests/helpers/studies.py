"""Small studies, how they are trained and run in this process, and what their stores then hold."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from typer.testing import CliRunner, Result

from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.run import run_study
from minidl_cli.app import app

SCORES = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
TINY = """
name: tiny
data: {name: disk, train: 40, test: 40}
model: {hidden: [5]}
epochs: 4
evaluate_every: 2
seeds: 2
grid:
  activation: [tanh, relu]
  loss: [mse, bce]
  optimizer:
    - {name: sgd, lr: 0.2}
    - {name: adam, lr: 0.01}
"""

# Eight shapes, so sixteen stacks for two jobs: something is stored every tenth of a second or so.
MANY_STACKS = """
name: many
data: {name: disk, train: 200, test: 50}
epochs: 20
evaluate_every: 10
seeds: 2
grid:
  activation: [tanh, relu]
  optimizer:
    - {name: sgd, lr: 0.2}
    - {name: adam, lr: 0.01}
  model.hidden: [[6], [7], [8], [9]]
"""

# The same, but two of its stacks never end: with three jobs one is left for the others, and however
# slow or quick the machine is, the study is still running when it is killed.
ENDLESS = f"""{MANY_STACKS}
overrides:
  - when: {{activation: tanh, optimizer: sgd, model.hidden: [9]}}
    set: {{epochs: 1000000}}
"""


def write(folder: Path, study: str) -> Path:
    """Write a grid file and return its path."""
    path = folder / "grid.yaml"
    path.write_text(study)
    return path


def train(study: str, folder: Path, jobs: int = 1) -> Path:
    """Train a whole study and return its folder."""
    spec = parse_study(study, "study")
    run_study(spec, expand(spec), folder, jobs=jobs)
    return folder


@cache
def undisturbed(study: str) -> dict[str, tuple[Any, ...]]:
    """Return what a study's store holds when nothing disturbs it: trained in this process."""
    with TemporaryDirectory() as folder:
        return contents(train(study, Path(folder)))


def minidl(*arguments: object, code: int | None = 0) -> Result:
    """Run a command in this process, and hold its exit code against what is expected.

    With no code, it may end as it likes, but without a traceback. What it refuses, it refuses in
    one line.
    """
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code in ((0, 1, 2) if code is None else (code,)), done.output
    assert done.exit_code != 2 or re.fullmatch("minidl: .*\n", done.stderr), done.stderr
    return done


def contents(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Return what a store holds of each run, but for the time and the place it was made.

    The store is given by its folder or by its file.
    """
    file = folder if folder.is_file() else folder / "study.sqlite"
    with closing(sqlite3.connect(file)) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
        curves: dict[str, list[tuple[Any, ...]]] = {}
        for run_id, *point in store.execute(
            "SELECT id, epoch, name, value FROM curve JOIN run ON run.number = run "
            "JOIN metric ON metric.number = metric ORDER BY id, epoch, metric"
        ):
            curves.setdefault(run_id, []).append(tuple(point))
        weights = dict(store.execute("SELECT * FROM weights"))
        rows = store.execute(
            "SELECT id, settings, seed, status, error, diverged_at, last_epoch FROM run"
        ).fetchall()
    assert set(curves) | set(weights) <= {row[0] for row in rows}
    return {row[0]: (*row[1:], curves.get(row[0]), weights.get(row[0])) for row in rows}


def stored(folder: Path) -> int:
    """Return how many runs are in a store, 0 while there is none."""
    try:
        with closing(sqlite3.connect(f"file:{folder}/study.sqlite?mode=ro", uri=True)) as store:
            return store.execute("SELECT count(*) FROM run").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def part(folder: Path, text: str, *only: str) -> Path:
    """Make a store with some of a study's runs."""
    folder.mkdir()
    words = [word for setting in only for word in ("--only", setting)]
    grid = write(folder, text)
    minidl("run", "--grid", grid, "--out", folder, "--jobs", 1, "--no-figures", *words)
    return folder


def change(folder: Path, statement: str) -> None:
    """Change a store behind minidl's back."""
    with closing(sqlite3.connect(folder / "study.sqlite")) as store, store:
        store.execute("PRAGMA foreign_keys = ON")
        store.execute(statement)


def set_score(folder: Path, run_id: str, name: str, value: str) -> None:
    """Change the last value of a run's score in a store."""
    change(
        folder,
        f"UPDATE curve SET value = {value} WHERE metric = "
        f"(SELECT number FROM metric WHERE name = '{name}') AND (run, epoch) = "
        f"(SELECT number, last_epoch FROM run WHERE id = '{run_id}')",
    )


def fail(folder: Path, run_id: str) -> None:
    """Make a run in a store a failed one."""
    change(folder, f"DELETE FROM curve WHERE run = (SELECT number FROM run WHERE id = '{run_id}')")
    for table in ("weights", "snapshot"):
        change(folder, f"DELETE FROM {table} WHERE run_id = '{run_id}'")
    change(
        folder,
        f"UPDATE run SET status = 'failed', error = 'no', last_epoch = NULL WHERE id = '{run_id}'",
    )


def everything_reads(folder: Path, code: int) -> str:
    """Run every command that reads a store of TINY; return all that they say on stderr."""
    run_id, other = list(undisturbed(TINY))[:2]
    commands = [
        ("status", folder),
        ("tables", folder),
        ("export", folder, "--curves"),
        ("show", folder, run_id),
        ("predict", folder, run_id),
        ("diff", f"{folder}/{run_id}", other),
        ("export", folder, "--weights", run_id, "--out", folder / "weights.safetensors"),
    ]
    return "".join(minidl(*command, code=code).stderr for command in commands)
