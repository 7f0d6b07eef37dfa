"""Confusion tables against counts worked out from the stored weights."""

import csv
import io
import json

import numpy as np
import pytest
import torch
from helpers.in_process import minidl, refused
from helpers.studies import train
from safetensors.torch import load

from minidl.report.results import read_results
from minidl.study.stacks.build import build_data
from minidl.study.store.store import Store

STUDY = (
    "{name: c, data: {name: disk, train: 60, test: 50}, model: {hidden: [4]}, epochs: 3, seeds: 2, "
    "grid: {activation: [tanh, relu]}}"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return train(STUDY, tmp_path_factory.mktemp("confusion"))


def test_counts_are_those_of_the_stored_networks(folder):
    shown = json.loads(minidl("tables", str(folder), "--confusion", "--format", "json").stdout)
    for table, cell in zip(shown["tables"], read_results(folder).cells, strict=True):
        truth, said = [], []
        for record in cell.records.values():
            _, test = build_data(record.settings["data"], record.seed)
            with Store(folder) as store:
                w = load(store.weights(record.id))
            act = torch.tanh if cell.labels["activation"] == "tanh" else torch.relu
            hidden = act(test.x @ w["0.weight"] + w["0.bias"])
            said += ((hidden @ w["2.weight"] + w["2.bias"]).sigmoid() >= 0.5).int().tolist()
            truth += (test.y >= 0.5).int().tolist()
        expected = np.zeros((2, 2), dtype=int)
        np.add.at(expected, (np.ravel(truth), np.ravel(said)), 1)
        own = ["answered outside", "answered inside"]
        assert [[row[key] for key in own] for row in table["rows"]] == expected.tolist()
        assert [row["true class"] for row in table["rows"]] == ["outside", "inside"]
        share = 100 * expected.diagonal() / expected.sum(axis=1)
        assert [row["right (%)"] for row in table["rows"]] == pytest.approx(share)
        right = sum(r.final["test_accuracy"] for r in cell.records.values()) * 50 / 100
        assert expected.trace() == round(right)
        assert "2 runs together" in table["notes"][0]


def test_every_format_has_them(folder):
    assert "confusion of activation=tanh" in minidl("tables", str(folder), "--confusion").stdout
    text = minidl("tables", str(folder), "--confusion", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 4
    assert {row["activation"] for row in rows} == {"tanh", "relu"}


def test_they_are_of_classes_and_stand_alone(folder, monkeypatch):
    monkeypatch.chdir(folder)
    words = ("tables", str(folder), "--confusion", "--measures", "test_loss")
    assert refused(*words) == "--confusion: counts classes; leave out --measures"
