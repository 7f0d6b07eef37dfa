"""Intervals, tests and power against scipy, published worked examples and simulated studies."""

from __future__ import annotations

from functools import partial
from math import isnan, sqrt

import numpy as np
import pytest
from helpers.constructed_store import PAPER, make_store
from scipy import stats

from minidl.report.measures import first_held
from minidl.report.results import read_results
from minidl.report.statistics import significance
from minidl.report.statistics.intervals import mean_interval, prediction_interval, summarise
from minidl.report.statistics.looks import Looks
from minidl.report.statistics.paired import effect
from minidl.report.statistics.power import (
    fewest_seeds,
    power_of_difference,
    power_of_equivalence,
    seeds_for,
    seeds_for_equivalence,
    seeds_needed,
)
from minidl.report.statistics.shares import components
from minidl.report.statistics.significance import (
    holm_levels,
    p_equivalence,
    p_sign_flip,
    p_t,
    p_value,
)
from minidl.report.verdicts import rules
from minidl.report.verdicts.rules import (
    NO_DIFFERENCE,
    SUPPORTED,
    UNDECIDED,
    Evidence,
    decide,
    weigh,
)
from minidl.study.errors import InputError

STUDENT = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]  # hours of sleep; Student 1908
DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]  # inches / 8; Fisher 1935


def sample_with(mean, sd, n):
    x = np.random.default_rng(0).normal(size=n)
    return mean + sd * (x - x.mean()) / x.std(ddof=1)


def test_the_intervals_of_a_textbook():
    """Montgomery and Runger, examples 8-4 and 8-8: adhesion of 22 specimens, in MPa."""
    x = sample_with(13.71, 3.55, 22)
    assert (round(mean_interval(x).low, 2), round(mean_interval(x).high, 2)) == (12.14, 15.28)
    ahead = prediction_interval(x)
    assert (round(ahead.low, 2), round(ahead.high, 2)) == (6.16, 21.26)


def test_the_t_interval_is_scipys():
    x = np.random.default_rng(1).normal(97, 1, 10)
    theirs = stats.ttest_1samp(x, 0).confidence_interval(0.9)
    ours = mean_interval(x, 0.9)
    np.testing.assert_allclose((ours.low, ours.high), (theirs.low, theirs.high), rtol=1e-12)


def test_rounding_widens_the_prediction_interval_alone():
    x = [97.0, 98.0, 97.5]
    plain, widened = summarise(x), summarise(x, half_unit=0.05)
    assert widened.mean_interval == plain.mean_interval
    assert widened.next_interval.low == pytest.approx(plain.next_interval.low - 0.05)
    assert widened.next_interval.high == pytest.approx(plain.next_interval.high + 0.05)


def test_a_summary_leaves_out_what_is_no_number_and_counts_the_rest():
    found = summarise([3.0, float("nan"), 1.0, 8.0])
    assert (found.n, found.mean, found.median, found.min, found.max) == (3, 4.0, 3.0, 1.0, 8.0)
    assert found.sd == pytest.approx(np.std([3, 1, 8], ddof=1))


@pytest.mark.parametrize("values", [[], [97.0]])
def test_too_few_values_have_no_interval(values):
    found = summarise(values)
    assert found.n == len(values)
    assert isnan(found.sd)
    assert isnan(found.mean_interval.low)
    assert isnan(found.next_interval.high)


@pytest.mark.parametrize("n", [3, 10, 30])
def test_intervals_cover_in_2000_simulated_studies(n):
    rng = np.random.default_rng(n)
    studies, following = rng.normal(97, 1, (2000, n)), rng.normal(97, 1, 2000)
    means = np.mean([97 in mean_interval(x) for x in studies])
    ahead = np.mean([y in prediction_interval(x) for x, y in zip(studies, following, strict=True)])
    assert 0.93 <= means <= 0.97
    assert 0.93 <= ahead <= 0.97


def test_collapsed_runs_break_the_interval_as_the_warning_says():
    rng = np.random.default_rng(0)
    runs = np.where(rng.random((2000, 10)) < 0.1, 50, rng.normal(97, 1, (2000, 10)))
    true = 0.1 * 50 + 0.9 * 97
    assert 0.6 <= np.mean([true in mean_interval(x) for x in runs]) <= 0.72


@pytest.mark.soak
@pytest.mark.parametrize("method", ["percentile", "BCa"])
def test_at_ten_runs_the_bootstrap_covers_less_than_it_promises(method):
    x = np.random.default_rng(0).normal(97, 1, (2000, 10))
    found = stats.bootstrap(
        (x,), np.mean, axis=-1, n_resamples=1000, method=method, batch=20, rng=1
    ).confidence_interval
    assert np.mean((found.low < 97) & (found.high > 97)) == pytest.approx(0.89, abs=0.02)


def test_students_sleep():
    """R's documentation of its data set sleep: t = 4.0621, p = 0.002833, 0.70 to 2.46 hours."""
    assert p_t(STUDENT) == pytest.approx(0.002833, abs=5e-7)
    interval = mean_interval(STUDENT)
    assert (interval.low, interval.high) == pytest.approx((0.7001142, 2.4598858), abs=1e-6)


def test_darwins_plants_as_fisher_flipped_their_signs(monkeypatch):
    """The Design of Experiments, section 21: 863 of 32,768 sign patterns are as far out."""
    monkeypatch.setattr(significance, "RESAMPLES", 2**15)
    assert p_sign_flip(DARWIN) == pytest.approx(2 * 863 / 2**15, rel=1e-12)
    assert p_sign_flip(DARWIN, "greater") == pytest.approx(863 / 2**15, rel=1e-12)
    assert p_t(DARWIN) == pytest.approx(0.0497, abs=5e-5)


def test_random_sign_flips_come_near_all_of_them_and_never_change():
    assert p_sign_flip(DARWIN) == pytest.approx(2 * 863 / 2**15, abs=0.01)
    assert p_sign_flip(DARWIN) == p_sign_flip(DARWIN)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_sign_flips_against_every_pattern_written_out(alternative):
    x = np.round(np.random.default_rng(3).normal(0.4, 1, 7), 1)
    x[1] = -x[0]  # ties
    patterns = np.array(np.meshgrid(*[[-1, 1]] * 7)).reshape(7, -1).T
    means, own = patterns @ x / 7, x.mean()
    tails = {"greater": np.mean(means >= own - 1e-12), "less": np.mean(means <= own + 1e-12)}
    tails["two-sided"] = min(1.0, 2 * min(tails.values()))
    assert p_sign_flip(x, alternative) == pytest.approx(tails[alternative])


def test_both_tests_must_agree():
    small, large = [1.0, 1.1, 0.9, 1.0], [10.0, *[1.0] * 7]
    assert p_value(small) == p_sign_flip(small) > p_t(small)
    assert p_value(large) == p_t(large) > p_sign_flip(large)


def test_many_samples_are_tested_as_each_alone():
    x = np.random.default_rng(4).normal(0.5, 1, (3, 2, 8))
    alone = [[float(p_value(sample)) for sample in row] for row in x]
    np.testing.assert_allclose(p_value(x), alone, rtol=1e-12)


@pytest.mark.parametrize(
    ("differences", "p"),
    [([0.0] * 10, 1.0), ([0.3] * 10, 2 / 2**10), ([0.3] * 3, 0.25), ([-0.3] * 8, 2 / 2**8)],
)
def test_without_deviation_the_sign_flips_decide(differences, p):
    assert p_value(differences) == pytest.approx(p)


def test_one_difference_has_no_p_value():
    assert isnan(p_value([0.3]))
    assert isnan(p_equivalence([0.3], 0.5))


@pytest.mark.parametrize("seed", range(20))
def test_equivalence_means_that_the_90_percent_interval_is_inside_the_margin(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(rng.uniform(-0.4, 0.4), 0.6, 12)
    inner = mean_interval(x, 0.9)
    inside = inner.low > -0.5 and inner.high < 0.5
    assert (p_equivalence(x, 0.5) <= 0.05) == inside


def test_two_equal_differences_prove_no_equivalence():
    assert p_equivalence([0.0] * 4, 0.5) > 0.05
    assert p_equivalence([0.0] * 5, 0.5) <= 0.05
    assert p_equivalence([0.5] * 10, 0.5) == 1.0


def test_holms_procedure_step_by_step():
    p = [0.01, 0.04, 0.03, 0.005]
    np.testing.assert_allclose(holm_levels(p, 0.05), [0.05 / 3, 0.05 / 2, 0.05 / 2, 0.05 / 4])
    assert (np.array(p) <= holm_levels(p, 0.05)).tolist() == [True, False, False, True]
    assert holm_levels([], 0.05).size == 0


@pytest.mark.parametrize("seed", range(20))
def test_holms_levels_agree_with_adjusted_p_values(seed):
    p = np.random.default_rng(seed).beta(0.3, 3, 5)
    ranks = p.argsort().argsort()
    adjusted = [
        max(p[j] * (5 - ranks[j]) for j in range(5) if ranks[j] <= ranks[i]) for i in range(5)
    ]
    assert (p <= holm_levels(p, 0.05)).tolist() == [value <= 0.05 for value in adjusted]


def test_the_power_of_a_textbook():
    """Dalgaard, Introductory Statistics with R, section 8.3: n = 19.97 pairs for 85 %."""
    assert power_of_difference(20, 10, 10 * 2**0.5, 0.05) >= 0.85
    assert power_of_difference(19, 10, 10 * 2**0.5, 0.05) < 0.85


@pytest.mark.parametrize(("effect_size", "n"), [(0.5, 34), (0.8, 15), (1.0, 10)])
def test_the_pairs_of_r_pwr(effect_size, n):
    """pwr.t.test(d, power = 0.8, type = "paired"), rounded up; the sign flips take one more."""
    assert seeds_for(lambda n: power_of_difference(n, effect_size, 1.0, 0.05), 2) == n
    assert seeds_needed(effect_size, 1.0, 0.05) == n + 1
    assert seeds_needed(-effect_size, 1.0, 0.05) == n + 1


def test_no_seeds_find_nothing_and_few_find_the_obvious():
    assert seeds_needed(0.0, 1.0, 0.05) == float("inf")
    assert seeds_needed(1e-5, 1.0, 0.05) == float("inf")
    assert seeds_needed(1.0, 0.0, 0.0125) == 8
    assert seeds_needed(100.0, 1.0, 0.0125) == 9
    assert seeds_for_equivalence(0.5, 1.0, 0.5) == float("inf")
    assert seeds_for_equivalence(0.0, 0.0, 0.5) == 5


def test_the_fewest_seeds_are_those_of_the_sign_flips():
    for level in (0.05, 0.0125):
        n = fewest_seeds(level)
        assert p_sign_flip(np.arange(1.0, n + 1)) <= level < p_sign_flip(np.arange(1.0, n))


def test_the_power_of_equivalence_against_simulation():
    x = np.random.default_rng(5).normal(0.1, 1, (4000, 40))
    found = np.mean(p_equivalence(x, 0.5) <= 0.05)
    assert found == pytest.approx(power_of_equivalence(40, 0.1, 1.0, 0.5), abs=0.03)
    assert power_of_equivalence(3, 0.0, 1.0, 0.5) == 0.0


def outcomes(true_mean, n, studies, level=0.0125, seed=0):
    """Judge simulated differences with a deviation of 1 point, margin 0.5, at one level."""
    x = np.random.default_rng(seed).normal(true_mean, 1, (studies, n))
    evidence = weigh(x, 0.5, "better")
    return [decide([Evidence(*one)], level) for one in zip(*evidence, strict=True)]


def share(found, verdict):
    return found.count(verdict) / len(found)


def test_what_ten_and_thirty_seeds_can_tell():
    assert share(outcomes(0.0, 10, 2000), UNDECIDED) == pytest.approx(0.92, abs=0.02)
    assert share(outcomes(0.5, 30, 300), SUPPORTED) == pytest.approx(0.53, abs=0.08)


@pytest.mark.soak
def test_what_a_hundred_seeds_can_tell():
    assert share(outcomes(0.0, 100, 1000), NO_DIFFERENCE) == pytest.approx(0.99, abs=0.01)
    assert share(outcomes(0.5, 100, 1000), SUPPORTED) == pytest.approx(0.99, abs=0.01)


@pytest.mark.parametrize(
    ("deviation", "studies"), [(0.27, 2000), (0.65, 2000), (0.88, 500), (1.83, 200)]
)
def test_a_real_point_is_found_with_the_seeds_that_the_power_names(deviation, studies):
    """The deviations of the paper's study: mse − bce 0.27, sgd − none 0.88, adam − sgd 1.83."""
    n = int(seeds_needed(1.0, deviation, 0.0125))
    x = np.random.default_rng(6).normal(1.0, deviation, (studies, n))
    found = np.mean(p_value(x) <= 0.0125)
    assert found >= 0.8 - 2 * (0.8 * 0.2 / studies) ** 0.5
    assert n == 9 or found <= 0.9  # nine are the fewest that can


def false_families(families, seed, n=10):
    """Return the share of families with a wrong verdict, when no claim has anything to it.

    The shape of the paper's: two parts, two parts, two not worse, one; seeds shared by all parts,
    and the not-worse ones exactly a margin behind.
    """
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(families, 7, n)) + 0.5 * rng.normal(size=(families, 1, n))
    kinds = ["better"] * 4 + ["not_worse"] * 2 + ["better"]
    weighed = [
        weigh(x[:, i] - 0.5 * (kind == "not_worse"), 0.5, kind) for i, kind in enumerate(kinds)
    ]
    wrong = 0
    for family in range(families):
        parts = [Evidence(*(column[family] for column in part)) for part in weighed]
        claims = [parts[0:2], parts[2:4], parts[4:6], parts[6:7]]
        levels = rules.levels(claims, 0.05)
        found = [decide(claim, level) for claim, level in zip(claims, levels, strict=True)]
        wrong += any(verdict in rules.DECIDED for verdict in found)
    return wrong / families


def test_a_true_null_yields_a_false_verdict_in_at_most_5_percent_of_families():
    assert 0.005 <= false_families(2000, seed=7) <= 0.05


@pytest.mark.soak
def test_a_true_null_yields_a_false_verdict_in_at_most_5_percent_of_many_families():
    assert false_families(20_000, seed=8) <= 0.05


def test_half_true_claims_are_rarely_supported():
    """A claim of two parts of which one is true and one is not must not pass on the true one."""
    x = np.random.default_rng(9).normal(size=(2000, 2, 10)) + np.array([[[3.0], [0.0]]])
    p, side, equivalent = weigh(x, 0.5, "better")
    pairs = [[Evidence(p[i, j], side[i, j], equivalent[i, j]) for j in (0, 1)] for i in range(2000)]
    assert share([decide(pair, 0.05) for pair in pairs], SUPPORTED) <= 0.04


def test_a_target_must_be_held():
    curve = [
        (10 * i, a) for i, a in enumerate([80.0, 95.0, 94.9, 95.0, 97.0, None, 96.0, 95.0, 98.0], 1)
    ]
    held = partial(first_held, curve, 95.0)
    assert [held(hold) for hold in (1, 2, 3, 4)] == [20, 40, 70, None]


def flat(offset):
    """Return numbers whose test accuracy is 97 + seed / 10 + what a cell's labels add."""
    return lambda labels, seed: {
        "train_accuracy": 98.0 + seed / 10,
        "test_accuracy": 97.0 + seed / 10 + offset(labels, seed),
    }


def test_an_effect_is_one_number_per_seed_averaged_over_the_other_factors(tmp_path):
    adam = {"tanh": 0.5, "relu": 1.0, "leaky_relu": 1.5}
    numbers = flat(lambda c, _: adam[c["activation"]] if c["optimizer"] == "adam" else 0.0)
    results = read_results(make_store(tmp_path, numbers, PAPER.format(seeds=4)))
    found = effect(results, "optimizer", ["adam", "none"])
    assert (found.n, len(found.cells), found.left_out, found.unpaired) == (4, 6, [], 0)
    assert found.differences.tolist() == [1.0] * 4
    assert {c.labels["activation"]: c.mean for c in found.cells} == adam
    assert effect(results, "optimizer", ["none", "adam"]).differences.tolist() == [-1.0] * 4
    assert len(effect(results, "loss", ["mse", "bce"]).cells) == 9
    assert effect(results, "optimizer", ["adam", "none"], "gap").differences.tolist() == [-1.0] * 4


def test_seeds_with_a_missing_run_are_left_out_and_named(tmp_path):
    def numbers(labels, seed):
        gone = seed == 2 and labels == {"activation": "relu", "loss": "mse", "optimizer": "adam"}
        return None if gone else flat(lambda *_: 0.0)(labels, seed)

    results = read_results(make_store(tmp_path, numbers, PAPER.format(seeds=4)))
    found = effect(results, "optimizer", ["adam", "none"])
    assert (found.seeds, found.left_out) == ([0, 1, 3], [2])
    assert effect(results, "optimizer", ["sgd", "none"]).seeds == [0, 1, 2, 3]


def test_a_diverged_run_counts_with_its_accuracy_and_its_nan_loss_leaves_the_seed_out(tmp_path):
    def numbers(labels, seed):
        if seed == 1 and labels["optimizer"] == "adam":
            nan = float("nan")
            own = {"status": "diverged", "train_loss": nan, "test_loss": nan}
            return {**own, "train_accuracy": 50.0, "test_accuracy": 49.0}
        return {"train_accuracy": 98.0, "test_accuracy": 97.0}

    results = read_results(make_store(tmp_path, numbers, PAPER.format(seeds=3)))
    assert effect(results, "optimizer", ["adam", "sgd"]).differences.tolist() == [0.0, -48.0, 0.0]
    by_loss = effect(results, "optimizer", ["adam", "sgd"], "test_loss")
    assert (by_loss.seeds, by_loss.left_out) == ([0, 2], [1])


UNEVEN = """
name: uneven
seeds: 2
grid:
  activation: [tanh, relu]
  optimizer: [sgd, adam]
exclude: [{activation: relu, optimizer: adam}]
"""


def test_cells_at_one_level_only_are_counted_and_not_compared(tmp_path):
    results = read_results(make_store(tmp_path, flat(lambda *_: 0.0), UNEVEN))
    found = effect(results, "optimizer", ["sgd", "adam"])
    assert ([cell.labels for cell in found.cells], found.unpaired) == ([{"activation": "tanh"}], 1)


def reached(epochs, held_to=300):
    """Return a curve that is at 96 % from an epoch on."""
    return [(e, 96.0 if epochs <= e <= held_to else 80.0) for e in range(10, 301, 10)]


def test_time_to_a_target_ends_at_the_common_horizon(tmp_path):
    first = {"sgd": 200, "adam": 60, "none": 100}

    def numbers(labels, seed):
        curve = reached(first[labels["optimizer"]] + 10 * seed)
        return {"train_accuracy": 98.0, "test_accuracy": 97.0, "curve": curve}

    results = read_results(make_store(tmp_path, numbers, PAPER.format(seeds=2)))
    found = effect(results, "optimizer", ["adam", "sgd"], "epochs_to_target")
    assert (found.horizon, found.unreached) == (150, (0, 12))
    assert found.differences.tolist() == [60 - 150, 70 - 150]
    both_long = effect(results, "optimizer", ["none", "sgd"], "epochs_to_target")
    assert (both_long.horizon, both_long.differences.tolist()) == (300, [-100.0, -100.0])
    updates = effect(results, "optimizer", ["adam", "sgd"], "updates_to_target")
    assert (updates.horizon, updates.differences.tolist()) == (30_000, [-18_000, -16_000])


@pytest.mark.parametrize(
    ("factor", "levels", "measure", "message"),
    [
        ("optimiser", ["adam", "sgd"], "gap", "factor 'optimiser' is unknown.*'optimizer'"),
        ("optimizer", ["adm", "sgd"], "gap", "level of optimizer 'adm' is unknown.*'adam'"),
        ("optimizer", ["sgd", "sgd"], "gap", "different levels are needed"),
        ("optimizer", ["adam", "sgd"], "gpa", "measure 'gpa' is unknown.*'gap'"),
    ],
)
def test_wrong_questions_say_what_is_allowed(tmp_path, factor, levels, measure, message):
    results = read_results(make_store(tmp_path, flat(lambda *_: 0.0), PAPER.format(seeds=1)))
    with pytest.raises(InputError, match=message):
        effect(results, factor, levels, measure)


def test_signs_of_differences_on_a_grid_are_counted_exactly():
    """Against all 2^16 patterns, one by one."""
    x = np.round(np.random.default_rng(4).normal(0.4, 1, 16) * 60) / 60
    signs = 1 - 2 * (np.arange(2**16)[:, None] >> np.arange(16) & 1)
    sums = signs @ x
    greater, less = (np.mean(side >= -1e-9) for side in (sums - x.sum(), x.sum() - sums))
    assert p_sign_flip(x, "greater") == pytest.approx(greater, rel=1e-12)
    assert p_sign_flip(x, "less") == pytest.approx(less, rel=1e-12)
    assert p_sign_flip(x) == pytest.approx(2 * min(less, greater), rel=1e-12)


def test_random_signs_agree_with_scipy():
    x = np.random.default_rng(5).normal(0.4, 1, 30)
    result = stats.permutation_test(
        (x,), np.mean, permutation_type="samples", n_resamples=100_000, rng=1, vectorized=True
    )
    assert p_sign_flip(x) == pytest.approx(result.pvalue, abs=0.006)


LOOKS = [Looks(10, 100), Looks(40, 100, (10,)), Looks(100, 100, (10, 40))]


def test_what_looks_may_spend_comes_to_alpha():
    """Against the joint normal distribution of the scores, by scipy."""
    levels = [looks.level(0.05) for looks in LOOKS]
    assert levels[0] < 1e-9
    assert levels[1:] == pytest.approx([0.00194, 0.0492], abs=0.0001)
    bounds = stats.norm.isf(np.array(levels) / 2)
    shares = np.array([0.1, 0.4, 1.0])
    together = np.sqrt(np.minimum.outer(shares, shares) / np.maximum.outer(shares, shares))
    inside = stats.multivariate_normal([0, 0, 0], together, seed=0).cdf(bounds, lower_limit=-bounds)
    assert 1 - inside == pytest.approx(0.05, abs=2e-5)


def test_one_look_at_all_planned_seeds_has_all_of_alpha():
    assert Looks(10, 10).level(0.05) == pytest.approx(0.05)
    assert Looks(10, 10, (10, 20)).level(0.05) == pytest.approx(0.05)
    assert Looks(20, 10, (10,)).beyond
    assert not Looks(10, 10).beyond


def test_false_findings_under_many_looks_stay_below_alpha():
    """Brownian motions that are looked at every tenth of the way: 20,000 of them."""
    steps = np.random.default_rng(6).normal(0, sqrt(0.1), (20_000, 10))
    scores = steps.cumsum(axis=1) / np.sqrt(np.arange(1, 11) / 10)
    levels = [Looks(n, 100, tuple(range(10, n, 10))).level(0.05) for n in range(10, 101, 10)]
    found = (np.abs(scores) >= stats.norm.isf(np.array(levels) / 2)).any(axis=1)
    assert found.mean() == pytest.approx(0.05, abs=0.005)


def balanced(rng, *, optimizer, seed, batches, cells=18, seeds=2000):
    """Last evaluations ``(cells, seeds, 5)`` of a full grid with known components of variance."""
    labels = [
        {"activation": a, "loss": loss, "optimizer": o}
        for a in "abc"
        for loss in "mb"
        for o in "xyz"
    ][:cells]
    level = {"x": -1.0, "y": 0.0, "z": 1.0}  # of variance 1
    mean = np.array([optimizer * level[own["optimizer"]] for own in labels])
    values = mean[:, None, None] + seed * rng.normal(size=(1, seeds, 1))
    return values + batches * rng.normal(size=(cells, seeds, 5)), labels


def test_components_of_variance_are_found_as_they_were_made():
    values, labels = balanced(np.random.default_rng(1), optimizer=2.0, seed=0.5, batches=1.5)
    found = components(values, labels)
    assert found["optimizer"] == pytest.approx(4.0, rel=0.02)
    assert found["seed"] == pytest.approx(0.25, rel=0.15)
    assert found["last batches"] == pytest.approx(2.25, rel=0.02)
    others = ("activation", "loss", "settings together", "seed × settings")
    assert all(abs(found[name]) < 0.01 for name in others)


def test_chance_alone_gives_no_component_on_average():
    rng = np.random.default_rng(2)
    tables = [balanced(rng, optimizer=0, seed=0, batches=1, seeds=10) for _ in range(300)]
    found = [components(*table) for table in tables]
    for name in ("optimizer", "activation", "settings together", "seed", "seed × settings"):
        mean = np.mean([own[name] for own in found])
        error = np.std([own[name] for own in found]) / sqrt(300)
        assert abs(mean) < 3 * error


def test_cells_of_different_axes_have_one_component_of_all_settings():
    values = np.random.default_rng(0).normal(size=(3, 2, 5))
    cells = [{"optimizer": "sgd"}, {"optimizer": "adam"}, {"optimizer": "sgd", "lr": "0.05"}]
    together = [components(values[list(at)], [cells[i] for i in at]) for at in ([0, 1, 2], [2, 0])]
    assert [next(iter(own)) for own in together] == ["settings together"] * 2
