"""What a person may type for short: a study's name, a setting's last part, longer option names."""

import json

import pytest
from helpers.in_process import minidl
from helpers.studies import TINY, part, train

PLAN = ("--dry-run", "--json", "--seeds", "1")


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shortcuts")
    train(TINY, folder / "results" / "tiny")
    return folder


def settings_of(*words: str) -> dict:
    """Return the settings of the first run of a study as it would be trained."""
    return json.loads(minidl("train", "--epochs", "1", "--json", "-q", *words).stdout)["settings"]


def test_the_grid_is_an_argument_or_an_option_and_one_of_both():
    argument, option = (
        json.loads(minidl("run", *words, *PLAN).stdout)
        for words in (["paper"], ["--grid", "paper"])
    )
    assert argument == option
    assert "paper, " in minidl("run", code=2).stderr
    assert "name one" in minidl("run", "paper", "--grid", "paper", code=2).stderr


def test_a_study_is_found_by_its_name(here, monkeypatch):
    monkeypatch.chdir(here)
    for command in (["status", "tiny"], ["tables", "tiny"], ["export", "tiny"]):
        named = minidl(*command).stdout
        assert named == minidl(command[0], "results/tiny").stdout
    for near in ("tinny", "results/tinny", "result/tiny"):
        assert "did you mean 'results/tiny'?" in minidl("status", near, code=2).stderr
    assert "did you mean" not in minidl("status", "other", code=2).stderr


def test_a_folder_comes_before_a_name(here, monkeypatch):
    monkeypatch.chdir(here)
    part(here / "tiny", TINY, "loss=mse")
    assert "8  missing" in minidl("status", "tiny").stdout
    assert "0  missing" in minidl("status", "results/tiny").stdout


def test_the_last_part_of_a_key_is_enough_where_one_setting_ends_so():
    whole = settings_of("--set", "optimizer.lr=0.25", "--set", "data.train=20")
    assert settings_of("--set", "lr=0.25", "--set", "train=20") == whole
    runs = json.loads(minidl("run", "paper", *PLAN, "--only", "lr=0.01").stdout)["runs"]
    assert {run["optimizer"] for run in runs} == {"sgd", "none"}
    several = minidl("run", "paper", "--set", "eps=1", code=2).stderr
    assert "'eps' may be optimizer.eps or schedule.eps; say which" in several
    near = minidl("run", "paper", "--set", "momentun=0.5", code=2).stderr
    assert "did you mean optimizer.momentum?" in near


def test_long_names_of_options():
    short = minidl("train", "--act", "relu", "--opt", "none", "--epochs", "1", "-q").stdout
    options = ["--activation", "relu", "--optimizer", "none", "--epochs", "1", "-q"]
    assert minidl("train", *options).stdout == short
    assert minidl("-V").stdout == minidl("--version").stdout


def test_what_was_asked_for_is_reported_beside_its_own_numbers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ("--set", "data.train=20", "--set", "data.test=20", "--set", "epochs=1", "--seeds", "1")
    words = ("run", "paper", *small, "--only", "optimizer=adam", "--jobs", "1", "-q")
    done = minidl(*words, "--no-figures", "--no-report")
    assert "–" not in done.stdout
    assert "sgd" not in done.stdout
    assert "of other settings" in done.stderr
    assert "paper" not in minidl("tables", "paper").stdout
    assert "published: false" in (tmp_path / "results" / "paper" / "study.yaml").read_text()


def test_one_network_and_one_question_are_drawn_into_files(here, tmp_path):
    net, answer = tmp_path / "net.svg", tmp_path / "answer.pdf"
    minidl("train", "--epochs", "2", "--set", "train=20", "-q", "--figure", str(net))
    assert net.read_bytes().startswith(b"<?xml")
    levels = ("--factor", "loss", "--levels", "mse,bce")
    minidl("compare", str(here / "results" / "tiny"), *levels, "--figure", str(answer))
    assert answer.read_bytes().startswith(b"%PDF")
    wrong = minidl("train", "--figure", str(tmp_path / "net.gif"), code=2).stderr
    assert "format 'gif' is unknown; known: pdf, png, svg" in wrong


def test_cells_that_were_never_asked_for_are_counted_and_not_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY)
    words = ("run", "tiny.yaml", "--jobs", "1", "-q", "--no-figures")
    minidl(*words, "--only", "activation=relu", "--only", "loss=mse", "--no-report")
    folder = tmp_path / "results" / "tiny"
    shown = minidl("tables", "tiny").stdout
    assert "–" not in shown
    assert "tanh" not in shown
    assert "Shown are 2 of the grid's 8 cells." in shown
    assert "–" not in (folder / "tables.md").read_text()
    rows = json.loads(minidl("tables", "tiny", "--format", "json").stdout)["tables"]
    assert sum(len(table["rows"]) for table in rows) == 8
    assert len((folder / "tables.csv").read_text().splitlines()) == 9
    minidl("report", "tiny")
    minidl(*words, "--only", "seed=0", "--no-report")
    shown = minidl("tables", "tiny").stdout
    assert "Shown are" not in shown
    assert shown.count("Missing in each row: 1 of 2 runs (seed 1).") == 1  # but for relu's table
