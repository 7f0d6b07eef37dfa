import csv
import io
import json
from dataclasses import replace
from math import nan
from statistics import fmean, stdev

import pytest
from helpers.constructed_store import make_store
from helpers.studies import SCORES, TINY

from minidl.report.html.scores import shaded_tables
from minidl.report.results import read_results
from minidl.report.tables.scores import FORMATS, Table, render, tables
from minidl.report.words import decimal, p_told, signed, unsigned
from minidl.study.errors import InputError
from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.result import RunResult
from minidl.study.store.store import Store

STUDY = """
name: constructed
reference: paper
seeds: 3
grid:
  activation: [tanh, leaky_relu]
  loss: [mse]
  optimizer: [sgd, adam]
"""
WITH_LOSSES = ["train accuracy", "test accuracy", "train loss", "test loss"]
TRAIN = {0: 97.0, 1: 98.0, 2: 99.0}  # mean 98, deviation 1
TEST = {0: 95.0, 1: 96.0, 2: 98.0}  # mean 289/3, deviation √(7/3)


def result(run, status="done"):
    if status == "failed":
        return RunResult(run.id, status, 0.1, error="out of memory")
    final = dict(zip(SCORES, (0.1, TRAIN[run.seed], 0.2, TEST[run.seed]), strict=True))
    return RunResult(run.id, status, 0.1, [{"epoch": 1, **final}])


def tables_of(folder, text=STUDY, status=lambda _: "done"):
    """Build a store by hand and return its tables; a run whose status is None is left out."""
    study = parse_study(text, "constructed")
    runs = [run for run in expand(study) if status(run) is not None]
    with Store(folder, create=True) as store:
        store.set_study(study)
        store.add(runs, [result(run, status(run)) for run in runs], environment={})
    return tables(read_results(folder))


def rows_of_csv(made):
    return list(csv.DictReader(io.StringIO(render(made, "csv"))))


def test_a_table_for_each_value_of_the_first_axis(tmp_path):
    made = tables_of(tmp_path)
    assert [t.title for t in made] == [
        "Table 1: activation tanh",
        "Table 2: activation leaky_relu",
    ]
    assert made[0].header == [
        *("loss", "optimizer", "runs"),
        *("train accuracy", "paper", "test accuracy", "paper"),
    ]
    assert made[0].rows == [
        ["mse", "sgd", "3", "98.0 ± 1.0", "98.6", "96.3 ± 1.5", "94.0"],
        ["mse", "adam", "3", "98.0 ± 1.0", "97.8", "96.3 ± 1.5", "93.1"],
    ]
    assert any("Mini deep learning framework" in note for note in made[0].notes)


def test_published_losses_stand_beside_ours_and_what_nobody_published_stands_alone(tmp_path):
    reference = tmp_path / "losses.yaml"
    reference.write_text("{title: Theirs, cells: [{activation: tanh, test_loss: 0.21}]}")
    made = tables_of(tmp_path, STUDY.replace("paper", str(reference)).replace("mse", "bce, mse"))
    assert made[0].header[-4:] == ["train accuracy", "test accuracy", "test loss", "paper"]
    assert made[0].rows[0][-2:] == ["0.2000 ± 0.0000", "0.2100"]
    assert made[1].header[-1] == "test loss"


def test_csv_is_flat_and_unrounded(tmp_path):
    rows = rows_of_csv(tables_of(tmp_path))
    assert len(rows) == 4
    assert list(rows[0]) == [
        *("activation", "loss", "optimizer", "n", "diverged", "missing"),
        *("train_mean", "train_sd", "test_mean", "test_sd", "paper_train", "paper_test"),
    ]
    first = rows[0]
    assert [first[key] for key in ("activation", "loss", "optimizer")] == ["tanh", "mse", "sgd"]
    assert float(first["train_mean"]) == 98.0
    assert float(first["train_sd"]) == 1.0
    assert float(first["test_mean"]) == 289 / 3
    assert float(first["test_sd"]) == pytest.approx((7 / 3) ** 0.5, rel=1e-15)
    assert (first["paper_train"], first["paper_test"]) == ("98.6", "94.0")


def test_json_holds_the_same_numbers(tmp_path):
    shown = json.loads(render(tables_of(tmp_path), "json"))["tables"]
    assert [t["title"] for t in shown] == [
        "Table 1: activation tanh",
        "Table 2: activation leaky_relu",
    ]
    row = shown[1]["rows"][0]
    assert row["test_mean"] == fmean(TEST.values())
    assert row["test_sd"] == stdev(TEST.values())
    assert row["n"] == 3


def test_markdown(tmp_path):
    lines = render(tables_of(tmp_path), "md").splitlines()
    assert lines[0] == "### Table 1: activation tanh"
    assert lines[2].startswith("| loss | optimizer | runs | train accuracy | paper |")
    assert lines[3] == "| --- | --- | ---: | ---: | ---: | ---: | ---: |"
    assert lines[4] == "| mse | sgd | 3 | 98.0 ± 1.0 | 98.6 | 96.3 ± 1.5 | 94.0 |"


def test_latex(tmp_path):
    text = render(tables_of(tmp_path), "latex")
    assert r"\caption{activation leaky\_relu}" in text
    assert r"\begin{tabular}{llrrrrr}" in text
    assert r"mse & sgd & 3 & 98.0 $\pm$ 1.0 & 98.6 & 96.3 $\pm$ 1.5 & 94.0 \\" in text
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") == 2


def test_special_characters_are_escaped():
    table = Table("Table 1: a_b", ["x|y", "runs"], [["50 % of $a_1\\b~", "1"]], [], [{"x|y": ""}])
    assert r"| x\|y | runs |" in render([table], "md")
    text = render([table], "latex")
    assert r"x\textbar{}y & runs \\" in text
    assert r"50 \% of \$a\_1\textbackslash{}b\textasciitilde{} & 1 \\" in text


def test_missing_runs_are_named_and_never_filled_in(tmp_path):
    lost = {("sgd", 1): None, ("sgd", 2): "failed", ("adam", 0): None, ("adam", 1): None}
    lost[("adam", 2)] = None

    def status(run):
        gone = lost.get((run.cell["optimizer"], run.seed), "done")
        return gone if run.cell["activation"] == "tanh" else "done"

    made = tables_of(tmp_path, status=status)
    assert made[0].rows == [
        ["mse", "sgd", "1 of 3", "97.0", "98.6", "95.0", "94.0"],
        ["mse", "adam", "0 of 3", "–", "97.8", "–", "93.1"],
    ]
    assert "Missing in mse, sgd: 2 of 3 runs (seeds 1, 2)." in made[0].notes
    assert "Missing in mse, adam: all 3 runs." in made[0].notes
    assert not any("Missing" in note for note in made[1].notes)
    row = rows_of_csv(made)[1]
    assert (row["n"], row["missing"], row["test_mean"], row["test_sd"]) == ("0", "3", "", "")
    assert json.loads(render(made, "json"))["tables"][0]["rows"][1]["test_mean"] is None


def test_diverged_runs_are_counted_and_marked(tmp_path):
    made = tables_of(tmp_path, status=lambda run: "diverged" if run.seed == 2 else "done")
    assert made[0].rows[0][2:4] == ["3, 1 diverged", "98.0 ± 1.0"]
    assert any(note.startswith("2 runs diverged") for note in made[0].notes)
    assert [row["diverged"] for row in rows_of_csv(made)] == ["1"] * 4


def test_scores_of_diverged_runs_that_are_no_numbers_are_said_to_be_left_out(tmp_path):
    study = parse_study(
        "name: t\ndata: sine\nmodel: {output: identity}\ngrid: {optimizer: [sgd]}\nseeds: 2\n", "t"
    )
    runs = expand(study)
    with Store(tmp_path, create=True) as store:
        store.set_study(study)
        for run, r2 in zip(runs, (0.5, None), strict=True):
            final = {"train_r2": r2, "test_r2": r2}
            status = "done" if r2 else "diverged"
            store.add([run], [RunResult(run.id, status, 0.1, [{"epoch": 1, **final}])], {})
    (made,) = tables(read_results(tmp_path))
    note = next(line for line in made.notes if "diverged" in line)
    assert note.endswith("NaN or infinite), scores that are no number are left out of the means.")


def test_one_axis_and_one_seed(tmp_path):
    made = tables_of(tmp_path, "{name: one, seeds: [2], grid: {model.hidden: [[4], [25, 25]]}}")
    assert [t.title for t in made] == ["Table 1: one"]
    assert made[0].header == ["model.hidden", "runs", *WITH_LOSSES]
    numbers = ["1", "99.0", "98.0", "0.1000", "0.2000"]
    assert made[0].rows == [["4", *numbers], ["25-25", *numbers]]
    assert not any("±" in text for text in render(made, "md"))
    assert rows_of_csv(made)[0]["train_sd"] == ""


def test_no_axes(tmp_path):
    made = tables_of(tmp_path, "{name: single, seeds: 2, grid: {}}")
    assert made[0].header == ["runs", *WITH_LOSSES]
    losses = ["0.1000 ± 0.0000", "0.2000 ± 0.0000"]
    assert made[0].rows == [["2", "97.5 ± 0.7", "95.5 ± 0.7", *losses]]
    assert all(render(made, name) for name in FORMATS)


def test_cells_that_lack_an_axis(tmp_path):
    text = """
        {name: more, seeds: 2, grid: {activation: [tanh], loss: [mse, bce]},
         include: [{loss: bce_as_printed, epochs: 7}]}"""
    made = tables_of(tmp_path, text)
    assert [t.title for t in made] == [
        "Table 1: activation tanh",
        "Table 2: cells without activation",
    ]
    assert made[1].rows == [["bce_as_printed", "7", "2", "97.5 ± 0.7", "95.5 ± 0.7"]]
    assert made[0].rows[0][:2] == ["mse", "–"]
    assert [row["activation"] for row in rows_of_csv(made)] == ["tanh", "tanh", ""]


def test_an_unknown_format_is_an_input_error():
    with pytest.raises(InputError, match="latex"):
        render([], "late")


def test_losses_stand_beside_those_that_are_published(tmp_path):
    (tmp_path / "r.yaml").write_text("{title: t, cells: [{loss: mse, test_loss: 0.2}]}")
    text = f"{{name: l, reference: {tmp_path / 'r.yaml'}, grid: {{loss: [mse, bce]}}}}"
    (made,) = tables_of(tmp_path, text)
    assert made.header[2:] == ["train accuracy", "test accuracy", "test loss", "paper"]


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (1.23e-8, 4, "1.2e-08"),
        (-1.23e-8, 4, "-1.2e-08"),
        (0.00004999, 4, "5.0e-05"),
        (0.0000501, 4, "0.0001"),
        (0.0, 4, "0.0000"),
        (-0.0, 4, "0.0000"),
        (-0.04, 1, "0.0"),
        (0.01, 1, "0.0"),
        (None, 4, "–"),
        (float("nan"), 4, "nan"),
        (float("inf"), 4, "inf"),
        (123456.789, 2, "123456.79"),
    ],
)
def test_a_tiny_number_shows_its_digits(value, digits, text):
    assert decimal(value, digits) == text


def test_tiny_differences_and_published_numbers_show_theirs():
    assert [signed(v, 4) for v in (1.23e-8, -1.23e-8, 0.0)] == ["+1.2e-08", "−1.2e-08", "0.0000"]
    assert signed(-0.001, 2) == "0.00"
    assert unsigned(-1.23e-8, 4) == "−1.2e-08"


def test_tiny_losses_in_a_table(tmp_path):
    study = parse_study("name: t\nloss: mse\ngrid: {optimizer: [sgd]}\nseeds: 2\n", "t")
    runs = expand(study)
    losses = [1e-8, 3e-8]
    with Store(tmp_path, create=True) as store:
        store.set_study(study)
        for run, loss in zip(runs, losses, strict=True):
            final = dict(zip(SCORES, (loss, 100.0, 0.2, 99.0), strict=True))
            done = RunResult(run.id, "done", 0.1, [{"epoch": 1, **final}])
            store.add([run], [done], environment={})
    (made,) = tables(read_results(tmp_path))
    row = dict(zip(made.header, made.rows[0], strict=True))
    assert row["train loss"] == "2.0e-08 ± 1.4e-08"
    assert row["test loss"] == "0.2000 ± 0.0000"


@pytest.mark.parametrize(
    ("p", "told"), [(0.0312, "p = 0.031"), (1e-9, "p < 0.0001"), (nan, "p = –")]
)
def test_a_p_value_in_a_sentence_has_one_sign(p, told):
    assert p_told(p) == told


def test_a_row_leads_to_a_cell_that_began_also_where_another_is_called_alike(tmp_path):
    scored = {"train_accuracy": 98.0, "test_accuracy": 90.0}
    results = read_results(make_store(tmp_path, lambda *_: scored, TINY))
    first, second, *_ = results.cells
    waiting = replace(first, records={})
    results = replace(results, cells=[waiting, first, second])
    shaded = shaded_tables(results, tables(results.begun), None)
    assert [number for table in shaded for number in table.cells] == [1, 2]
    results = replace(results, cells=[waiting, replace(second, records={})])
    shaded = shaded_tables(results, tables(results.begun), None)
    assert [number for table in shaded for number in table.cells] == [0, 1]
