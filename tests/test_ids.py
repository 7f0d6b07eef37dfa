"""A run's id never changes: those of the committed studies are in people's stores too."""

import csv
from pathlib import Path

import pytest

from minidl.registry import CHOSEN
from minidl.study import later
from minidl.study.grid.components import resolve
from minidl.study.grid.expand import expand
from minidl.study.grid.load import load_study
from minidl.study.grid.matching import look_up
from minidl.study.grid.settings import RunSettings
from minidl.study.run_spec import RunSpec

COMMITTED = sorted((Path(__file__).parents[1] / "results" / "reference").glob("*/runs.csv"))


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.parent.name)
def test_the_ids_of_the_committed_studies_stay(path: Path):
    with path.open(newline="") as file:
        written = [(row["id"], int(row["seed"])) for row in csv.DictReader(file)]
    runs = expand(load_study(str(path.with_name("study.yaml"))))
    assert [(run.id, run.seed) for run in runs] == written


def test_a_later_setting_changes_no_id_while_it_has_its_default(monkeypatch):
    old = RunSpec({"epochs": 3, "optimizer": {"name": "sgd", "lr": 0.1}}, 0)
    monkeypatch.setitem(later.SETTINGS, "shuffle", "epoch")
    monkeypatch.setitem(later.SETTINGS, "model.dropout", 0.0)
    monkeypatch.setitem(later.ARGUMENTS, ("optimizer", "sgd"), {"nesterov": False})
    more = {"shuffle": "epoch", "optimizer": {**old.settings["optimizer"], "nesterov": False}}
    assert RunSpec(old.settings | more, 0).id == old.id
    for key, value in (("shuffle", "never"), ("optimizer", {"name": "sgd", "nesterov": True})):
        assert RunSpec(old.settings | more | {key: value}, 0).id != old.id
    assert RunSpec({"model": {"hidden": [2], "dropout": 0.0}}, 0).id == (
        RunSpec({"model": {"hidden": [2]}}, 0).id
    )


def test_what_came_later_has_the_defaults_of_today():
    today = RunSettings.model_validate({}).model_dump()
    for key, value in later.SETTINGS.items():
        assert look_up(today, key) == value
    for (key, name), arguments in later.ARGUMENTS.items():
        complete = resolve(CHOSEN[key], name)
        assert {argument: complete[argument] for argument in arguments} == arguments
