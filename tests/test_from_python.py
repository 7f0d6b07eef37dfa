"""Studies from Python hold the same promises as the command, and things show themselves."""

import importlib.metadata
import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pandas
import pytest
import torch
from helpers.in_process import minidl
from pyarrow import parquet

from minidl import BCE, Adam, InputError, Linear, Sequential, Tanh, disk, stack, train
from minidl import __version__ as version
from minidl import read as read_study
from minidl import run as run_study
from minidl.report import opened
from minidl.report.tables.formats import to_html
from minidl.report.tables.table import Table
from minidl.study.files.yaml_file import plain_text
from minidl.study.grid.change import Change
from minidl.study.grid.load import study_of

GRID = {"name": "small", "grid": {"activation": ["tanh", "relu"]}, "epochs": 2, "seeds": 3}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def exported(folder, *more):
    return json.loads(minidl("export", str(folder), "--format", "json", *more).stdout)


def without_times(rows):
    times = ("seconds", "processor_seconds", "finished_at")
    return [{key: value for key, value in row.items() if key not in times} for row in rows]


def test_a_dictionary_is_a_grid_file(tmp_path):
    run_study(GRID)
    (tmp_path / "small.yaml").write_text(json.dumps(GRID))
    minidl("run", "--grid", "small.yaml", "--out", "typed", "--no-figures", "--jobs", "1")
    assert without_times(exported("results/small")) == without_times(exported("typed"))
    assert (tmp_path / "results/small/tables.md").read_bytes() == (
        tmp_path / "typed/tables.md"
    ).read_bytes()


def test_a_second_call_trains_nothing_and_more_seeds_are_added():
    first = run_study(GRID, "out").runs
    again = run_study(GRID, "out").runs
    assert again.equals(first)
    more = run_study(GRID, "out", seeds=4).runs
    assert len(more) == 8
    assert set(first.id) < set(more.id)


def test_a_study_writes_its_report_beside_its_store_or_where_it_is_told():
    study = run_study(GRID, "out")
    beside = study.report()
    assert beside == Path("out/report.html")
    assert study.report("there.html").read_text() == beside.read_text()


def test_changes_and_only_are_those_of_the_command():
    found = run_study(GRID, "out", changes={"epochs": 3}, only=["activation=relu"]).runs
    assert set(found.epochs) == {3}
    assert set(found.activation) == {"relu"}


@pytest.mark.parametrize(
    ("grid", "more", "message"),
    [
        ({**GRID, "epochs": 0}, {}, "grid: epochs"),
        ({**GRID, "grid": {"activation": ["tahn"]}}, {}, "grid: activation 'tahn' is unknown"),
        ({**GRID, "grid": {"activation": [BCE()]}}, {}, "grid: is not what a grid file could say"),
        (GRID, {"changes": {"epoch": 3}}, "changes: epoch"),
        (GRID, {"only": ["activation=elu"]}, "--only activation=elu"),
        (
            GRID,
            {"changes": {"epochs": BCE()}},
            "changes: epochs: is not what a grid file could say",
        ),
        (GRID, {"changes": ["epochs=3"]}, "changes must map settings to values, got ['epochs=3']"),
        (GRID, {"only": "activation=relu"}, "only must be a list of texts, got 'activation=relu'"),
        (GRID, {"only": None}, "only must be a list of texts, got nothing"),
        (GRID, {"out": ""}, "out must be a path, got ''"),
        (GRID, {"out": 3}, "out must be a path, got 3"),
        (GRID, {"fresh": "no"}, "fresh must be True or False, got 'no'"),
        (GRID, {"jobs": 0}, "jobs must be a whole number from 1 to 10,000, got 0"),
        (GRID, {"jobs": -1}, "jobs must be a whole number from 1 to 10,000, got -1"),
        (GRID, {"jobs": 10_001}, "jobs must be a whole number from 1 to 10,000, got 10001"),
        (GRID, {"jobs": None}, "jobs must be a whole number from 1 to 10,000, got nothing"),
        (GRID, {"jobs": True}, "jobs must be a whole number from 1 to 10,000, got true"),
        (None, {}, "grid must be a path, a name or a dictionary, got nothing"),
        ("no_such_study", {}, "no_such_study"),
        ({**GRID, "reference": "nowhere.yaml"}, {}, "nowhere.yaml"),
    ],
)
def test_what_is_wrong_is_one_line_and_writes_nothing(grid, more, message, tmp_path):
    with pytest.raises(InputError) as raised:
        run_study(grid, **{"out": "out", **more})
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


# JSON writes the first as two escapes; YAML folds the next two, and refuses the last as it is.
@pytest.mark.parametrize("text", ["💰", "a\u2028b", "a\u0085b", "\x7f", 'a"\\ud83d,\\', "\t é"])
def test_a_dictionary_may_hold_any_text(text):
    assert study_of({"name": "s", "grid": {}, "reference": text}).reference == text
    change = Change("reference", plain_text(text, "changes"), "changes")
    assert study_of({"name": "s", "grid": {}}, changes=[change]).reference == text


def test_a_column_and_a_file_may_be_called_by_an_emoji():
    Path("💰.csv").write_text("a,💰\n" + "1,0\n2,1\n3,0\n" * 9)
    data = {"name": "csv", "path": "💰.csv", "target": "a", "train": 10, "test": 5}
    found = run_study({**GRID, "data": data}, "out", changes={"data.target": "💰"})
    assert len(found.runs) == 6


@pytest.mark.parametrize("wrong", [None, 3, "", "a\0b"])
def test_what_is_no_path_is_refused_by_reading_and_writing(wrong):
    with pytest.raises(InputError, match="folder must be a path, got"):
        read_study(wrong)
    study = run_study(GRID, "out", changes={"epochs": 1, "seeds": 1})
    if wrong is not None:
        with pytest.raises(InputError, match="out must be a path, got"):
            study.report(wrong)
    with pytest.raises(InputError, match="levels must be a list of texts, got"):
        study.compare("activation", *[3, "relu"])


def test_a_folder_without_a_store_is_refused(tmp_path):
    with pytest.raises(InputError, match="no study here"):
        read_study(tmp_path)


def test_frames_hold_what_export_prints():
    study = run_study(GRID, "out")
    assert isinstance(study.runs, pandas.DataFrame)
    assert list(study.runs.id) == [row["id"] for row in exported("out")]
    assert list(study.curves.epoch) == [row["epoch"] for row in exported("out", "--curves")]
    assert study.verdicts.empty


def test_without_pandas_they_are_lists(monkeypatch):
    run_study(GRID, "out")
    monkeypatch.setattr(opened, "find_spec", lambda _: None)
    assert read_study("out").runs == exported("out")


def test_a_reference_gives_verdicts():
    small = ["activation=tanh", "loss=mse", "optimizer=adam"]
    run_study("paper", "out", seeds=2, changes={"evaluate_every": 50}, only=small)
    study = read_study("out")
    judged = json.loads(minidl("verdicts", "out", "--json").stdout)
    assert list(study.verdicts.claim) == [row["claim"] for row in judged["claims"]]
    assert list(study.published.verdict) == [row["verdict"] for row in judged["cells"]]


def test_published_numbers_of_other_settings_are_left_out_and_that_is_said():
    with pytest.warns(UserWarning, match="published numbers are of other settings"):
        study = run_study("paper", "out", seeds=2, changes={"epochs": 1, "overrides": []})
    assert len(study.verdicts) == 4
    assert study.published.empty


def test_reading_loads_no_torch():
    run_study(GRID, "out")
    program = "import minidl, sys; s = minidl.read('out'); s.runs; s.tables; s._repr_html_()"
    program += "; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_names_are_text_in_html():
    name, tags = "<script>", []
    table = Table(name, [name], [[name]], [name], [{name: name}])
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, _: tags.append(tag)
    parser.feed(to_html([table]))
    assert set(tags) == {"table", "caption", "tr", "th", "td", "p"}
    assert run_study(GRID, "out")._repr_html_().count("<table>") == 1


def test_the_version_is_the_packages():
    assert version == importlib.metadata.version("minidl")


def test_parquet_holds_the_rows_of_csv():
    run_study(GRID, "out")
    minidl("export", "out", "--format", "parquet", "--out", "runs.parquet")
    assert parquet.read_table("runs.parquet").to_pylist() == exported("out")
    minidl("export", "out", "--format", "parquet", code=2)


def test_networks_data_and_histories_show_themselves():
    def lone(seed):
        g = torch.Generator().manual_seed(seed)
        model = Sequential(Linear(2, 3, generator=g), Tanh(), Linear(3, 1, generator=g))
        return model, Adam(model.param(), lr=0.01 * (1 + seed)), disk(10, g)

    model, optimizer, data = stack([lone(0), lone(1)])
    assert repr(model) == "Sequential(\n  Linear(2×2×3, 2×1×3)\n  Tanh()\n  Linear(2×3×1, 2×1×1)\n)"
    assert repr(optimizer) == "Adam(lr 0.01, 0.02)"
    assert repr(data) == "Dataset(x 2×10×2, y 2×10×1)"
    model, optimizer, data = lone(0)
    assert torch.equal(model(data.x), model.forward(data.x))
    generator = torch.Generator().manual_seed(0)
    history = train(
        model, BCE(), optimizer, data, epochs=2, batch_size=5, generator=generator, metrics=[]
    )
    assert repr(history) == f"History(epoch 2: train_loss {history.train_loss[-1].item():.4g})"
