"""Seeds that share one table or one draw, and runs that collapse: what is said beside an answer."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.constructed_store import make_store
from scipy.stats import binomtest, ttest_1samp

from minidl.data.finite import Finite
from minidl.registry import KINDS
from minidl.report.pages.sentences import notes
from minidl.report.statistics.collapses import Collapses
from minidl.report.statistics.one_table import TABLES, resplit_interval, resplit_p
from minidl.report.statistics.significance import p_t
from minidl.report.verdicts.judgement import compare

STUDY = """
name: shared
seeds: 12
epochs: 10
data: {data}
{more}
grid: {{optimizer: [adam, sgd]}}
"""


def answer(tmp_path, data, numbers=None, more=""):
    def usual(labels, seed):
        gain = 0.5 + seed / 20 if labels["optimizer"] == "adam" else 0.0
        return {"train_accuracy": 98.0, "test_accuracy": 90 + gain}

    make_store(tmp_path, numbers or usual, STUDY.format(data=data, more=more))
    (only,) = compare(tmp_path, "optimizer", ["adam", "sgd"])
    return only


def test_tables_are_the_sources_with_only_so_many_points():
    assert sorted(TABLES) == sorted(
        n for n, own in KINDS["data"].items() if issubclass(own, Finite)
    )


def test_the_variance_of_resplits_is_nadeau_and_bengios():
    """(1 / n + n_test / n_train) in place of 1 / n shrinks scipy's t, and widens its interval."""
    x = np.array([1.0, 2.0, 0.5, 1.5, 3.0, -0.5, 1.0, 2.5])
    plain = ttest_1samp(x, 0)
    shrunk = np.sqrt((1 / 8) / (1 / 8 + 0.25))
    t = plain.statistic * shrunk
    low, high = plain.confidence_interval(0.95)
    own = resplit_interval(x, 0.25)
    assert (own.low, own.high) == pytest.approx(
        (x.mean() - (x.mean() - low) / shrunk, x.mean() + (high - x.mean()) / shrunk)
    )
    from scipy.stats import t as student

    assert resplit_p(x, 0.25) == pytest.approx(2 * student.sf(abs(t), 7))


def test_a_table_that_is_split_anew_is_named_with_the_corrected_interval(tmp_path):
    (line,) = [n for n in notes(answer(tmp_path, "iris")) if "table" in n]
    assert line.startswith("Every seed splits one table (iris) anew: this is about that table.")
    assert "Nadeau and Bengio 2003" in line


def test_a_table_that_is_used_whole_is_named(tmp_path):
    found = answer(tmp_path, "{name: iris, train: 150, test: 0}")
    assert "All seeds have the same points of iris: this is about them." in notes(found)


def test_a_pinned_draw_is_named(tmp_path):
    found = answer(tmp_path, "{name: disk, seed: 3}")
    line = "All seeds share one draw of data (data.seed 3): this is about it."
    assert line in notes(found)


def test_data_that_every_seed_draws_is_not_restricted(tmp_path):
    assert not [n for n in notes(answer(tmp_path, "disk")) if "this is about" in n]


def resplits(studies, seeds, rng, points=60, test=20):
    """Differences of two classifiers that are equally good on points at large: each has its own
    wrong points, a tenth of one table, and each seed tests on some of the table.
    """
    for _ in range(studies):
        wrong = rng.random((2, points)) < 0.1
        chosen = np.array([rng.permutation(points)[:test] for _ in range(seeds)])
        rates = wrong[:, chosen].mean(axis=-1)
        yield rates[0] - rates[1]


@pytest.mark.parametrize(
    "studies", [300, pytest.param(10_000, marks=pytest.mark.soak)], ids=["short", "long"]
)
def test_a_difference_on_one_table_is_taken_for_one_at_large_without_the_correction(studies):
    rng = np.random.default_rng(1)
    drawn = list(resplits(studies, 20, rng))
    naive = np.mean([p_t(x) <= 0.05 for x in drawn])
    corrected = np.mean([resplit_p(x, 20 / 40) <= 0.05 for x in drawn])
    assert naive > 0.3
    assert corrected <= 0.08


@pytest.mark.parametrize("more", [(5, 0), (3, 1), (2, 2), (0, 7)])
def test_collapses_are_compared_by_the_exact_sign_test(more):
    exact = binomtest(more[0], sum(more), 0.5).pvalue
    assert Collapses((9, 9), (100, 100), more).p == pytest.approx(exact)


def test_collapsed_runs_are_counted_and_compared(tmp_path):
    def numbers(labels, seed):
        lost = labels["optimizer"] == "adam" and seed < 6
        return {"train_accuracy": 50.0 if lost else 98.0, "test_accuracy": 50.0 if lost else 90.0}

    found = answer(tmp_path, "disk", numbers)
    assert (
        "Collapsed: adam 6 of 12 runs, sgd 0 of 12 runs. More at adam in 6 seeds, more at sgd "
        "in 0: p = 0.031 (exact sign test over these seeds)." in notes(found)
    )


def test_nothing_is_said_where_no_run_collapsed(tmp_path):
    assert not [n for n in notes(answer(tmp_path, "disk")) if "Collapsed" in n]
