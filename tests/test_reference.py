"""Reference files, and published numbers held against the runs of their cells."""

from __future__ import annotations

import csv
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest
import torch
from helpers.constructed_store import PAPER, make_store
from helpers.studies import change, minidl
from scipy import stats

from minidl.metrics import Accuracy
from minidl.report.measures import MEASURES
from minidl.report.pages.cautions import collapsed_text
from minidl.report.pages.published import together_table
from minidl.report.pages.verdicts import to_markdown
from minidl.report.prepare import prepare
from minidl.report.reference.matching import match
from minidl.report.reference.reference import load_reference, parse_reference
from minidl.report.reference.reported import Reported
from minidl.report.results import read_results
from minidl.report.statistics.cell_summary import collapsed, summarise_cell, summarise_cells
from minidl.report.statistics.scales import WrongPoints
from minidl.report.verdicts.agreement import agree
from minidl.report.verdicts.askable import cannot_be_asked
from minidl.report.verdicts.judgement import judge
from minidl.report.verdicts.together import together
from minidl.study.errors import InputError
from minidl.study.grid.expand import expand
from minidl.study.grid.load import load_study, parse_study

OWN = list(MEASURES)  # before other tests read stores with metrics of their own


def test_the_papers_tables():
    reference = load_reference("paper")
    assert len(reference.cells) == 18
    assert reference.axes == ["activation", "loss", "optimizer"]
    assert round(fmean(cell["train_accuracy"] for cell in reference.cells), 2) == 97.86
    assert round(fmean(cell["test_accuracy"] for cell in reference.cells), 2) == 93.86
    for again in ("paper_numbers", "whole_batches"):
        assert reference.cells == load_reference(again).cells
    for part, key, value in (("paper_mse", "loss", "mse"), ("paper_adam", "optimizer", "adam")):
        own = [cell for cell in reference.cells if cell[key] == value]
        assert load_reference(part).cells == own


def test_the_papers_tables_do_not_say_what_its_sentences_say():
    tested: dict[str, list[float]] = {}
    for cell in load_reference("paper").cells:
        tested.setdefault(cell["optimizer"], []).append(cell["test_accuracy"])
    means = {name: round(fmean(values), 2) for name, values in tested.items()}
    assert means == {"adam": 93.78, "none": 93.83, "sgd": 93.95}  # as docs/paper.md has them


def first_runs(text):
    """Return the first run of each cell of a study."""
    study = parse_study(text, "study")
    return expand(study)[:: len(study.seed_list)]


def test_every_cell_of_the_papers_study_has_its_numbers():
    runs = expand(load_study("paper", seeds=1))
    paper = match(load_reference("paper"), runs)
    assert paper.unmet == {}
    assert len(paper.numbers) == 18
    labels = {"activation": "tanh", "loss": "bce", "optimizer": "adam"}
    (run,) = [run for run in runs if run.labels == labels]
    assert paper.of(run) == {"train_accuracy": 95.9, "test_accuracy": 92.4}


STUDY = "name: s\ndata: {name: disk, train: 40, test: 40}\nseeds: 2\n"
OPTIMIZERS = STUDY + "grid: {optimizer: [%s]}\n"
RATES = STUDY + "grid: {optimizer: [sgd, adam], optimizer.lr: [1.0, 0.1]}\n"
LEVELS = OPTIMIZERS % "adam, {name: sgd, lr: 0.1, momentum: 0.5}"


@pytest.mark.parametrize(
    ("study", "cell", "met"),
    [
        (RATES, "optimizer.lr: 1", [0, 2]),  # a whole number is the same number
        (RATES, "optimizer: sgd", [0, 1]),  # at every rate: the rate is an axis of its own
        (RATES, "optimizer: {name: sgd, lr: 1}", [0]),
        (RATES, "optimizer: {lr: 0.1}", [1, 3]),
        (RATES, "activation: relu", [0, 1, 2, 3]),  # no axis
        (RATES, "activation: relu, model: {hidden: [25, 25, 25], output: sigmoid}", [0, 1, 2, 3]),
        (RATES, "activation: tanh", []),
        (RATES, "data.train: 40, optimizer.lr: 1.0, optimizer: adam", [2]),
        (LEVELS, "optimizer: sgd", [1]),  # the only one
        (LEVELS, "optimizer: {momentum: 0.50, lr: 1e-1, name: sgd}", [1]),  # in any order
        (LEVELS, "optimizer: {name: sgd, lr: 0.2}", []),
        (OPTIMIZERS % "adam, sgd", "optimizer: {name: sgd, momentum: 0.9}", [1]),  # a default
        (OPTIMIZERS % "{name: sgd, lr: 0.1}, {name: sgd, lr: 0.2}", "optimizer: sgd", []),
        (OPTIMIZERS % "{name: sgd, lr: 0.1}, sgd", "optimizer: sgd", [1]),  # what is called so
    ],
)
def test_published_cells_meet_cells_by_what_they_are(study, cell, met):
    runs = first_runs(study)
    reference = parse_reference(f"title: t\ncells: [{{{cell}, test_accuracy: 60}}]\n", "r.yaml")
    paper = match(reference, runs)
    assert [i for i, run in enumerate(runs) if paper.of(run)] == met
    assert bool(paper.numbers) == bool(met)
    assert bool(paper.complaints()) == (not met)


def test_a_published_cell_that_gives_no_number_is_said_with_its_line():
    cells = ["{optimizer: sgd, test_accuracy: 60}", "{optimizer: none, test_accuracy: 61}"]
    cells += ["{optimizer: {name: sgd, momentum: 0.9}, test_accuracy: 62}"]
    text = "title: t\ncells:\n" + "".join(f"  - {cell}\n" for cell in cells)
    runs = first_runs(OPTIMIZERS % "sgd, adam")
    paper = match(parse_reference(text, "r.yaml"), runs)
    assert paper.complaints() == [
        "r.yaml:4: meets no cell of the study: optimizer=none",
        "r.yaml:5: meets only cells that an earlier one gives numbers for: "
        "optimizer=sgd(momentum=0.9)",
    ]
    assert paper.of(runs[0]) == {"test_accuracy": 60.0}


def test_many_published_cells_without_a_cell_are_counted():
    paper = match(load_reference("paper"), first_runs(OPTIMIZERS % "sgd, adam"))
    *four, last = paper.complaints()
    assert len(four) == 4
    assert last.endswith("so it is for 12 more of 18 published cells")


NONE_MISSES = "r.yaml:2: meets no cell of the study: optimizer=none"


@pytest.mark.parametrize("command", ["validate", "plan", "run"])
def test_a_published_cell_that_the_grid_does_not_have_is_a_mistake(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    Path("r.yaml").write_text("title: t\ncells: [{optimizer: none, test_accuracy: 60}]\n")
    Path("s.yaml").write_text("reference: r.yaml\n" + OPTIMIZERS % "sgd, adam")
    said = minidl(command, "s.yaml", code=2)
    assert said.stderr.endswith(f"{NONE_MISSES}; optimizer is sgd or adam there\n")
    assert said.stderr.count("\n") == 1
    assert said.stdout == ""
    assert not Path("results").exists()
    Path("s.yaml").write_text("reference: r.yaml\n" + OPTIMIZERS % "sgd, none")
    assert minidl("validate", "s.yaml").stderr == ""


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("optimizer: sgd, loss: bce", r"loss=bce; loss is mse\(reduction=mean\) there"),
        ("optimizer: sgd, batch_size: 5", "optimizer=sgd, batch_size=5; batch_size is 64 there"),
        ("optimizer: sgd, activation: tanh", "optimizer=sgd, activation=tanh$"),  # each of them is
        ("data.train: 3", "data.train=3; data.train is 40 there"),
    ],
)
def test_what_of_a_published_cell_meets_nothing(tmp_path, cell, message):
    (tmp_path / "r.yaml").write_text(f"title: t\ncells: [{{{cell}, test_accuracy: 60}}]\n")
    study = (
        STUDY + "batch_size: 64\ngrid: {optimizer: [sgd, adam], activation: [relu, tanh]}\n"
        f"exclude: [{{optimizer: sgd, activation: tanh}}]\nreference: {tmp_path}/r.yaml\n"
    )
    with pytest.raises(InputError, match=message):
        prepare(lambda text, **_: parse_study(text, "s"), study)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("factor: optimizer, levels: [sgd, rmsprop]", "level of optimizer 'rmsprop' is unknown"),
        ("factor: loss, levels: [mse, bce]", "factor 'loss' is unknown; known: optimizer"),
        (
            "factor: optimizer, levels: [sgd, adam], weights: {optimizer.lr: {x: 1}}",
            "level of optimizer.lr in weights 'x' is unknown; known: 0.1, 1.0",
        ),
        ("factor: optimizer, levels: [{mean: [sgd, none]}, adam]", "level of optimizer 'none'"),
        ("factor: optimizer, levels: [sgd, adam]", None),
    ],
)
def test_what_a_study_cannot_be_asked_is_said_before_it_runs(tmp_path, question, said):
    (tmp_path / "r.yaml").write_text(
        f"title: t\nclaims:\n  - text: a\n    parts:\n      - {{{question}}}\n"
    )
    (tmp_path / "s.yaml").write_text(f"{RATES}reference: r.yaml\n")
    checked = minidl("validate", tmp_path / "s.yaml")
    assert ": fine: " in checked.stdout
    start = f"{tmp_path}/r.yaml:5: cannot be asked of this study: {said}"
    assert checked.stderr.startswith(start) if said else checked.stderr == ""


@pytest.mark.parametrize(
    ("kind", "levels", "said"),
    [
        ("better", "['1.0', '0.1']", "level of optimizer in weights 'adam' is unknown; known: sgd"),
        ("better", "['0.1', '1.0']", "level of optimizer in weights 'adam' is unknown; known: sgd"),
        ("reaches", "['0.1'], value: 60", "level of optimizer in weights 'adam' is unknown"),
        ("reaches", "['1.0'], value: 60", None),
    ],
)
def test_weights_are_of_the_cells_that_are_compared(kind, levels, said):
    part = f"{{factor: optimizer.lr, levels: {levels}, weights: {{optimizer: {{adam: 2}}}}}}"
    text = f"title: t\nclaims:\n  - {{text: a, kind: {kind}, parts: [{part}]}}\n"
    runs = first_runs(f"{RATES}exclude: [{{optimizer: adam, optimizer.lr: 0.1}}]\n")
    lines = cannot_be_asked(parse_reference(text, "r.yaml"), runs, 1)
    assert [said in line for line in lines] == ([True] if said else [])


@pytest.mark.parametrize(
    ("seeds", "axis", "said"),
    [
        (3, "optimizer.lr", "tuning: 3 seeds choose, so the study needs more than those, got 3"),
        (4, "optimizer.lr", None),
        (4, "batch_size", "tuning: factor 'batch_size' is unknown; known: optimizer, optimizer.lr"),
    ],
)
def test_a_setting_that_cannot_be_chosen_is_told_before_anything_is_trained(
    tmp_path, seeds, axis, said
):
    tuning = f"{{axis: {axis}, factor: optimizer, seeds: 3}}"
    (tmp_path / "r.yaml").write_text(f"title: t\ntuning: {tuning}\n")
    study = RATES.replace("seeds: 2", f"seeds: {seeds}\nreference: r.yaml")
    (tmp_path / "s.yaml").write_text(study)
    told = minidl("validate", tmp_path / "s.yaml").stderr
    start = f"{tmp_path}/r.yaml:2: nothing will have a verdict: {said}"
    assert told.startswith(start) if said else told == ""


def test_a_study_that_is_cut_or_changed_from_outside_may_lack_a_published_cell(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("r.yaml").write_text("title: t\ncells: [{optimizer: none, test_accuracy: 60}]\n")
    Path("s.yaml").write_text("reference: r.yaml\nepochs: 2\n" + OPTIMIZERS % "sgd, none")
    words = ("run", "s.yaml", "--out", "out", "-q", "--no-figures", "--no-report")
    assert "published" not in minidl(*words, "--seeds", "1", "--only", "optimizer=sgd").stderr
    ran = minidl(*words, "--set", "optimizer=sgd")
    assert ran.stderr.count(NONE_MISSES) == 1
    assert minidl("tables", "out").stderr.endswith(f"{NONE_MISSES}\n")
    assert minidl("verdicts", "out").stderr.endswith(f"{NONE_MISSES}\n")


def test_the_papers_claims():
    claims = load_reference("paper").claims
    assert [(claim.kind, len(claim.parts)) for claim in claims] == [
        ("better", 2),
        ("better", 2),
        ("not_worse", 2),
        ("better", 1),
    ]
    assert [part.levels for part in claims[2].parts] == [["none", "sgd"], ["none", "adam"]]
    assert {part.margin for part in claims[2].parts} == {1.0}


def test_the_example_in_the_documentation_is_a_reference(tmp_path):
    page = (Path(__file__).parents[1] / "docs" / "statistics.md").read_text(encoding="utf-8")
    example, tuning = re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    path = tmp_path / "example.yaml"
    path.write_text(example + tuning, encoding="utf-8")
    reference = load_reference(str(path))
    assert reference.tuning is not None
    assert [part.measure for part in reference.claims[0].parts] == [
        "test_accuracy",
        "epochs_to_target",
    ]
    for measure in OWN:
        *family, score = re.fullmatch(r"(late|best|spread)_(.*)|(.*)", measure).groups()
        assert family[0] is None or f"`{family[0]}_<score>`" in page, measure
        assert f"`{family[1] or score}`" in page, measure


CLAIM = "title: t\nclaims:\n  - text: a\n    parts:\n      - {factor: %s, levels: %s%s}\n"
WEIGHED = CLAIM % ("loss", "[mse, bce]", ", weights: {optimizer: %s}")
READING = (
    "title: t\nclaims:\n  - text: a\n    parts: [{factor: loss, levels: [mse, bce]}]\n"
    "    kind: better\n    readings: %s\n"
)
LINES = "\n      so:\n      - {factor: loss, levels: %s}\n      - {factor: %s, levels: [a, b]}"
STEPS = "{factor: optimizer, levels: [adam, sgd, none]}"
RANKING = (
    f"title: t\nclaims:\n  - text: a\n    parts: [{STEPS}]\n    %s\n"
    "    readings: {%s}\n    kind: ranking\n"
)
ANY = f"{{needs: any, parts: [{STEPS}]}}"
CELL = "title: t\ncells:\n  - {%s, test_accuracy: 60}\n"
TWICE = "  - {test_accuracy: 61, loss: %s}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CLAIM % ("optimiser", "[sgd, adam]", ""), ":5: .*'optimiser' is unknown.*'optimizer'"),
        (CLAIM % ("optimizer", "[sgd, adm]", ""), ":5: .*'adm' is unknown.*'adam'"),
        (CLAIM % ("loss", "[mse, bce, mse]", ""), ":5: .*levels must be different values"),
        (CLAIM % ("loss", "[mse]", ""), ":3: .*levels must be two different values"),
        (CLAIM % ("loss", "[mse, mse]", ""), ":5: .*levels must be different values"),
        (CLAIM % ("loss", "[mse, bce]", ", measure: los"), ":5: .*'los' is unknown"),
        (CLAIM % ("loss", "[mse, bce]", ", margin: 0"), ":5: .*margin.*greater than 0"),
        (CLAIM % ("loss", "[mse, bce]", ", hold: 0"), ":5: .*hold"),
        (CLAIM % ("loss", "[mse, bce]", ", wait: 3"), ":5: .*wait.*unknown"),
        ("title: t\nclaims:\n  - {text: a, parts: []}\n", ":3: .*parts"),
        (READING % "{so: [{factor: loss, levels: [mse]}]}", ":3: .*levels must be two different"),
        (READING % "{some: []}", ":6: .*some.parts must hold at least 1"),
        (READING % "{'': [{factor: loss, levels: [mse, bce]}]}", ":3: a reading must have a name"),
        (READING % "[some]", ":6: .*readings must be a mapping"),
        (READING % "{so: [{factor: loss, levels: [mse, x]}]}", ":6: .*'x' is unk"),
        (READING % "{so: {parts: []}}", ":6: .*so.parts must hold at least 1"),
        (READING % "{so: {needs: any}}", ":6: .*so.parts is missing"),
        (READING % "{so: {needs: some, parts: [{factor: loss, levels: [a]}]}}", ":6: .*'any'"),
        (RANKING % ("needs: any", ""), ":5: kind ranking needs all of its steps, got .*any"),
        (RANKING % ("needs: all", "so: " + ANY), ":6: kind ranking needs all of .* reading 'so'"),
        (READING % (LINES % ("[mse]", "los")), ":9: .*'los' is unk"),
        (READING % (LINES % ("[mse, bce]", "loss")), ":9: .*'a' is unk"),
        (CLAIM % ("optimizer", "[{mean: [sgd, adm]}, none]", ""), ":5: .*'adm' is unknown"),
        (CLAIM % ("optimizer", "[{mean: [sgd, none]}, none]", ""), ":5: levels must be different"),
        (CLAIM % ("optimizer", "[{mean: [sgd]}, none]", ""), ":5: the mean of levels must be"),
        (CLAIM % ("optimizer", "[{mean: sgd}, none]", ""), ":5: .* got {'mean': 'sgd'}"),
        (CLAIM % ("optimizer", "[{mean: [sgd, adam], lr: 1}, none]", ""), ":5: the mean of levels"),
        (CLAIM % ("optimizer", "[[sgd, adam], none]", ""), r":5: a level of optimizer.*\['sgd'"),
        (CLAIM % ("optimizer", "[{means: [sgd]}, none]", ""), ":5: .*{mean: .*got {'means'"),
        (WEIGHED % "3", ":5: weights of optimizer must be levels with.* got 3"),
        (WEIGHED % "[sgd, none]", r":5: weights of optimizer .* got \['sgd', 'none'\]"),
        (WEIGHED % "[[sgd], [adam, sgd]]", ":5: .*in one group only"),
        (WEIGHED % "{sgd: -1}", ":5: weights must be at least 0 and finite, got -1 for sgd"),
        (WEIGHED % "{sgd: .inf}", ":5: weights must be at least 0 and finite, got inf for sgd"),
        (WEIGHED % "{sgd: two}", ":5: weights must be at least 0 and finite, got 'two' for sgd"),
        (WEIGHED % "1, loss: [[mse]]", ":5: .*weights"),
        (CLAIM % ("loss", "[mse, bce]", ", weights: {loss: [[mse]]}"), ":5: .*got loss, which is"),
        ("title: t\nclaims:\n  - {text: a, kind: best, parts: []}\n", ":3: .*kind"),
        ("title: t\nclaim: []\n", ":2: key 'claim' is unknown.*'claims'"),
        ("title: t\ncells:\n  - {loss: mse}\n", ":3: .*a cell needs numbers"),
        ("title: t\ncells:\n  - {loss: mse, test_acc: 3}\n", ":3: .*key 'test_acc' is unknown"),
        ("title: t\ncells:\n  - {test_accuracy: 0.935}\n", ":3: .*in percent: 93.5, not 0.935"),
        ("title: t\ncells: [{loss: mse, test_accuracy: high}]\n", ":2: .*must be a number or"),
        (
            CELL % "train_accuracy: {mean: 3}",
            ":3: .*train_accuracy needs mean, sd and runs, got no sd",
        ),
        (CELL % "test_loss: {mean: 3, sd: -1, runs: 3}", ":3: .*sd must be at least 0 .* got -1"),
        (CELL % "test_loss: {mean: 3, sd: 1, runs: 1}", ":3: .*runs must be a whole number from 2"),
        (CELL % "test_loss: {mean: 3, dev: 1, runs: 1}", ":3: .*key of test_loss 'dev' is unknown"),
        (CELL % "test_loss: .nan", ":3: .*test_loss must be finite, got nan"),
        (CELL % "note: 3", ":3: .*note must be a text, got 3"),
        (CELL % "optimiser: adam", ":3: key 'optimiser' is unknown.*'optimizer'"),
        (CELL % "test_acuracy: 3", ":3: key 'test_acuracy' is unknown.*'test_accuracy'"),
        (CELL % "optimizer: adm", ":3: optimizer 'adm' is unknown.*'adam'"),
        (CELL % "optimizer: {name: adm}", ":3: optimizer 'adm' is unknown.*'adam'"),
        (CELL % "optimizer: {name: [adam]}", r":3: optimizer \['adam'\] is unknown"),
        (CELL % "optimizer: 3", ":3: optimizer must be a name or a mapping, got 3"),
        (CELL % "model.output: sigmod", ":3: activation 'sigmod' is unknown.*'sigmoid'"),
        (CELL % "model: {output: sigmod}", ":3: activation 'sigmod' is unknown.*'sigmoid'"),
        (CELL % "model.hiden: [3]", ":3: key of model 'hiden' is unknown.*'hidden'"),
        (CELL % "optimizer.lr: .nan", ":3: optimizer.lr must be finite, got nan"),
        (CELL % "optimizer: {name: sgd, lr: .inf}", ":3: optimizer must be finite, got sgd.lr=inf"),
        (CELL % "train_accuracy: .nan", ":3: train_accuracy must be from 0 to 100.* got nan"),
        (CELL % "train_accuracy: .inf", ":3: train_accuracy must be from 0 to 100.* got inf"),
        (CELL % f"train_accuracy: 1{'0' * 500}", ":3: train_accuracy must be from 0 to 100"),
        ("title: t\nrounding: .nan\n", ":2: rounding must be"),
        ("title: t\nmargin: .inf\n", ":2: margin must be finite"),
        (CELL % "loss: mse" + TWICE % "mse", ":4: loss=mse: appears twice, first at .*:3"),
        (CELL % "loss: mse" + TWICE % "{name: mse}", ":4: loss=mse: appears twice"),
        ("cells: []\n", "title is missing"),
        ("- 3\n", "must be a mapping"),
        ("title: t\nalpha: 2\n", ":2: alpha"),
        ("title: t\ntuning: {axis: lr, factor: optimizer, seeds: 3}\n", ":2: .*'lr' is unknown"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, message):
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        load_reference(str(path))


RUNS = """activation,optimizer,test_accuracy,train_loss
relu,adam,93.5,0.25
relu,"{name: adam}",94.5,0.50

relu,adam,95.0,0.75
tanh,none,60,0.5
"""


def load_runs(folder, table, reference="title: t\nruns: runs.csv\n"):
    """Load a reference with a table of published runs beside it."""
    folder.mkdir(exist_ok=True)
    (folder / "runs.csv").write_text(table)
    (folder / "r.yaml").write_text(reference)
    return load_reference(str(folder / "r.yaml"))


def test_published_runs_are_grouped_into_cells(tmp_path):
    reference = load_runs(tmp_path, RUNS)
    runs = first_runs(STUDY + "grid: {activation: [relu, tanh], optimizer: [adam, none]}\n")
    numbers = match(reference, runs).numbers
    accuracy = numbers[runs[0].id]["test_accuracy"]
    assert accuracy.values == (93.5, 94.5, 95.0)
    assert accuracy.mean == pytest.approx(np.mean(accuracy.values))
    assert accuracy.sd == pytest.approx(np.std(accuracy.values, ddof=1))
    assert accuracy.runs == 3
    assert numbers[runs[0].id]["train_loss"].values == (0.25, 0.5, 0.75)
    assert numbers[runs[3].id] == {"test_accuracy": Reported(60.0), "train_loss": Reported(0.5)}
    assert list(numbers) == [runs[0].id, runs[3].id]
    assert match(reference, runs[:1]).complaints() == [
        f"{tmp_path}/runs.csv:6: meets no cell of the study: activation=tanh, optimizer=none"
    ]


def test_published_runs_are_judged_as_scipy_does_and_without_their_file(tmp_path):
    """The store keeps the table: the verdicts need no file again, nor do they open one."""
    published = [95.0, 96.5, 94.5, 97.0]
    (tmp_path / "theirs").mkdir()
    reference, runs = tmp_path / "theirs" / "r.yaml", tmp_path / "theirs" / "runs.csv"
    reference.write_text("title: t\nruns: runs.csv  # theirs\n")
    runs.write_text("loss,test_accuracy\n" + "".join(f"mse,{x}\n" for x in published))

    def numbers(_, seed):
        return {"train_accuracy": 98.0, "test_accuracy": float(TEN[seed])}

    study = f"name: s\nreference: {reference}\nseeds: 10\ngrid: {{loss: [mse, bce]}}\n"
    folder = make_store(tmp_path / "store", numbers, study)
    runs.write_text("loss,test_accuracy\nmse,3\n")
    changed = minidl("verdicts", folder, "--json").stdout
    shutil.rmtree(tmp_path / "theirs")
    (cell,) = json.loads(minidl("verdicts", folder, "--json").stdout)["cells"]
    assert cell == json.loads(changed)["cells"][0]
    expected = stats.ttest_ind(published, TEN, equal_var=False)
    assert cell["p"] == pytest.approx(expected.pvalue)
    assert cell["published_values"] == published
    assert cell["published_runs"] == 4
    assert "95.75 ± 1.19 (4 runs)" in to_markdown(judge(folder))


@pytest.mark.parametrize(
    "name",
    ["runs.csv", '"runs.csv" # theirs', "!!str runs.csv", "|-\n  runs.csv", "'x/../runs.csv'"],
)
def test_the_name_of_the_runs_may_be_written_in_any_way(tmp_path, name):
    (tmp_path / "x").mkdir()
    text = f"# first\ntitle: t\nruns: {name}\ncells: []\nmargin: 0.1\n"
    reference = load_runs(tmp_path, RUNS, text)
    assert len(reference.cells) == 2
    last = text[: text.index("margin")].count("\n") + 1
    assert reference.place(("margin",)) == f"{tmp_path}/r.yaml:{last}"  # no line is another
    again = parse_reference(reference.text, "elsewhere/r.yaml")
    assert again.cells == reference.cells
    assert again.place(("cells", 1)) == "elsewhere/runs.csv:6".replace("runs", name_of(name))


def name_of(written):
    return "x/../runs" if "x/" in written else "runs"


def test_a_shipped_reference_may_have_runs(tmp_path, monkeypatch):
    (tmp_path / "reference").mkdir()
    load_runs(tmp_path / "reference", RUNS)
    monkeypatch.setattr("minidl.study.files.reference_file.shipped_configs", lambda: tmp_path)
    assert len(load_reference("r").cells) == 2


def test_a_store_that_names_a_file_of_runs_has_it_not_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = make_store(tmp_path / "s", near_the_paper, PAPER.format(seeds=2))
    load_runs(tmp_path, RUNS)
    change(store, "UPDATE study SET reference = 'title: t\nruns: runs.csv\n'")
    said = minidl("verdicts", store, code=2)
    assert said.stderr == (
        "minidl: paper:2: runs must hold the table of 'runs.csv', which is not opened\n"
    )
    assert said.stdout == ""


HEAD = "loss,test_accuracy\nmse,60\n"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (HEAD + "bce,\n", "runs.csv:3: test_accuracy has no value"),
        (HEAD + "\n,61\n", "runs.csv:4: loss has no value"),
        (HEAD + "bce,high\n", "runs.csv:3: test_accuracy must be a number, got 'high'"),
        (HEAD + "bce,6_0\n", "runs.csv:3: test_accuracy must be a number, got '6_0'"),
        (
            HEAD + "bce,nan\n",
            "runs.csv:3: test_accuracy must be from 0 to 100, in percent, got nan",
        ),
        (HEAD + "bce,101\n", "runs.csv:3: test_accuracy must be from 0 to 100"),
        ("loss,test_loss\nmse,inf\n", "runs.csv:2: test_loss must be finite, got inf"),
        ("loss,test_loss\nmse,1e60\n", r"runs.csv:2: test_loss must be at most 1e\+50 in size"),
        (HEAD + "bce,60,3\n", "runs.csv:3: 3 values; expected 2"),
        (HEAD + "bec,60\n", "runs.csv:3: loss 'bec' is unknown"),
        (HEAD + "{,60\n", "runs.csv:3: loss: cannot be read as YAML"),
        (HEAD + 'bce,"60\n', "runs.csv:3: not CSV"),
        ("los,test_accuracy\nmse,60\n", "runs.csv:1: key 'los' is unknown.*'loss'"),
        ("loss,test_acuracy\nmse,60\n", "runs.csv:1: needs columns of numbers: train_accuracy or"),
        ("loss,note,test_loss\nmse,3,60\n", "runs.csv:1: column 'note' is neither a setting nor"),
        ("loss,loss,test_loss\nmse,mse,60\n", "runs.csv:1: column 'loss' appears twice"),
        ("loss,,test_loss\nmse,mse,60\n", "runs.csv:1: column 2 has no name"),
        ("loss,test_loss\n", "runs.csv: holds no runs"),
        ("", "runs.csv:1: needs columns of numbers"),
    ],
)
def test_what_is_wrong_with_published_runs_is_said_with_its_line(tmp_path, table, message):
    with pytest.raises(InputError, match=f"^{tmp_path}/{message}"):
        load_runs(tmp_path, table)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("title: t\nruns: 3\n", "r.yaml:2: runs must be the name of a CSV file, got 3"),
        ("title: t\nruns: gone.csv\n", "gone.csv: cannot be read: No such file"),
        ("title: t\nruns: .\n", ": cannot be read: Is a directory"),
        ("title: t\nruns: ''\n", ": cannot be read: Is a directory"),
        (
            "title: t\nruns: runs.csv\ncells:\n"
            "  - {activation: tanh, optimizer: none, test_accuracy: 60}\n",
            "runs.csv:6: activation=tanh, optimizer=none: appears twice, first at .*r.yaml:4",
        ),
        (CELL % "test_loss: [3]", "r.yaml:3: test_loss: a list must hold two runs or more"),
        (CELL % "test_loss: [3, [4]]", "r.yaml:3: test_loss must be a number in each run"),
        (CELL % "test_loss: {mean: 3, sd: 1.0e+60, runs: 3}", "r.yaml:3: test_loss: sd must be at"),
    ],
)
def test_what_is_wrong_with_the_name_of_published_runs(tmp_path, reference, message):
    with pytest.raises(InputError, match=message):
        load_runs(tmp_path, RUNS, reference)


def test_wrong_published_runs_are_one_line_and_leave_with_2(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("runs.csv").write_text(HEAD + "bce,\n")
    Path("r.yaml").write_text("title: t\nruns: runs.csv\n")
    Path("s.yaml").write_text("reference: r.yaml\n" + OPTIMIZERS % "sgd, adam")
    said = minidl("validate", "s.yaml", code=2).stderr
    assert said.endswith("runs.csv:3: test_accuracy has no value\n")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("source", "message"),
    [("papre", "did you mean 'paper'"), ("/nowhere/x.yaml", "cannot be read")],
)
def test_a_reference_that_is_not_there(source, message):
    with pytest.raises(InputError, match=message):
        load_reference(source)


def against(published, values, half_unit=0.0):
    number = Reported(published)
    return agree({}, "test_accuracy", number, values, half_unit=half_unit, compared=18)


TEN = np.array([96.0, 96.5, 97.0, 97.5, 98.0] * 2)


def test_the_four_verdicts_on_a_number_change_at_the_ends_of_its_intervals():
    found = against(97.0, TEN)
    low, far = found.near.low, found.far.low
    assert far < low
    numbers = [97.0, low + 0.01, low - 0.01, far + 0.01, far - 0.01]
    assert [against(number, TEN).verdict for number in numbers] == [
        "consistent",
        "consistent",
        "in tension",
        "in tension",
        "contradicted",
    ]
    assert against(low - 0.01, TEN, half_unit=0.05).verdict == "consistent"
    assert against(far - 0.01, TEN, half_unit=0.05).verdict == "in tension"


def test_few_or_scattered_runs_say_little():
    assert against(97.0, TEN[:9]).verdict == "says little"
    assert against(97.0, 97 + 2 * (TEN - 97)).verdict == "says little"
    assert against(50.0, []).verdict == "says little"
    assert against(97.0, [97.0]).verdict == "says little"


def test_an_interval_is_wide_in_points_of_accuracy_alone():
    """Another score has a unit of its own, in which three may be next to nothing."""
    wide = {"half_unit": 0.0, "compared": 1}
    scattered = 97 + 2 * (TEN - 97)
    for score in ("train_rmse", "test_loss", "test_r2"):
        assert agree({}, score, Reported(97.0), scattered, **wide).verdict == "consistent"
    for score in ("train_accuracy", "gap"):
        assert agree({}, score, Reported(97.0), scattered, **wide).verdict == "says little"


@pytest.mark.filterwarnings("error")
def test_a_number_above_what_the_hypothesis_allows_cannot_have_come_from_it():
    """Of 1,000 points 960 are counted, so 96.4 % would be more than all of them right."""
    scale = WrongPoints(1000, 96.0)
    told = {}, "test_accuracy", Reported(96.4), 0.96 * TEN
    found = agree(*told, half_unit=0.05, compared=2, scale=scale)
    assert (found.p, found.verdict) == (0.0, "contradicted")
    assert scale.to([96.0, 96.4]).tolist() == [pytest.approx(np.log(0.5)), -np.inf]


def test_few_or_scattered_runs_exclude_a_number_all_the_same():
    assert against(50.0, TEN[:9]).verdict == "contradicted"
    assert against(50.0, 97 + 2 * (TEN - 97)).verdict == "contradicted"


@pytest.mark.parametrize("theirs", [Reported(99.5), Reported(99.5, 0.1, 32)])
def test_few_equal_runs_exclude_nothing(theirs):
    """They show no scatter to hold a number against."""
    for values, verdict in [([100.0] * 9, "says little"), ([100.0] * 10, "contradicted")]:
        found = agree({}, "test_accuracy", theirs, values, half_unit=0.05, compared=2)
        assert found.verdict == verdict


def test_equal_runs_leave_room_for_rounding_alone():
    equal = [97.0] * 10
    assert against(97.04, equal, half_unit=0.05).verdict == "consistent"
    assert against(97.06, equal, half_unit=0.05).verdict == "contradicted"


def test_how_far_out_a_number_lies():
    """The p-value is 5 % where the 95 % prediction interval ends."""
    found = against(97.0, TEN)
    edge = against(found.near.low, TEN)
    assert edge.p == pytest.approx(0.05)
    assert against(96.5, TEN).beyond == 4
    assert against(97.6, TEN).beyond == 2
    assert (found.p, found.beyond) == (1.0, 6)


def test_the_first_guess_at_a_false_alarm_rate_holds():
    """One more run of the same kind is in tension, or worse, in 5 % of simulated studies."""
    rng = np.random.default_rng(0)
    found = [against(rng.normal(97, 0.5), rng.normal(97, 0.5, 10)).verdict for _ in range(2000)]
    assert 0.035 <= 1 - found.count("consistent") / 2000 <= 0.065
    assert found.count("contradicted") / 2000 <= 0.01


COMMITTED = Path(__file__).parents[1] / "results" / "reference" / "paper_100_seeds" / "runs.csv"


def committed(score):
    """The committed hundred-seed study: a score by cell, in the order of the seeds."""
    cells = {}
    with COMMITTED.open() as file:
        for row in csv.DictReader(file):
            key = row["activation"], row["loss"], row["optimizer"]
            cells.setdefault(key, []).append(float(row[score]))
    return cells


@pytest.mark.parametrize("score", ["train_accuracy", "test_accuracy"])
def test_an_honest_seed_is_rarely_contradicted(score):
    """Each of the hundred committed seeds in turn is held against the others, as if published."""
    cells = list(committed(score).values())
    found = [
        [
            agree(
                {},
                score,
                Reported(x[i]),
                [*x[:i], *x[i + 1 :]],
                half_unit=0.05,
                compared=36,
                scale=WrongPoints(1000),
            )
            for x in cells
        ]
        for i in range(100)
    ]
    verdicts = [[one.verdict for one in seed] for seed in found]
    near = [one.published not in one.near for seed in found for one in seed]
    assert 0.03 <= np.mean(near) <= 0.06
    # of 100; with symmetric intervals 12 and 16
    assert sum("contradicted" in seed for seed in verdicts) <= 5
    assert all(one.far.high <= 100 for seed in found for one in seed)


def test_the_mean_of_several_published_runs_is_held_against_welchs_interval():
    """As scipy has it from the same means and deviations."""
    theirs = Reported(95.5, 1.3, 20)
    found = agree({}, "test_accuracy", theirs, TEN, half_unit=0, compared=1)
    expected = stats.ttest_ind_from_stats(95.5, 1.3, 20, TEN.mean(), TEN.std(ddof=1), 10, False)
    assert found.p == pytest.approx(expected.pvalue)
    at_edge = agree(
        {}, "test_accuracy", Reported(found.near.low, 1.3, 20), TEN, half_unit=0, compared=1
    )
    assert at_edge.p == pytest.approx(0.05)
    assert found.verdict == "contradicted"
    assert found.ratio == pytest.approx(TEN.std(ddof=1) / 1.3)


PUBLISHED = {
    (cell["activation"], cell["loss"], cell["optimizer"]): cell
    for cell in load_reference("paper").cells
}


def near_the_paper(labels, seed):
    """Our runs: the paper's training accuracies, and 3 points more than its test accuracies."""
    theirs = PUBLISHED[labels["activation"], labels["loss"], labels["optimizer"]]
    shift = (seed % 5 - 2) / 4
    return {
        "train_accuracy": theirs["train_accuracy"] + shift,
        "test_accuracy": theirs["test_accuracy"] + 3.0 + shift,
    }


def test_all_cells_together_are_one_observation(tmp_path):
    results = read_results(make_store(tmp_path, near_the_paper, PAPER.format(seeds=10)))
    (group,) = together(results, load_reference("paper"))
    train, test, gap = group.agreements
    assert (group.cells, group.labels, train.summary.n) == (18, {}, 10)
    assert [round(found.published, 2) for found in (train, test, gap)] == [97.86, 93.86, 4.01]
    assert [round(found.summary.mean, 2) for found in (train, test, gap)] == [97.86, 96.86, 1.01]
    assert [found.verdict for found in (train, test, gap)] == [
        "consistent",
        "contradicted",
        "contradicted",
    ]
    assert gap.beyond == 0


def test_a_study_that_varies_more_has_a_group_for_each_combination(tmp_path):
    study = PAPER.format(seeds=10) + "    \n"
    study = study.replace("overrides:", "  data.normalize: [none, own]\noverrides:")

    def numbers(labels, seed):
        own = near_the_paper(labels, seed)
        gap = -3.0 if labels["data.normalize"] == "own" else 0.0
        return {**own, "test_accuracy": own["test_accuracy"] + gap + 0.1 * (seed % 3)}

    results = read_results(make_store(tmp_path, numbers, study))
    groups = together(results, load_reference("paper"))
    verdicts = {group.labels["data.normalize"]: group.agreements[2].verdict for group in groups}
    assert verdicts == {"none": "contradicted", "own": "consistent"}
    assert "data.normalize" in together_table(groups).header


def test_every_cell_is_compared_and_the_page_says_what_consistent_means(tmp_path):
    judgement = judge(make_store(tmp_path, near_the_paper, PAPER.format(seeds=10)))
    train, test = judgement.cells[0::2], judgement.cells[1::2]
    assert {found.verdict for found in train} == {"consistent"}
    assert {found.verdict for found in test} == {"contradicted"}
    page = to_markdown(judgement)
    assert "*Consistent* means not refuted" in page
    assert "| tanh | bce | adam | training accuracy | 95.9 | 95.9 |" in page


def test_diverged_and_collapsed_runs_are_counted_and_warned_of(tmp_path):
    def numbers(labels, seed):
        bad = labels["optimizer"] == "adam" and seed in (0, 1)
        status = "diverged" if bad and seed == 0 else "done"
        accuracy = 51.0 if bad else 97.0 + seed / 10
        return {"status": status, "train_accuracy": accuracy, "test_accuracy": accuracy}

    folder = make_store(tmp_path, numbers, PAPER.format(seeds=12))
    cells = {cell.labels["optimizer"]: cell for cell in summarise_cells(read_results(folder))}
    adam, sgd = cells["adam"], cells["sgd"]
    assert (adam.diverged, adam.collapsed, adam.missing) == (1, 2, [])
    assert (sgd.diverged, sgd.collapsed, sgd.suspect) == (0, 0, False)
    assert adam.accuracies["test_accuracy"].min == 51.0
    assert adam.suspect
    page = to_markdown(judge(folder))
    assert "In 6 of 18 cells a tenth or more of the runs collapsed: on their training set" in page
    assert "activation=relu, loss=mse, optimizer=adam: 2 of 12" in page


def test_less_than_a_tenth_collapsed_is_no_warning(tmp_path):
    def numbers(_, seed):
        accuracy = 51.0 if seed == 0 else 97.0
        return {"train_accuracy": accuracy, "test_accuracy": accuracy}

    eleven = read_results(make_store(tmp_path / "a", numbers, PAPER.format(seeds=11)))
    ten = read_results(make_store(tmp_path / "b", numbers, PAPER.format(seeds=10)))
    assert not summarise_cells(eleven)[0].suspect
    assert summarise_cells(ten)[0].suspect


@pytest.mark.parametrize(("seeds", "warned"), [(11, False), (10, True)])
def test_collapsed_runs_of_a_regression_are_a_share_of_its_runs_too(tmp_path, seeds, warned):
    """It has no accuracies to count them by."""
    study = f"""
name: curve
seeds: {seeds}
data: sine
model: {{output: identity}}
grid: {{optimizer: [sgd]}}
"""

    def numbers(_, seed):
        r2 = -0.01 if seed == 0 else 0.9
        return {"train_r2": r2, "test_r2": r2, "train_rmse": 0.2, "test_rmse": 0.2}

    (cell,) = read_results(make_store(tmp_path, numbers, study)).cells
    records = {seed: replace(own, baseline=0.0) for seed, own in cell.records.items()}
    summary = summarise_cell(replace(cell, records=records))
    assert (summary.collapsed, summary.suspect) == (1, warned)
    assert [line.endswith("optimizer=sgd: 1 of 10.") for line in collapsed_text([summary])] == (
        warned * [True]
    )


def test_a_constant_answer_has_collapsed_however_its_share_rounds(tmp_path):
    run = next(iter(read_results(make_store(tmp_path, lambda *_: {}, PAPER.format(seeds=2))).cells))
    record = next(iter(run.records.values()))
    for ones in range(1001):
        target = (torch.arange(1000) < ones).float().unsqueeze(-1)
        answer = torch.full_like(target, float(ones >= 500))
        (right,) = Accuracy().totals(answer, target)
        scored, better = (Accuracy().score(1000, right + more).item() for more in (0, 1))
        baseline = Accuracy().constant(target).item()
        constant, learned = (
            replace(record, baseline=baseline, final={"train_accuracy": accuracy})
            for accuracy in (scored, better)
        )
        assert collapsed(constant)
        assert not collapsed(learned)
