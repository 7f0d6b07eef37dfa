"""The command line as a user meets it: as a subprocess."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.studies import TINY, write

from minidl.study.store.store import Store

MINIDL = Path(sys.executable).with_name("minidl")
ROOT = Path(__file__).parents[1]
COMMANDS = (
    *("run", "plan", "train", "validate", "schema", "tables", "list", "gradcheck"),
    *("status", "export", "show", "diff", "import", "predict"),
)

OTHER_KEYS = """
name: added
data: {name: disk, train: 20, test: 20}
model: {hidden: [3]}
epochs: 1
seeds: 1
grid: {activation: [tanh], optimizer.lr: [0.1, 0.01]}
include:
  - {activation: relu}
  - {activation: silu, batch_size: 7}
"""


def minidl(*arguments: str, cwd: Path = ROOT, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [MINIDL, *arguments], cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    folder = tmp_path_factory.mktemp("smoke") / "out"
    done = minidl("run", "--grid", "configs/smoke.yaml", "--out", str(folder), "--json")
    return folder, json.loads(done.stdout)


def test_smoke_study_trains_every_condition_and_learns(smoke):
    _, study = smoke
    assert study["name"] == "smoke"
    cells = {(run["activation"], run["loss"], run["optimizer"]) for run in study["runs"]}
    assert len(cells) == 18
    assert len(study["runs"]) == 36
    assert {run["status"] for run in study["runs"]} == {"done"}
    accuracies = [run["test_accuracy"] for run in study["runs"]]
    assert min(accuracies) > 70
    assert sum(accuracies) / len(accuracies) > 88


def test_smoke_study_writes_its_files(smoke):
    folder, _ = smoke
    written = {path.name for path in folder.iterdir()}
    assert {"study.sqlite", "study.yaml", "tables.md", "tables.csv"} <= written
    text = (folder / "tables.md").read_text()
    assert len(re.findall(r"^\*\*Table|^## Table|^Table|Table \d", text, re.MULTILINE)) >= 3


def test_second_run_trains_nothing(smoke):
    folder, study = smoke
    again = minidl("run", "--grid", "configs/smoke.yaml", "--out", str(folder), "--json")
    assert "trained nothing" in again.stderr
    assert json.loads(again.stdout)["runs"] == study["runs"]


@pytest.mark.parametrize(
    ("key", "settings"),
    [
        (("tanh", "mse", "adam", 1), ["batch_size=5"]),
        (("relu", "bce", "sgd", 0), ["batch_size=1", "data.train=60", "epochs=3"]),
        (("tanh", "bce", "none", 1), ["batch_size=7", "model.hidden=[4, 64]"]),
        (("leaky_relu", "mse", "none", 0), ["batch_size=64", "model.hidden=[1]"]),
    ],
)
def test_a_run_alone_gives_the_bits_it_gives_in_a_grid(tmp_path, key, settings):
    small = ["data.train=203", "data.test=150", "epochs=4", "evaluate_every=2", *settings]
    changes = [word for setting in small for word in ("--set", setting)]
    out, saved = tmp_path / "out", tmp_path / "alone.safetensors"
    grid = minidl("run", "--grid", "paper", "--seeds", "2", "--out", str(out), "--json", *changes)
    runs = {
        (run["activation"], run["loss"], run["optimizer"], run["seed"]): run
        for run in json.loads(grid.stdout)["runs"]
    }
    act, loss, opt, seed = key
    options = ["--act", act, "--loss", loss, "--opt", opt, "--seed", str(seed)]
    alone = json.loads(minidl("train", *options, *changes, "--json", "--save", str(saved)).stdout)
    assert alone.pop("settings")["model"]["hidden"] is not None
    clocks = {"seconds": 0, "processor_seconds": 0}
    assert alone | clocks == runs[key] | clocks
    with Store(out) as store:
        assert saved.read_bytes() == store.weights(alone["id"])


def test_train_json_is_one_object_with_the_papers_epochs():
    options = ["--set", "data.train=20", "--set", "data.test=20", "--json", "--quiet"]
    adam = json.loads(minidl("train", "--opt", "adam", *options).stdout)
    sgd = json.loads(minidl("train", "--opt", "sgd", "--act", "relu", *options).stdout)
    assert adam["epochs"] == 150
    assert sgd["epochs"] == 300
    wanted = {"activation", "loss", "optimizer", "seed", "train_accuracy", "test_accuracy"}
    assert wanted | {"train_loss", "test_loss", "diverged"} <= set(sgd)


def test_diverged_training_prints_strict_json():
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    options = ["--act", "relu", "--opt", "none", "--lr", "1e30", "--epochs", "2", "--json"]
    found = json.loads(minidl("train", *options).stdout, parse_constant=refuse)
    assert found["diverged"] is True
    assert found["train_loss"] is None


def test_train_shows_a_curve_and_both_accuracies():
    done = minidl("train", "--act", "tanh", "--loss", "mse", "--opt", "adam", "--epochs", "20")
    assert re.search(r"^train accuracy \d+\.\d %$", done.stdout, re.MULTILINE)
    assert re.search(r"^test accuracy  \d+\.\d %$", done.stdout, re.MULTILINE)
    assert "█" in done.stdout


def test_dry_run_lists_runs_and_stacks_and_trains_nothing(tmp_path):
    out = tmp_path / "out"
    done = minidl("run", "--grid", "paper", "--dry-run", "--json", "--out", str(out))
    plan = json.loads(done.stdout)
    assert len(plan["runs"]) == 180
    assert sum(plan["stacks"]) == 180
    assert "test_accuracy" not in plan["runs"][0]
    assert not out.exists()
    assert (plan["cells"], plan["there"]) == (18, 0)
    assert 0.1 < plan["minutes"] < 10
    assert "180 runs" in minidl("run", "--grid", "paper", "--dry-run").stdout


def test_cells_that_an_include_adds_may_have_other_keys_in_every_list(tmp_path):
    grid, out = tmp_path / "grid.yaml", tmp_path / "out"
    grid.write_text(OTHER_KEYS)
    planned = minidl("run", grid, "--dry-run").stdout.splitlines()
    assert planned[0].split()[-1] == "batch_size"
    minidl("run", grid, "--out", out, "--no-figures", "--no-report", "--jobs", "1")
    listed = minidl("runs", out, "--sort", "-batch_size").stdout.splitlines()
    assert {"optimizer.lr", "batch_size"} < set(listed[0].split())
    assert listed[2].split()[0] == "silu"


def test_dry_run_of_many_runs_sums_them_up_and_knows_what_is_there(tmp_path):
    grid, out = write(tmp_path, TINY), tmp_path / "out"
    minidl("run", grid, "--out", out, "--no-figures", "--no-report", "--jobs", "1", "--quiet")
    plan = ("run", grid, "--out", out, "--seeds", "50", "--dry-run")
    said = minidl(*plan).stdout
    assert "8 cells × 50 seeds; 16 of the runs are in" in said
    assert "400 runs in" in said
    assert len(said.splitlines()) < 20
    assert sum(json.loads(minidl(*plan, "--json").stdout)["stacks"]) == 384


def test_only_and_seeds_choose_runs():
    done = minidl(
        *("run", "--grid", "paper", "--dry-run", "--json", "--seeds", "1"),
        *("--only", "activation=tanh", "--only", "optimizer=adam", "--only", "optimizer=sgd"),
    )
    runs = json.loads(done.stdout)["runs"]
    assert len(runs) == 4
    assert {run["activation"] for run in runs} == {"tanh"}
    assert {run["optimizer"] for run in runs} == {"adam", "sgd"}


def test_training_with_momentum_says_how_it_relates_to_torchs():
    tiny = ["--lr", "0.05", "--epochs", "1", "--set", "data.train=4", "--set", "data.test=4"]
    said = minidl("train", "--opt", "sgd", *tiny).stderr
    assert "lr 0.05 with momentum 0.9 steps as torch.optim.SGD does with lr 0.005" in said
    for silent in (["sgd", "--set", "optimizer.dampening=0"], ["none"], ["sgd", "--quiet"]):
        assert "momentum" not in minidl("train", "--opt", *silent, *tiny).stderr


def test_list_and_gradcheck_cover_the_registry():
    from minidl.registry import KINDS

    listed = {(row["kind"], row["name"]) for row in json.loads(minidl("list", "--json").stdout)}
    assert listed == {
        (kind, name)
        for kind, components in KINDS.items()
        for name, made in components.items()
        if made.__module__.startswith("minidl")  # other tests may have loaded some of their own
    }
    checks = {row["name"]: row for row in json.loads(minidl("gradcheck", "--json").stdout)}
    assert set(KINDS["activation"]) | set(KINDS["loss"]) <= set(checks)
    assert "WRONG" not in minidl("gradcheck", "tanh", "bce").stdout
    assert minidl("gradcheck", "tahn", code=2).stderr.startswith("minidl: ")


@pytest.mark.parametrize("arguments", [[], *([command] for command in COMMANDS)], ids=str)
def test_help_loads_nothing_heavy(arguments):
    script = (
        "import sys; sys.argv = ['minidl', *sys.argv[1:]]\n"
        "from minidl_cli.main import main\n"
        "try: main()\n"
        "except SystemExit as end: code = end.code\n"
        "heavy = {'torch', 'scipy', 'matplotlib', 'numpy', 'minidl'} & set(sys.modules)\n"
        "sys.exit(f'{heavy} loaded' if heavy else code)"
    )
    command = [sys.executable, "-c", script, *arguments, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout


def test_version():
    assert re.fullmatch(r"minidl \d+\.\d+\.\d+\n", minidl("--version").stdout)


@pytest.mark.parametrize("module", ["minidl", "minidl_cli", "minidl_cli.main"])
def test_python_m_is_the_command(module, tmp_path):
    def m(*arguments):
        command = [sys.executable, "-m", module, *map(str, arguments)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert m("--version").stdout == minidl("--version").stdout
    assert m("--help").stdout == minidl("--help").stdout
    wrong = m("status", "nowhere")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == minidl("status", "nowhere", code=2).stderr


def test_every_command_is_known_here():
    done = minidl("--help")
    named = set(re.findall(r"^│ (\w+) ", done.stdout, re.MULTILINE))
    assert named <= set(COMMANDS) | {"figures", "verdicts", "compare", "report", "runs"}
