"""Error rates of families of claims under several looks, on real, skewed runs."""

from __future__ import annotations

import csv
import re
from math import inf
from pathlib import Path

import numpy as np
import pytest

from minidl.report.statistics.intervals import Interval, mean_interval
from minidl.report.statistics.looks import Looks
from minidl.report.statistics.significance import p_t
from minidl.report.verdicts import rules
from minidl.report.verdicts.planned import Plan
from minidl.report.verdicts.rules import Evidence, weigh

PAGE = (Path(__file__).parents[1] / "docs" / "statistics.md").read_text()
COMMITTED = Path(__file__).parents[1] / "results" / "reference" / "paper_100_seeds" / "runs.csv"
# The mean of the last five evaluations of the same runs, over the cells of each level.
LATE = Path(__file__).parent / "fixtures" / "late_test_accuracy.csv"
SPENT = [Looks(10, 100), Looks(40, 100, (10,)), Looks(100, 100, (10, 40))]
ALONE = [Looks(10, 10), Looks(40, 40), Looks(100, 100)]  # each as if it were the only one
MARGINS = {"better": 0.5, "not_worse": 1.0}
# The parts of the paper's claims about accuracy: kind, factor, two levels, and the claim's number.
PARTS = [
    ("better", "optimizer", "sgd", "none", 0),
    ("better", "optimizer", "adam", "none", 0),
    ("better", "optimizer", "adam", "sgd", 1),
    ("not_worse", "optimizer", "none", "sgd", 2),
    ("not_worse", "optimizer", "none", "adam", 2),
    ("better", "loss", "mse", "bce", 3),
]


def means(factor, level):
    """The mean test accuracy of each of the hundred seeds at a level, over the other factors."""
    seeds = {}
    with COMMITTED.open() as file:
        for row in csv.DictReader(file):
            if row[factor] == level:
                seeds.setdefault(int(row["seed"]), []).append(float(row["test_accuracy"]))
    return np.array([np.mean(seeds[seed]) for seed in sorted(seeds)])


def late_means(_, level):
    """The late test accuracy of each of the same seeds at a level."""
    with LATE.open() as file:
        return np.array([float(row[level]) for row in csv.DictReader(file)])


def null_studies(count, seed, of=means):
    """Differences ``(parts, studies, 100)`` of seeds drawn anew, moved so that every null holds."""
    rows = []
    for kind, factor, first, second, _ in PARTS:
        difference = of(factor, first) - of(factor, second)
        null = -MARGINS["not_worse"] if kind == "not_worse" else 0.0
        rows.append(difference - difference.mean() + null)
    drawn = np.random.default_rng(seed).integers(0, 100, (count, 100))
    return np.array(rows)[:, drawn]


def shifted(x, kind):
    return x + MARGINS[kind] * (kind == "not_worse")


def false_share(studies, looks, *, by_t=False):
    """The share of families of which any look supports or contradicts a claim."""
    wrong = np.zeros(studies.shape[1], dtype=bool)
    for at in looks:
        seen = studies[:, :, : at.now]
        near = [p_t(shifted(x, p[0])) <= at.level(0.05) for x, p in zip(seen, PARTS, strict=True)]
        for study in np.flatnonzero(np.any(near, axis=0) & ~wrong):
            wrong[study] = decides(seen[:, study], at, by_t=by_t)
    return wrong.mean()


def decides(study, at, *, by_t):
    claims = [[] for _ in range(4)]
    for x, (kind, *_, claim) in zip(study, PARTS, strict=True):
        if by_t:
            moved = shifted(x, kind)
            own = Evidence(p_t(moved), np.sign(moved.mean()), np.array(1.0))
        else:
            own = weigh(x, MARGINS[kind], kind)
        claims[claim].append(own)
    levels = rules.levels(claims, 0.05, at)
    found = [rules.decide(c, at.level(lv)) for c, lv in zip(claims, levels, strict=True)]
    return any(outcome in rules.DECIDED for outcome in found)


@pytest.mark.parametrize("of", [means, late_means])
def test_three_looks_share_one_error_rate(of):
    """By the t test alone, which finds no less than both tests together."""
    share = false_share(null_studies(2000, seed=1, of=of), SPENT, by_t=True)
    assert share <= 0.055
    assert f" {100 * share:.1f} %" in PAGE.replace("\n", " ")


@pytest.mark.parametrize("of", [means, late_means])
def test_three_looks_as_if_each_were_the_only_one_find_too_much(of):
    share = false_share(null_studies(2000, seed=1, of=of), ALONE, by_t=True)
    assert share > 0.06
    assert f"{100 * share:.1f} " in PAGE.replace("\n", " ")
    (said,) = re.findall(r"when the result suits, is wrong .* in (.*) % of families", PAGE)
    assert abs(float(said) - 100 * share) < 1


@pytest.mark.soak
def test_three_looks_share_one_error_rate_with_both_tests():
    assert false_share(null_studies(2000, seed=2), SPENT) <= 0.055


def test_equal_differences_have_an_interval_at_the_earliest_look():
    """At a first look that may use next to nothing of the error rate, the level rounds to 1."""
    assert mean_interval([0.5, 0.5], 1.0) == Interval(0.5, 0.5)
    assert mean_interval([0.5, 0.6], 1.0) == Interval(-inf, inf)


@pytest.mark.parametrize(
    ("now", "planned", "choosers", "beyond"),
    [(30, 10, 10, True), (30, 5, 10, True), (10, 10, 10, False), (20, 20, 10, False)],
)
def test_seeds_are_beyond_a_plan_that_has_none_but_those_that_choose(
    now, planned, choosers, beyond
):
    looks = Plan(now, planned, now, choosers=choosers).looks
    assert (looks.beyond, looks.level(0.05)) == (beyond, 0.05)
