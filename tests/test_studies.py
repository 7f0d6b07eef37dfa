"""Studies by people who never heard of minidl, each as a grid file in tests/studies.

They are run small here, and held against what is published where so few runs can speak to it. Their
full sizes, with the published means and deviations, are soaks.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from helpers.studies import minidl

from minidl.report.results import read_results

STUDIES = Path(__file__).parent / "studies"
GRIDS = sorted(STUDIES.glob("*.yaml"))
# How each is run here: seeds, and what --set makes smaller.
SMALL: dict[str, tuple[int, list[str]]] = {
    "01_ee559_azadoks": (3, []),
    "02_ee559_dufour": (2, ["epochs=100"]),
    "03_ee559_dinh_inits": (2, ["epochs=20"]),
    "03_ee559_dinh_losses": (2, ["epochs=20"]),
    "04_ee559_shuffling": (3, ["epochs=60"]),
    "05_ee559_doublemul": (2, ["epochs=50"]),
    "06_sklearn_strategies": (2, ["data=iris", "data.test=0", "data.normalize=minmax"]),
    "07_sklearn_alpha": (2, ["epochs=150"]),
    "08_cs231n_spiral": (2, ["data.test=300", "epochs=1000"]),
    "09_saito_optimizers": (1, ["updates=100"]),
    "09_saito_init": (1, ["updates=100"]),
    "09_saito_overfitting": (1, ["epochs=20"]),
    "09_saito_search": (1, ["epochs=2"]),
    "10_playground": (1, ["epochs=40"]),
    "10_playground_regression": (2, ["epochs=40"]),
    "11_double_descent": (
        2,
        ["updates=1000", "data.test=500", "model.hidden=[[2, 2], [12, 12], [28, 28]]"],
    ),
    "12_grokking": (
        1,
        ["data.p=13", "data.train=0.5", "data.test=null", "epochs=200", "batch_size=84"],
    ),
}
Runs = list[dict[str, Any]]


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Callable[[str], tuple[Path, Runs]]:
    """Runs a study small, once, and gives its folder and the runs that the command tells of."""
    known: dict[str, tuple[Path, Runs]] = {}

    def run(name: str) -> tuple[Path, Runs]:
        if name not in known:
            seeds, sets = SMALL[name]
            folder = tmp_path_factory.mktemp(name)
            words = [word for setting in sets for word in ("--set", setting)]
            known[name] = folder, train(name, folder, "--seeds", seeds, *words)
        return known[name]

    return run


def train(name: str, folder: Path, *words: object) -> Runs:
    """Run a study into a folder, and return its runs."""
    grid = STUDIES / f"{name}.yaml"
    common = ("--out", folder, "--jobs", 1, "--quiet", "--no-figures", "--no-report", "--json")
    return json.loads(minidl("run", "--grid", grid, *common, *words).stdout)["runs"]


def means(folder: Path, score: str) -> dict[str, float]:
    """Return the mean score of each cell, by its labels."""
    cells = read_results(folder).cells
    return {", ".join(cell.labels.values()): fmean(cell.metric(score).values()) for cell in cells}


def test_every_file_has_a_small_size():
    assert sorted(SMALL) == [path.stem for path in GRIDS]


@pytest.mark.parametrize("name", SMALL)
def test_it_is_fine_as_it_stands(name):
    assert ": fine: " in minidl("validate", STUDIES / f"{name}.yaml").stdout


@pytest.mark.parametrize("name", SMALL)
def test_it_runs_and_every_number_is_there(name, small):
    folder, runs = small(name)
    assert runs
    assert {run["status"] for run in runs} == {"done"}
    parts = ["train"] if name.startswith("06") else ["train", "test"]
    kinds = ["r2", "rmse"] if runs[0]["train_accuracy"] is None else ["accuracy"]
    for part in parts:
        assert all(run[f"{part}_{kind}"] is not None for run in runs for kind in ("loss", *kinds))
    assert "Table 1" in minidl("tables", folder, "--format", "md").stdout


@pytest.mark.parametrize("name", [path.stem for path in (STUDIES / "published").glob("*.yaml")])
def test_every_published_cell_is_one_of_the_study(name, small):
    """A cell that meets none is complained of; some studies are run here with fewer values."""
    folder, _ = small(name)
    said = minidl("verdicts", folder, "--reference", STUDIES / "published" / f"{name}.yaml")
    fewer = any(name.startswith(study) for study in ("06", "11"))
    assert fewer or "meets no cell" not in said.stderr
    assert "is unknown" not in said.stdout  # nor does a claim ask for what there is not


def test_published_numbers_without_claims_have_their_verdicts_printed(small):
    folder, _ = small(name := "05_ee559_doublemul")
    assert "no published number is of these settings" in minidl("verdicts", folder).stdout
    reference = STUDIES / "published" / f"{name}.yaml"
    said = minidl("verdicts", folder, "--reference", reference).stdout
    assert "The claims" not in said
    assert "98.11 ± 0.25 (20 runs)" in said


@pytest.mark.soak
@pytest.mark.parametrize("name", ["01_ee559_azadoks", "02_ee559_dufour", "05_ee559_doublemul"])
def test_at_full_size_published_means_are_ours(name, tmp_path):
    train(name, tmp_path)
    cells = json.loads(minidl("verdicts", tmp_path, "--json").stdout)["cells"]
    assert cells
    assert "contradicted" not in {cell["verdict"] for cell in cells}


@pytest.mark.soak
def test_at_full_size_spirals_are_learned_as_published(tmp_path):
    train("08_cs231n_spiral", tmp_path)
    assert 97 < means(tmp_path, "train_accuracy")["100"] < 99.5  # 98


def test_1_relu_and_tanh_learn_the_disk(small):
    scores = means(small("01_ee559_azadoks")[0], "train_accuracy")
    assert 88 < scores["relu"] < 98  # 94.2 with a deviation of 2.6
    assert 75 < scores["tanh"] <= 100  # 94.6 with one of 7.9


def test_2_two_outputs_and_two_losses(small):
    for score in ("train_accuracy", "test_accuracy"):
        scores = means(small("02_ee559_dufour")[0], score)
        assert len(scores) == 8
        assert all(93 < value < 100 for value in scores.values())  # 96.9 to 98.6 in 200 epochs


def test_5_targets_of_minus_one_and_one(small):
    scores = means(small("05_ee559_doublemul")[0], "test_accuracy")
    assert all(96 < value < 99.5 for value in scores.values())  # 98.1, after 200 epochs


def test_6_iris_as_scikit_learn_has_it(small):
    folder, runs = small("06_sklearn_strategies")
    assert all(run["test_loss"] is None for run in runs)
    published = {  # labels of optimizer and schedule: training score and loss
        "sgd(lr=0.2, momentum=0, weight_decay=1e-06), constant": (98.0, 0.0970),
        "sgd(lr=0.2, momentum=0.9, dampening=0, weight_decay=1e-06), constant": (98.0, 0.0495),
        "adam(lr=0.01, weight_decay=1e-06), constant": (98.0, 0.0453),
    }
    scores, losses = means(folder, "train_accuracy"), means(folder, "train_loss")
    for cell, (score, loss) in published.items():
        assert scores[f"iris, {cell}"] == pytest.approx(score, abs=1.5)
        assert losses[f"iris, {cell}"] == pytest.approx(loss, abs=0.015)


def test_8_a_line_cannot_part_spirals_and_a_hidden_layer_can(small):
    scores = means(small("08_cs231n_spiral")[0], "train_accuracy")
    assert 46 < scores["(none)"] < 60  # 49 once; 47 to 55 in a hundred draws of the source's code
    assert scores["100"] > 88  # 98 after 10,000 steps


def test_9_from_small_weights_nothing_is_learned(small):
    losses = means(small("09_saito_init")[0], "train_loss")
    assert losses["normal(std=0.01, bias=zeros), False"] == pytest.approx(2.303, abs=0.01)  # log 10
    assert losses["he, False"] < losses["xavier(distribution=normal), False"] < 2.3


def test_10_the_playground(small):
    scores = means(small("10_playground")[0], "test_accuracy")
    assert len(scores) == 48
    assert scores["gauss, tanh, none(lr=0.015)"] > 95
    fits = means(small("10_playground_regression")[0], "test_r2")
    assert all(value > 0.85 for cell, value in fits.items() if cell.startswith("plane"))
    lines = [value for cell, value in fits.items() if cell.startswith("bumps") and "none" in cell]
    assert max(lines) < 0.1  # six bumps are no plane


def test_11_test_error_has_a_peak(small):
    losses = means(small("11_double_descent")[0], "test_loss")
    assert losses["2-2"] < losses["12-12"]  # 0.63 and 1.84


def test_12_without_much_time_it_is_learned_by_heart(small):
    folder, _ = small("12_grokking")
    assert min(means(folder, "train_accuracy").values()) > 99
    assert max(means(folder, "test_accuracy").values()) < 60
