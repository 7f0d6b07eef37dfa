"""The documentation says what is true: its code runs, its commands and files exist."""

import csv
import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from runpy import run_path
from statistics import stdev
from types import ModuleType

import pytest
from helpers.constructed_store import make_store
from helpers.in_process import minidl
from typer.main import get_command

from minidl import run as run_study
from minidl.report.write import write_reports
from minidl.study.files.yaml_file import parse_yaml
from minidl.study.grid.component_files import forget
from minidl_cli.app import app
from minidl_cli.export import ExportFormat
from minidl_cli.reports import FigureFormat, TableFormat

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
STUDIES = sorted((ROOT / "docs" / "studies").glob("*.md"))
COMMANDS = get_command(app).commands  # pyright: ignore[reportAttributeAccessIssue]  # a group
README = (ROOT / "README.md").read_text()


def code(text: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def test_readme_library_example_runs_and_learns(capsys):
    names: dict = {}
    for block in code(README)[:2]:
        exec(compile(block, "README.md", "exec"), names)
    said = capsys.readouterr().out
    accuracy = float(said.split(" %")[0])
    assert accuracy > 90
    assert "torch.Size([100])" in said


def test_studies_from_python_are_what_their_page_shows(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for block in code((ROOT / "docs" / "python.md").read_text()):
        exec(compile(block, "python.md", "exec"), names)
    said = capsys.readouterr().out
    assert said.startswith("Study 'rates' in results/rates: 4 cells, 12 of 12 runs\n")
    assert "mean" in said


def test_exported_weights_are_those_of_the_network_shown(trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = json.loads(minidl("export", str(trained), "--format", "json").stdout)[0]["id"]
    words = ("--weights", run, "--torch", "--out", "weights.safetensors")
    minidl("export", str(trained), *words)
    (block,) = code((ROOT / "docs" / "export.md").read_text())
    hidden = json.loads(minidl("show", str(trained), run, "--json").stdout)["settings"]["model"]
    block = block.replace("[2, 25, 25, 25]", str([2, *hidden["hidden"]]))
    exec(compile(block, "export.md", "exec"), {})


def test_curves_go_to_tensorboard_as_shown(tmp_path, monkeypatch):
    written: list[tuple[str, str, int]] = []

    class SummaryWriter:
        def __init__(self, folder: str):
            self.folder = folder

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def add_scalar(self, name: str, value: float, step: int) -> None:
            assert isinstance(value, float)
            written.append((self.folder, name, step))

    library = ModuleType("torch.utils.tensorboard")  # stands in for one that is not installed
    library.__dict__["SummaryWriter"] = SummaryWriter
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", library)
    monkeypatch.chdir(tmp_path)
    axes = {"activation": ["tanh", "relu"], "loss": ["mse"], "optimizer": ["sgd"]}
    run_study({"name": "paper", "grid": axes, "epochs": 2, "evaluate_every": 1, "seeds": 2})
    page = (ROOT / "docs" / "export.md").read_text()
    (block,) = (b for b in re.findall(r"```text\n(.*?)```", page, re.DOTALL) if "Summary" in b)
    exec(compile(block, "export.md", "exec"), {})
    assert {folder for folder, *_ in written} == {
        f"tensorboard/{activation}-mse-sgd-{seed}"
        for activation in ("tanh", "relu")
        for seed in (0, 1)
    }
    assert len(written) == 4 * 4 * 2  # runs, scores, epochs


def test_the_activation_of_the_guide_is_a_component(monkeypatch):
    from minidl.gradcheck import gradcheck
    from minidl.registry import KINDS

    monkeypatch.setitem(KINDS, "activation", dict(KINDS["activation"]))
    modules = {"torch": "Tensor", "minidl": "Module", "minidl.registry": "register"}
    header = "".join(f"from {module} import {name}\n" for module, name in modules.items())
    (block,) = code((ROOT / "CONTRIBUTING.md").read_text())
    exec(compile(header + block, "CONTRIBUTING.md", "exec"), {})
    (check,) = gradcheck(["arctan"])
    assert check.ok


def test_readme_shows_the_file_of_own_components_which_is_short_and_right():
    text = (ROOT / "docs" / "my_parts.py").read_text()
    assert code(README)[2] == text
    bare = re.sub(r'""".*?"""', "", text, flags=re.DOTALL).splitlines()
    assert sum(bool(line.strip()) for line in bare) <= 24
    path = str(ROOT / "docs" / "my_parts.py")
    assert "right" in minidl("gradcheck", "bent", "--components", path).stdout
    small = ("--set", "data={name: stripes, train: 20, test: 20}", "--epochs", "2", "-q")
    minidl("train", "--components", path, "--act", "bent", "--opt", "sign", *small)
    forget(path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_named_are_there(page):
    named = re.findall(r"`((?:minidl|cli|tests|benchmarks|configs)/[^`\s]*)`", page.read_text())
    for path in named:
        assert list(ROOT.glob(path)), path


def test_the_map_has_every_room_and_every_kind_of_component():
    from minidl.registry import KINDS

    page = (ROOT / "docs" / "architecture.md").read_text()
    rooms = {path.parent.relative_to(ROOT) for path in ROOT.glob("minidl/**/__init__.py")}
    for room in rooms:
        assert f"`{room}/`" in page, room
    for path in sorted(ROOT.glob("minidl/[!_]*.py")):
        assert f"`minidl/{path.name}`" in page, path.name
    guide = (ROOT / "CONTRIBUTING.md").read_text()
    for kind in KINDS:
        assert f"| {kind} | `minidl/" in guide, kind


def test_pages_show_the_code_that_runs():
    fill = run_path(str(ROOT / "docs" / "fill.py"))["filled"]
    pages = [page.read_text() for page in PAGES]
    assert sum("<!-- code: " in page for page in pages) > 0
    for page in pages:
        assert fill(page) == page


def test_messages_explained_are_messages_that_there_are():
    page = (ROOT / "docs" / "messages.md").read_text()
    told = re.findall(r"^### (.*)$", page, re.MULTILINE)
    sources = [p.read_text() for room in ("minidl", "cli") for p in ROOT.glob(f"{room}/**/*.py")]
    written = re.sub(r'"\s*\n\s*f?"', "", "\n".join(sources))
    assert len(told) > 10
    for message in told:
        assert (message if message.endswith("limit") else message.strip("`")) in written, message


def test_noise_that_is_not_normal_is_told_of_each_source():
    from minidl.registry import KINDS

    page = (ROOT / "docs" / "data.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `") and "uniform" in line]
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row.split(" | ")[0])}
    texts = {name: " ".join(str(own.__doc__).split()) for name, own in KINDS["data"].items()}
    uniform = {name for name, text in texts.items() if re.search(r"\[-[\d ]*noise, ", text)}
    assert told == uniform | {"bumps", "gauss"}  # which is as plane, and beside circle and xor


def test_every_component_has_its_formulas_on_paper():
    from minidl.registry import KINDS, as_printed

    page = (ROOT / "docs" / "backward.md").read_text()
    headings = {
        word for line in re.findall(r"^### (.*)$", page, re.MULTILINE) for word in line.split()
    }
    for kind in ("layer", "activation", "loss", "optimizer"):
        own = {name for name, made in KINDS[kind].items() if as_printed(made) is None}
        assert own <= headings, kind


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_shown_are_real(page):
    shown = re.findall(r"^(?: {4}|\s*)(?:\.venv/bin/)?minidl (.+)$", page.read_text(), re.MULTILINE)
    for line in shown:
        words = shlex.split(line.split("#")[0].replace("…", ""))
        if not words or words[0].startswith("-") or words[0] not in COMMANDS:
            assert words
            assert words[0].startswith("-"), line
            continue
        known = {option for p in COMMANDS[words[0]].params for option in p.opts}
        used = {word for word in words if word.startswith("--")}
        assert used <= known, line


@pytest.mark.parametrize("page", STUDIES, ids=lambda page: page.name)
def test_numbers_in_the_tables_of_a_study_are_those_of_its_results(page):
    text = page.read_text()
    names = set(re.findall(r"results/reference/(\w+)", text))
    assert names
    files = [ROOT / "configs" / "reference" / f"{name}.yaml" for name in names]
    for name in names:
        folder = ROOT / "results" / "reference" / name
        files += [folder / "tables.md", folder / "verdicts.md"]
        assert sum(file.stat().st_size for file in folder.rglob("*")) < 300_000
        assert f"minidl run --grid {name}" in text
    written = " ".join(file.read_text() for file in files)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    told = {number for row in rows for number in re.findall(r"\d+\.\d+(?:e-\d+)?", row)}
    assert len(told) > 20
    assert {number for number in told if not re.search(rf"\b{number}\b", written)} == set()


def test_one_collapsed_run_makes_the_deviation_of_tanh():
    path = ROOT / "results" / "reference" / "ee559_2021" / "runs.csv"
    with path.open(newline="") as file:
        runs = [row for row in csv.DictReader(file) if row["activation"] == "tanh"]
    accuracy = sorted((float(run["train_accuracy"]), float(run["test_accuracy"])) for run in runs)
    assert accuracy[0][0] == 48.0
    assert round(stdev(test for _, test in accuracy), 1) == 8.4
    assert round(stdev(test for _, test in accuracy[1:]), 1) == 2.3


def test_the_workflow_shows_a_study_with_claims_and_one_without(tmp_path):
    steps = parse_yaml((ROOT / "docs" / "examples" / "study.yml").read_text(), "")[0]
    (shows,) = (
        own["run"] for own in steps["jobs"]["run"]["steps"] if "SUMMARY" in own.get("run", "")
    )
    summary = tmp_path / "summary.md"
    for reference, told in (("", False), ("reference: paper\n", True)):
        folder = tmp_path / f"with{reference[:1]}" / "results" / "study"
        make_store(
            folder, lambda *_: {"train_accuracy": 97.0, "test_accuracy": 96.0}, SWEPT + reference
        )
        write_reports(folder)
        summary.unlink(missing_ok=True)
        command, known = (
            ["bash", "-e", "-c", shows],
            {**os.environ, "GITHUB_STEP_SUMMARY": str(summary)},
        )
        subprocess.run(command, cwd=folder.parents[1], env=known, check=True)
        assert "### Table 1" in summary.read_text()
        assert ("# Verdicts" in summary.read_text()) == told


SWEPT = """
name: swept
grid: {optimizer: [sgd, adam], optimizer.lr: [0.1, 0.2], loss: [mse, bce]}
"""


def test_sql_shown_reads_a_store(tmp_path):
    folder = make_store(tmp_path, lambda *_: {"train_accuracy": 97.0, "test_accuracy": 96.0}, SWEPT)
    page = (ROOT / "docs" / "store.md").read_text()
    shown = re.findall(r"""SELECT .*? FROM runs(?: GROUP BY \w+)?""", page)
    assert len(shown) == 3
    with closing(sqlite3.connect(folder / "study.sqlite")) as store:
        averages, whole, rates = (store.execute(query).fetchall() for query in shown)
        columns = {row[1] for row in store.execute("PRAGMA table_info(runs)")}
    assert sorted(averages) == [("adam", 4, 96.0), ("sgd", 4, 96.0)]
    assert len(whole) == 8
    assert sorted(rates) == [("0.1", 96.0)] * 4 + [("0.2", 96.0)] * 4
    assert columns >= {"id", "seed", "status", "train_loss", "diverged_at", "seconds", "loss"}


def section_on(name: str) -> str:
    """What docs/commands.md says of a command."""
    text = (ROOT / "docs" / "commands.md").read_text()
    section = re.search(rf"^### minidl {name}\n(.*?)(?=^##|\Z)", text, re.DOTALL | re.MULTILINE)
    assert section, f"docs/commands.md has no section on {name}"
    return section[1]


def test_the_store_is_told_as_it_is(tmp_path):
    folder = make_store(tmp_path, lambda *_: None, SWEPT)
    with closing(sqlite3.connect(folder / "study.sqlite")) as store:
        (version,) = store.execute("PRAGMA user_version").fetchone()
        runs = {row[1] for row in store.execute("PRAGMA table_info(run)")}
    page = (ROOT / "docs" / "store.md").read_text()
    assert f"is the version of its schema, now {version}:" in page
    assert re.search(rf"version {version}\b", (ROOT / "CHANGELOG.md").read_text())
    (row,) = re.findall(r"^\| `run` \|.*$", page, re.MULTILINE)
    hidden = {"number", "environment_id", "processor_seconds", "finished_at"}  # in other words
    assert {name for name in runs - hidden if name not in row} == set()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_is_documented(name):
    section = section_on(name)
    for parameter in COMMANDS[name].params:
        for option in parameter.opts + parameter.secondary_opts:
            if option.startswith("--") and option != "--help":
                assert option in section, option
    assert COMMANDS[name].help


@pytest.mark.parametrize(
    ("name", "formats"),
    [("tables", TableFormat), ("figures", FigureFormat), ("export", ExportFormat)],
)
def test_every_format_is_documented(name, formats):
    (told,) = re.findall(r"`--format` ([^.;]*)", section_on(name))
    assert set(formats) <= set(re.findall(r"\w+", told))


@pytest.mark.parametrize(
    "name", ["compare", "export", "report", "runs", "status", "tables", "verdicts"]
)
def test_a_command_that_takes_a_look_says_so(tmp_path, name):
    numbers = {"train_accuracy": 97.0, "test_accuracy": 96.0}
    folder = make_store(tmp_path, lambda *_: numbers, SWEPT + "reference: paper\n")
    asked = ("--factor", "loss", "--levels", "mse,bce") if name == "compare" else ()
    minidl(name, str(folder), *asked)
    with closing(sqlite3.connect(folder / "study.sqlite")) as store:
        looks = store.execute("SELECT count(*) FROM look").fetchone()[0]
    told = section_on(name)
    assert ("*look*" in told) == (looks == 1)
    page = " ".join((ROOT / "docs" / "store.md").read_text().split())
    (takers,) = re.findall(r"None of them changes a run\. (.*?) add the \[look\]", page)
    assert (f"`{name}`" in takers) == (looks == 1)


def test_every_command_that_reads_a_folder_is_promised_to_be_safe():
    readers = {
        name
        for name, command in COMMANDS.items()
        if any(parameter.metavar in ("DIR", "DIR[/RUN-ID]") for parameter in command.params)
    }
    page = " ".join((ROOT / "SECURITY.md").read_text().split())
    (listed,) = re.findall(r"Commands that read a study's folder \((.*?)\)", page)
    assert set(re.findall(r"`(\w+)`", listed)) == readers
    store = " ".join((ROOT / "docs" / "store.md").read_text().split())
    (listed,) = re.findall(
        r"## One writes, many read .* (`status`.*) work while a study runs", store
    )
    assert set(re.findall(r"`(\w+)`", listed)) == readers - {"import"}
