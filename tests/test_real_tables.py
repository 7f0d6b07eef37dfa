"""The tables that come along, against scikit-learn's own, and how they are split."""

import json
from pathlib import Path

import pytest
import torch
from helpers.studies import minidl, rows_of, write
from sklearn import datasets
from sklearn.model_selection import train_test_split

import minidl as framework
from minidl import seeded_generator
from minidl.data.finite import allotted, label_of
from minidl.data.source import sizes
from minidl.registry import KINDS
from minidl.study.grid.data import resolve_data
from minidl.study.stacks.build import build_data, build_parts

THEIRS = {
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "breast_cancer": datasets.load_breast_cancer,
    "digits": datasets.load_digits,
    "diabetes": lambda: datasets.load_diabetes(scaled=False),
}


def data(name: str, **settings: object) -> dict:
    return resolve_data("data", {"name": name, **settings})


@pytest.mark.parametrize("name", THEIRS)
def test_a_table_is_scikit_learns(name: str):
    theirs, source = THEIRS[name](), KINDS["data"][name]()
    x, y = source.table()
    assert torch.equal(x, torch.tensor(theirs.data).float())
    target = torch.tensor(theirs.target)
    if source.task == "regression":
        assert torch.equal(y.squeeze(-1), target.float())
    else:
        assert torch.equal(label_of(y), target)
        assert list(source.classes) == [str(own) for own in theirs.target_names]
    assert (source.size, source.d_in, source.d_out) == (len(x), x.shape[1], y.shape[1])


def test_the_tables_are_small_and_bring_their_licence():
    folder = Path(framework.__file__).parent / "data" / "tables"
    assert sum(path.stat().st_size for path in folder.iterdir()) < 150_000
    assert "BSD 3-Clause" in (folder / "LICENSE").read_text()


@pytest.mark.parametrize("share", [0.1, 0.25, 0.3, 0.333, 0.5, 0.9])
@pytest.mark.parametrize("name", ["iris", "wine", "digits"])
def test_shares_are_rounded_as_by_train_test_split(name: str, share: float):
    source = KINDS["data"][name]()
    rows = list(range(source.size))
    for own in ({"test_size": share}, {"train_size": share}, {"test_size": 0.3, "train_size": 0.2}):
        expected = tuple(map(len, train_test_split(rows, **own)))
        assert sizes(source, own.get("train_size"), own.get("test_size")) == expected


@pytest.mark.parametrize("name", ["iris", "breast_cancer", "digits"])
def test_a_split_takes_each_row_once(name: str):
    whole = KINDS["data"][name]().table()
    train, test = build_data(data(name, test=0.3), 3)
    both = torch.cat([torch.cat([part.x, part.y], dim=-1) for part in (train, test)])
    rows = sorted(torch.cat([whole.x, whole.y], dim=-1).tolist())
    assert sorted(both.tolist()) == rows
    other, _ = build_data(data(name, test=0.3), 4)
    assert not torch.equal(train.x, other.x)


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits"])
@pytest.mark.parametrize("test", [0.25, 31, 0.5])
def test_a_stratified_split_keeps_the_shares_of_the_classes(name: str, test: float):
    source = KINDS["data"][name](stratify=True)
    whole = label_of(source.table().y).bincount().double()
    for part in build_data(data(name, test=test, stratify=True), 0):
        share = whole * len(part.x) / whole.sum()
        assert ((label_of(part.y).bincount() - share).abs() < 1.01).all()
    plain, _ = build_data(data(name, test=test), 0)
    assert len(plain.x) == len(build_data(data(name, test=test, stratify=True), 0)[0].x)


@pytest.mark.parametrize("coding", [{}, {"outputs": 2}, {"neg_label": -1}])
@pytest.mark.parametrize("validation", [0.2, 37])
def test_validation_is_stratified_as_the_test_set_is(validation: float, coding: dict[str, int]):
    own = data("breast_cancer", test=0.3, stratify=True, **coding)
    for seed in range(3):
        train, held, _ = build_parts(own, seed, validation)
        assert held is not None
        counts = [label_of(part.y).bincount().double() for part in (train, held)]
        share = sum(counts) * len(held.x) / (len(held.x) + len(train.x))
        assert ((counts[1] - share).abs() < 1.01).all()


def test_a_stratified_split_is_shuffled():
    train, _ = build_data(data("iris", test=0.3, stratify=True), 0)
    assert len(label_of(train.y)[:20].unique()) == 3


@pytest.mark.parametrize("counts", [[1, 1, 1], [50, 50, 50], [1, 99], [7, 11, 13, 17]])
def test_what_is_allotted_adds_up(counts: list[int]):
    whole = torch.tensor(counts)
    for n in range(sum(counts) + 1):
        own = allotted(n, whole)
        assert own.sum() == n
        assert (own <= whole).all()


def test_a_table_used_whole_is_one_tensor_in_its_own_order():
    first, test = build_data(data("iris", test=0), 0)
    second, _ = build_data(data("iris", test=0), 1)
    assert first.x is second.x
    assert torch.equal(first.x, KINDS["data"]["iris"]().table().x)
    assert len(test.x) == 0


@pytest.mark.parametrize("how", ["standard", "minmax"])
def test_columns_are_scaled_as_scikit_learn_does(how: str):
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    raw = build_data(data("wine", test=0.3), 0)
    found = build_data(data("wine", test=0.3, normalize=how), 0)
    scaler = {"standard": StandardScaler, "minmax": MinMaxScaler}[how]().fit(raw[0].x.double())
    for own, ready in zip(raw, found, strict=True):
        expected = torch.tensor(scaler.transform(own.x.double())).float()
        torch.testing.assert_close(ready.x, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("how", ["standard", "minmax", "train", "own"])
def test_a_constant_column_becomes_zero(how: str):
    constant = (KINDS["data"]["digits"]().table().x == 0).all(dim=0)
    assert constant.any()
    for part in build_data(data("digits", test=0.25, normalize=how), 0):
        assert part.x.isfinite().all()
        assert (part.x[:, constant] == 0).all()


def test_targets_are_scaled_by_the_training_part():
    raw, _ = build_data(data("diabetes", test=0.25), 0)
    train, test = build_data(data("diabetes", test=0.25, normalize_targets="standard"), 0)
    assert train.y.mean().abs() < 1e-5
    assert train.y.std(correction=0).item() == pytest.approx(1, rel=1e-5)
    _, raw_test = build_data(data("diabetes", test=0.25), 0)
    scale = raw.y.std(correction=0)
    torch.testing.assert_close(test.y, (raw_test.y - raw.y.mean()) / scale)


def test_the_parts_of_modular_are_a_share_of_its_table():
    settings = data("modular", p=11)
    train, test = build_data(settings, 0)
    assert (len(train.x), len(test.x)) == (60, 61)
    assert sizes(KINDS["data"]["modular"](11), 0.3, None) == (36, 85)


def test_no_test_set_is_no_score_of_one(tmp_path):
    study = {
        "name": "s",
        "data": {"name": "iris", "test": 0, "normalize": "minmax"},
        "model": {"hidden": [4]},
        "epochs": 2,
        "grid": {"activation": ["tanh", "relu"]},
    }
    grid = write(tmp_path, json.dumps(study))
    done = minidl("run", "--grid", grid, "--out", tmp_path / "r", "--jobs", 1)
    assert "test accuracy" not in done.stdout
    assert "No test set" in done.stdout
    (first, _) = json.loads(
        minidl("run", "--grid", grid, "--out", tmp_path / "r", "--json").stdout
    )["runs"]
    assert first["test_accuracy"] is first["test_loss"] is None
    assert first["train_accuracy"] is not None
    for row in rows_of(minidl("export", tmp_path / "r").stdout):
        assert not row.get("test_accuracy")
    predicted = minidl("predict", tmp_path / "r", first["id"], code=2)
    assert "no test set" in predicted.stderr


def test_an_axis_of_sizes_takes_shares(tmp_path):
    study = {
        "name": "s",
        "data": {"name": "iris", "test": 0.2},
        "grid": {"data.train": [0.2, 0.4]},
        "epochs": 1,
    }
    grid = write(tmp_path, json.dumps(study))
    rows = json.loads(minidl("run", "--grid", grid, "--dry-run", "--json").stdout)["runs"]
    assert [row["data.train"] for row in rows] == [30, 60]


def test_generators_want_counts(tmp_path):
    grid = write(
        tmp_path, json.dumps({"name": "s", "data": {"name": "moons", "test": 0.2}, "grid": {}})
    )
    said = minidl("validate", grid, code=2).stderr
    assert "data.test must be a count, since the points are drawn, got 0.2" in said


def test_a_seed_draws_a_split_of_its_own_stream():
    order = torch.randperm(150, generator=seeded_generator(5, "data"))
    train, _ = build_data(data("iris", test=0.2), 5)
    assert torch.equal(train.x, KINDS["data"]["iris"]().table().x[order[:120]])
