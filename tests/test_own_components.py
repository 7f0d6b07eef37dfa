"""Components of one's own: a file of twenty lines does it; reading a store never runs that file."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.driving import MINIDL
from helpers.in_process import fits, minidl, refused
from helpers.studies import contents

from minidl.registry import KINDS
from minidl.study.grid.component_files import LOADED, forget, load_components
from minidl.study.grid.expand import expand
from minidl.study.grid.load import load_study

PARTS = Path(__file__).parents[1] / "docs" / "my_parts.py"
STUDY = """
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
CANARY = "import pathlib; pathlib.Path({path!r}).open('a').write('run')\n"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    for path in list(LOADED):
        forget(path)


def write(folder: Path, more: str = "", study: str = STUDY) -> Path:
    """Write a study and its file of components."""
    folder.mkdir(exist_ok=True)
    (folder / "my_parts.py").write_text(PARTS.read_text() + more)
    (folder / "grid.yaml").write_text(study)
    return folder / "grid.yaml"


def command(*words: object, code: int = 0, **options) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    done = subprocess.run(
        [MINIDL, *map(str, words)], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """The folder of the study, trained by two workers, from another folder than the file's."""
    folder = tmp_path_factory.mktemp("own")
    grid = write(folder / "there", "print('this is no data')\n")
    command(
        *("run", "--grid", grid, "--out", folder / "out", "--jobs", 2, "--no-figures"),
        cwd=tmp_path_factory.mktemp("elsewhere"),
    )
    return folder / "out"


def test_workers_know_them_and_the_numbers_are_those_of_one_process(trained):
    grid = write(Path("there"))
    minidl("run", "--grid", str(grid), "--out", "out", "--jobs", "1", "--no-figures")
    assert contents(trained) == contents(Path("out"))
    assert len(contents(trained)) == 8


def test_the_hash_of_the_file_stands_beside_the_runs_that_use_it(trained):
    grid = write(Path("there"))
    sha = hashlib.sha256(PARTS.read_bytes() + b"print('this is no data')\n").hexdigest()
    plain = load_study(str(grid), changes=["data=disk"])
    for study, used in ((load_study(str(grid)), True), (plain, False)):
        out = f"out-{used}"
        words = ("--out", out, "--jobs", "1", "--no-figures", "--only", "activation=tanh")
        change = () if used else ("--set", "data={name: disk, train: 9, test: 9}")
        minidl(*("run", "--grid", str(grid), *words, "--only", "optimizer=sgd", *change))
        (run_id, *_) = contents(Path(out))
        shown = json.loads(minidl("show", out, run_id, "--json").stdout)
        recorded = shown["environment"].get("components")
        assert recorded == ({"my_parts.py": file_hash(grid.parent)} if used else None)
        assert study.components == [str((grid.parent / "my_parts.py").resolve())]
    (run_id, *_) = contents(trained)
    shown = json.loads(minidl("show", str(trained), run_id, "--json").stdout)
    assert shown["environment"]["components"] == {"my_parts.py": sha}


def file_hash(folder: Path) -> str:
    return hashlib.sha256((folder / "my_parts.py").read_bytes()).hexdigest()


def test_a_study_goes_on_and_says_when_the_file_was_another_one(trained):
    shutil.copytree(trained, "out")
    grid = write(Path("there"))
    done = minidl("run", "--grid", str(grid), "--out", "out", "--jobs", "1", "--no-figures")
    assert "all 8 runs are in out already" in done.stderr
    said = "8 runs of out came of another version of my_parts.py, and stay as they are; --fresh"
    assert said in done.stderr
    more = ("--seeds", "3", "--jobs", "1", "--no-figures")
    done = minidl("run", "--grid", str(grid), "--out", "out", *more)
    assert "trained 4 runs (4 done); 8 were there already" in done.stderr
    assert "2 cells with runs of more than one numerical environment" in done.stdout
    again = minidl("run", "--grid", "out/study.yaml", "--out", "fresh", "--jobs", "1", "-q")
    assert "12 done" in again.stderr
    assert "another version" not in again.stderr


def test_reading_never_runs_the_file(trained):
    """Whatever the stored study says: the file is gone, or it has become a stranger's."""
    shutil.copytree(trained, "out")
    canary = CANARY.format(path=str(Path("canary").resolve()))
    shutil.copytree(trained, "evil")
    study = Path("evil/study.yaml")
    Path("evil/evil.py").write_text(canary)
    study.write_text(study.read_text().replace("my_parts.py", "evil.py"))
    (run_id, other, *_) = contents(trained)
    for folder in ("out", "evil"):
        for words in (
            ("status", folder),
            ("show", folder, run_id),
            ("diff", f"{folder}/{run_id}", other),
            ("export", folder, "--curves"),
            ("export", folder, "--weights", run_id, "--out", "weights.safetensors"),
            ("tables", folder),
            ("compare", folder, "--factor", "activation", "--levels", "tanh,bent"),
            ("verdicts", folder, "--reference", "paper"),
            ("import", folder, str(trained)),
        ):
            minidl(*words)
        assert "bent" in minidl("tables", folder).stdout
    assert not Path("canary").exists()


def test_figures_are_drawn_without_what_is_not_known(trained):
    shutil.copytree(trained, "out")
    done = minidl("figures", "out")
    assert "data 'stripes' is unknown" in done.stderr
    assert done.stderr.count("is unknown") <= 2
    drawn = {path.stem.split("-")[0] for path in Path("out/figures").glob("*.png")}
    assert drawn == {"learning_curves", "accuracies", "reached", "gaps"} & drawn
    assert "accuracies" in drawn
    minidl("figures", "out", "--components", str(PARTS))
    drawn = {path.stem.split("-")[0] for path in Path("out/figures").glob("*.png")}
    assert {"test_points", "decisions"} <= drawn


def test_predict_runs_the_file_that_is_named(trained):
    (run_id, *_) = contents(trained)
    assert "is unknown" in refused("predict", str(trained), run_id)
    named = ("--components", str(PARTS))
    rows = minidl("predict", str(trained), run_id, *named).stdout.splitlines()
    assert rows[0] == "x1,x2,output,decision,target"
    assert len(rows) == 41


def test_train_gradcheck_and_list_run_the_file_that_is_named():
    named = ("--components", str(PARTS))
    small = ("--set", "data={name: stripes, train: 20, test: 20}", "--epochs", "2", "--json")
    done = minidl("train", *named, "--act", "bent", "--opt", "sign", *small)
    assert json.loads(done.stdout)["status"] == "done"
    (check,) = json.loads(minidl("gradcheck", "bent", *named, "--json").stdout)
    assert check["ok"]
    rows = json.loads(minidl("list", *named, "--json").stdout)
    own = {(row["kind"], row["name"]) for row in rows if row["origin"] == "my_parts.py"}
    assert own == {("activation", "bent"), ("data", "stripes"), ("optimizer", "sign")}
    assert {row["origin"] for row in rows} == {"my_parts.py", "minidl"}
    assert "my_parts.py" in minidl("list", *named).stdout


def test_a_wrong_backward_is_found():
    wrong = PARTS.read_text().replace("(2 * self.root) + 1", "self.root + 1")
    Path("wrong.py").write_text(wrong)
    done = minidl("gradcheck", "bent", "--components", "wrong.py", code=1)
    assert "WRONG" in done.stdout


BAD = """
@register("activation", "{name}")
class {name}(Module):
    def forward(self, x):
        return x

    def backward(self, gradient):
        if gradient.shape[-2] == 8:
            {statement}
        return gradient
"""
HOSTILE = {
    "raises": "raise OSError('no', 'way')",
    "ends": "raise SystemExit(0)",
    "breaks": "return gradient @ gradient",
    "prints": "print('not json' * 100)",
}


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_goes_wrong_in_training_fails_that_run_alone_with_its_line(jobs):
    parts = "".join(BAD.format(name=n, statement=s) for n, s in HOSTILE.items())
    study = STUDY.replace("[tanh, bent]", f"[tanh, {', '.join(HOSTILE)}]")
    study = study.replace("[sgd, {name: sign, lr: 0.01}]", "[sgd]") + "batch_size: 8\n"
    grid = write(Path("there"), parts, study.replace("seeds: 2", "seeds: 1"))
    words = ("--out", "out", "--jobs", jobs, "--no-figures", "--json")
    done = command("run", "--grid", grid, *words, code=1)
    rows = {row["activation"]: row for row in json.loads(done.stdout)["runs"]}
    assert [rows[name]["status"] for name in ("tanh", "prints")] == ["done", "done"]
    line = len(PARTS.read_text().splitlines()) + 9
    for number, name in enumerate(HOSTILE):
        if name != "prints":
            expected = f"there/my_parts.py:{line + number * 10}: ..."
            assert fits(rows[name]["error"], expected), rows[name]["error"]
    assert "SystemExit: 0" in rows["ends"]["error"]


def test_a_file_that_a_worker_cannot_load_is_one_line():
    more = "import os\nif 'HERE' in os.environ and os.getpid() != int(os.environ['HERE']): 1 / 0\n"
    grid = write(Path("there"), more)
    program = (
        "import os, sys\n"
        "if __name__ == '__main__': os.environ['HERE'] = str(os.getpid())\n"
        "from minidl_cli.main import main\n"
        f"sys.argv = ['minidl', 'run', '--grid', {str(grid)!r}, '--out', 'out', '--jobs', '2']\n"
        "if __name__ == '__main__': main()\n"
    )
    Path("program.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "program.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if line.startswith("minidl: ")]
    assert len(lines) == 1
    assert lines[0].startswith("minidl: there/my_parts.py:")
    assert lines[0].endswith("ZeroDivisionError: division by zero")
    assert "Traceback" not in done.stderr


METRIC = """
@register("metric", "brier")
class Brier(Metric):
    \"\"\"Mean of ``(p - y)^2``.\"\"\"

    title, better, digits, margin, tasks = "Brier score", "lower", 3, 0.01, ("binary",)

    def constant(self, target):
        return target.double().var(dim=-2, correction=0).mean(dim=-1)

    def totals(self, output, target):
        return ((output.double() - target.double()).square().mean(dim=-1).sum(dim=-1),)

    def score(self, n, *totals):
        return totals[0] / n
"""


def test_a_metric_of_ones_own_is_recorded_and_read_without_the_file():
    grid = write(Path("there"), "\nfrom minidl import Metric\n" + METRIC)
    words = ("--out", "out", "--jobs", 2, "--no-figures", "--json")
    done = command("run", "--grid", grid, *words)
    rows = json.loads(done.stdout)["runs"]
    assert all(0 < row["test_brier"] < 1 for row in rows)
    shutil.rmtree("there")
    assert "test_brier" in minidl("export", "out").stdout
    assert "brier" in minidl("tables", "out").stdout
    minidl("status", "out")
    run_id = rows[0]["id"]
    assert "test_brier" in minidl("show", "out", run_id, "--json").stdout
    minidl("figures", "out")


def test_a_percentage_of_ones_own_may_be_any_number():
    text = (
        METRIC.replace('"brier"', '"off"')
        .replace("title,", "unit, title,")
        .replace('"Brier score",', '"%", "off",')
    )
    text = text.replace("totals[0] / n", "totals[0] / n * 1000 - 100")
    grid = write(Path("there"), "\nfrom minidl import Metric\n" + text)
    words = ("--out", "out", "--jobs", "1", "--no-figures", "--json", "-q", "--seeds", "1")
    rows = json.loads(minidl("run", "--grid", str(grid), *words).stdout)["runs"]
    assert {row["status"] for row in rows} == {"done"}
    assert any(row["test_off"] > 100 for row in rows)
    assert "off" in minidl("tables", "out").stdout


def test_a_file_that_changed_in_this_process_replaces_what_it_registered():
    grid = write(Path("there"))
    first = load_study(str(grid))
    before = KINDS["activation"]["bent"]
    assert [run.id for run in expand(first)] == [run.id for run in expand(load_study(str(grid)))]
    assert KINDS["activation"]["bent"] is before
    path = grid.parent / "my_parts.py"
    path.write_text(path.read_text().replace('"bent"', '"curved"'))
    load_components([path])
    assert "bent" not in KINDS["activation"]
    assert "curved" in KINDS["activation"]


def test_two_files_may_not_share_a_name():
    Path("a.py").write_text(PARTS.read_text())
    Path("b.py").write_text(PARTS.read_text())
    said = refused("list", "--components", "a.py", "--components", "b.py")
    assert fits(said, "b.py:8: activation 'bent' is registered already: <class '...a.py.Bent'>")


def test_installed_packages_register_theirs(tmp_path):
    write(tmp_path / "site")
    info = tmp_path / "site" / "nice_parts-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: nice-parts\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text("[minidl.components]\nparts = my_parts\n")
    study = STUDY.replace("components: [my_parts.py]\n", "")
    (tmp_path / "grid.yaml").write_text(study)
    path = os.pathsep.join(filter(None, [str(tmp_path / "site"), os.environ.get("PYTHONPATH")]))
    env = {**os.environ, "PYTHONPATH": path}
    words = ("--out", "out", "--jobs", 2, "--no-figures", "--json", "--seeds", 1)
    done = command("run", "--grid", "grid.yaml", *words, env=env)
    rows = json.loads(done.stdout)["runs"]
    assert {row["status"] for row in rows} == {"done"}
    shown = json.loads(minidl("show", "out", rows[-1]["id"], "--json").stdout)
    assert shown["environment"]["components"] == {"nice-parts": "1.2"}
    (tmp_path / "site" / "my_parts.py").write_text("raise SystemExit(0)\n")
    done = command("list", code=2, env=env)
    assert done.stderr == (
        "minidl: package nice-parts 1.2: its components in my_parts cannot be loaded: "
        "SystemExit: 0\n"
    )
    (tmp_path / "site" / "my_parts.py").write_text(
        "from minidl import Metric, register\n" + METRIC.replace('"brier"', '"brier-2"')
    )
    done = command("list", code=2, env=env)
    assert done.stderr.startswith(
        "minidl: package nice-parts 1.2: its components in my_parts cannot be loaded: "
        "RegistrationError: metric 'brier-2': its name must be "
    )
