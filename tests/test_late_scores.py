"""Late scores on the page: explained, shown beside the last evaluation, and what pairing gained."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pytest
from helpers.constructed_store import make_store
from helpers.studies import minidl
from scipy.stats import pearsonr, ttest_rel

from minidl.report.pages.verdicts import to_json, to_markdown
from minidl.report.statistics.significance import p_sign_flip
from minidl.report.verdicts.judgement import judge

SEEDS = 12
STUDY = f"""
name: wandering
epochs: 50
seeds: {SEEDS}
grid: {{optimizer: [adam, sgd]}}
"""
REFERENCE = """
title: a paper
cells:
  - {optimizer: adam, test_accuracy: 93.0}
claims:
  - text: adam is better
    parts: [{factor: optimizer, levels: [adam, sgd], measure: late_test_accuracy}]
"""
SWING = [-2.0, 1.5, -1.5, 2.0, 0.0]  # within a run, around its level: the mean is 0


def level(labels, seed):
    """Where a run wanders around: half of it is the seed's, and adam is 0.7 points above."""
    own = np.random.default_rng([seed, labels["optimizer"] == "adam"]).normal(0, 0.3)
    return 94 + 0.5 * (seed % 4) + own + 0.7 * (labels["optimizer"] == "adam")


def numbers(labels, seed):
    turn = 0 if labels["optimizer"] == "adam" else seed % 5
    values = [round(level(labels, seed) + SWING[(i + turn) % 5], 1) for i in range(5)]
    curve = [(10 * (i + 1), {"test_accuracy": value}) for i, value in enumerate(values)]
    return {"train_accuracy": 98.0, "test_accuracy": values[-1], "curve": curve}


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("late")
    make_store(folder / "store", numbers, STUDY)
    (folder / "paper.yaml").write_text(REFERENCE)
    return judge(folder / "store", str(folder / "paper.yaml"))


def samples(of):
    own = {
        name: [of(numbers({"optimizer": name}, seed)) for seed in range(SEEDS)]
        for name in ("adam", "sgd")
    }
    return own["adam"], own["sgd"]


def late(run):
    return np.mean([at["test_accuracy"] for _, at in run["curve"]])


def test_the_mean_of_the_last_evaluations_decides_what_the_last_one_does_not(judged):
    (claim,) = judged.claims
    assert claim.verdict == "supported"
    assert ttest_rel(*samples(lambda run: run["test_accuracy"])).pvalue > 0.05


def test_both_measures_stand_side_by_side(judged):
    late_row, last_row = to_json(judged)["scatter"]
    for row, of in ((late_row, late), (last_row, lambda run: run["test_accuracy"])):
        first, second = samples(of)
        test = ttest_rel(first, second)
        low, high = test.confidence_interval(0.95)
        assert row["difference"] == pytest.approx(np.mean(first) - np.mean(second))
        assert (row["low"], row["high"]) == pytest.approx((low, high))
        assert row["p"] == pytest.approx(test.pvalue, abs=0.05)  # or that of the sign flips
        assert row["p"] >= test.pvalue - 1e-12
        assert row["correlation"] == pytest.approx(pearsonr(first, second).statistic)
    assert [row["measure"] for row in (late_row, last_row)] == [
        "late_test_accuracy",
        "test_accuracy",
    ]


def test_the_page_explains_late_scores_and_holds_published_numbers_against_the_last(judged):
    page = to_markdown(judged)
    assert "the mean of each run's last 5 evaluations. With a constant learning rate" in page
    assert "Published numbers are single last evaluations" in page
    assert "By the last evaluation alone the difference is" in page
    (number,) = judged.cells
    assert number.measure == "test_accuracy"
    assert sorted(number.values) == sorted(samples(lambda run: run["test_accuracy"])[0])


def test_a_page_without_late_scores_says_nothing_of_them(tmp_path):
    make_store(tmp_path / "store", numbers, STUDY)
    (tmp_path / "paper.yaml").write_text(REFERENCE.replace("late_test", "test"))
    page = to_markdown(judge(tmp_path / "store", str(tmp_path / "paper.yaml")))
    assert "*late*" not in page
    assert "By the last evaluation alone" not in page
    assert "### Measure and pairing" in page


def test_verdicts_prints_both_as_json(tmp_path):
    make_store(tmp_path / "store", numbers, STUDY)
    (tmp_path / "paper.yaml").write_text(REFERENCE)
    named = ("--reference", tmp_path / "paper.yaml", "--json")
    out = minidl("verdicts", tmp_path / "store", *named).stdout
    assert [row["claim"] for row in json.loads(out)["scatter"]] == [1, 1]


def test_means_of_accuracies_are_flipped_exactly():
    """Of five evaluations and six cells: multiples of 0.1 / 30, rounded to ten digits."""
    steps = np.random.default_rng(3).integers(-300, 420, 14)
    steps[0] = 1
    x = np.round(steps / 300, 10)
    sums = np.array(list(product((-1, 1), repeat=14))) @ steps
    exact = 2 * min((sums >= steps.sum()).mean(), (sums <= steps.sum()).mean())
    assert p_sign_flip(x) == pytest.approx(exact, abs=1e-12)
