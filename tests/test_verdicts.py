"""Every verdict, reached from a store whose numbers are known."""

from __future__ import annotations

import json

import numpy as np
import pytest
from helpers.constructed_store import PAPER, make_store, result
from helpers.studies import minidl
from safetensors.numpy import save
from scipy import stats

from minidl.report.html.answer import answer_block, pairs_block
from minidl.report.measures import Options
from minidl.report.pages.published import together_notes
from minidl.report.pages.sentences import explain_claim, notes
from minidl.report.pages.verdicts import compare_to_markdown, to_json, to_markdown
from minidl.report.results import read_results
from minidl.report.statistics.again import chance_again
from minidl.report.statistics.looks import Looks
from minidl.report.verdicts.judgement import compare as compare_pairs
from minidl.report.verdicts.judgement import judge
from minidl.report.verdicts.rules import seeds_to_decide
from minidl.report.verdicts.together import Together
from minidl.report.write import write_page, write_reports
from minidl.study.errors import InputError
from minidl.study.files.shipped import shipped_configs
from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.store.merge import same_weights
from minidl.study.store.store import Store

SMALL = """
name: small
seeds: {seeds}
grid:
  loss: [mse, bce]
  optimizer: [sgd, adam, none]
"""
CLAIM = """
title: a paper
claims:
  - text: adam is better than sgd
    kind: {kind}
    parts:
      - {{factor: optimizer, levels: [adam, sgd], measure: test_accuracy{more}}}
"""


def compare(*args, **options):
    """The one answer about two levels."""
    (answer,) = compare_pairs(*args, **options)
    return answer


def gains(values, *, level="adam"):
    """Return numbers in which a level is better than the others by values[seed]."""

    def numbers(labels, seed):
        gain = values[seed] if labels["optimizer"] == level else 0.0
        return {"train_accuracy": 98.0, "test_accuracy": 70.0 + seed / 7 + gain}

    return numbers


def spread(mean, sd, n):
    """Return n symmetric values with exactly this mean and standard deviation."""
    x = np.linspace(-1, 1, n)
    return (mean + sd * x / x.std(ddof=1)).round(6).tolist()


def claim_of(tmp_path, values, kind="better", more=""):
    """Judge the one claim, adam better than sgd by some values, seed by seed."""
    folder = make_store(tmp_path / "store", gains(values), SMALL.format(seeds=len(values)))
    reference = tmp_path / "reference.yaml"
    reference.write_text(CLAIM.format(kind=kind, more=more))
    (claim,) = judge(folder, str(reference)).claims
    return claim


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        (spread(1.0, 0.5, 10), "supported"),
        (spread(0.2, 0.1, 10), "supported, but negligible"),
        (spread(-1.0, 0.5, 10), "contradicted"),
        (spread(-0.2, 0.1, 10), "contradicted, but negligible"),
        (spread(0.0, 0.4, 10), "no difference that matters"),
        (spread(0.4, 1.0, 10), "undecided"),
        (spread(5.0, 0.1, 5), "undecided"),
        ([0.7] * 10, "supported"),
        ([0.7] * 5, "undecided"),
        ([-0.2] * 10, "contradicted, but negligible"),
        ([0.0] * 10, "no difference that matters"),
        ([0.0] * 4, "undecided"),
        ([1.0] * 8 + [-1.0] * 2, "undecided"),
        ([3.0], "no verdict"),
    ],
)
def test_every_verdict_is_reached(tmp_path, values, verdict):
    claim = claim_of(tmp_path, values)
    assert claim.verdict == verdict
    assert claim.difference == pytest.approx(np.mean(values))
    assert claim.n == len(values)


def test_both_tests_are_needed(tmp_path):
    """One huge difference among small ones: the sign flips see a pattern, the t test does not."""
    claim = claim_of(tmp_path, [20.0, *[1.0] * 9])
    assert claim.verdict == "undecided"
    assert claim.p > 0.05


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        (spread(-0.3, 0.4, 10), "supported"),
        (spread(0.0, 0.2, 10), "supported"),
        (spread(-2.0, 0.4, 10), "contradicted"),
        (spread(-1.0, 0.4, 10), "undecided"),
        (spread(0.0, 3.0, 10), "undecided"),
    ],
)
def test_not_worse_asks_about_its_own_margin(tmp_path, values, verdict):
    assert claim_of(tmp_path, values, "not_worse", ", margin: 1.0").verdict == verdict


def test_lower_can_be_the_better_side(tmp_path):
    values = spread(-1.0, 0.5, 10)
    claim = claim_of(tmp_path, values, more=", direction: lower")
    assert (claim.verdict, round(claim.difference, 6)) == ("supported", -1.0)
    assert claim.low < -1.0 < claim.high < 0


def test_the_margin_is_the_questions_own(tmp_path):
    values = spread(0.2, 0.1, 10)
    assert claim_of(tmp_path / "a", values, more=", margin: 0.1").verdict == "supported"
    assert (
        claim_of(tmp_path / "b", values, more=", margin: 2").verdict == "supported, but negligible"
    )


def test_undecided_names_the_seeds_that_would_decide(tmp_path):
    """Equivalence within half a deviation takes 36 seeds, and to find as much takes 34 and one.

    The deviation of ten seeds lies between 0.86 and 1.29 times their own in three of five cases.
    """
    claim = claim_of(tmp_path, spread(0.4, 1.0, 10))
    assert claim.parts[0].seeds == (27, 59)
    assert "10 seeds leave open" in explain_claim(claim)
    assert "27 to 59 seeds would tell" in explain_claim(claim)


def test_more_seeds_than_were_planned_for_are_asked_for_when_those_did_not_decide(tmp_path):
    claim = claim_of(tmp_path, spread(0.25, 1.25, 60))
    assert claim.verdict == "undecided"
    assert min(claim.parts[0].seeds or (0,)) > 60


def test_one_seed_says_that_it_cannot_tell(tmp_path):
    claim = claim_of(tmp_path, [3.0])
    assert "at least two are needed" in explain_claim(claim)
    assert np.isnan(claim.low)


def test_a_margin_in_another_unit_is_the_measures(tmp_path):
    folder = make_store(tmp_path, paper_numbers, PAPER.format(seeds=2))
    assert compare(folder, "optimizer", ["adam", "sgd"]).margin == 0.5
    assert compare(folder, "optimizer", ["adam", "sgd"], "epochs_to_target").margin == 10
    assert compare(folder, "optimizer", ["adam", "sgd"], "updates_to_target").margin == 2000
    assert compare(folder, "optimizer", ["adam", "sgd"], "test_loss").margin == 0.01


TWO_PARTS = """
title: a paper
claims:
  - text: adam is better than both
    parts:
      - {factor: optimizer, levels: [adam, sgd]}
      - {factor: optimizer, levels: [adam, none]}
"""


@pytest.mark.parametrize(
    ("over_sgd", "over_none", "verdict"),
    [
        (1.0, 2.0, "supported"),
        (1.0, 0.28, "undecided"),
        (1.0, -1.0, "contradicted"),
        (-1.0, -2.0, "contradicted"),
        (2.0, 0.0, "partly supported"),
        (0.0, 0.0, "no difference that matters"),
    ],
)
def test_a_claim_of_two_parts_needs_both(tmp_path, over_sgd, over_none, verdict):
    noise = spread(0.0, 0.4, 10)

    def numbers(labels, seed):
        level = {"adam": noise[seed], "sgd": -over_sgd, "none": -over_none}[labels["optimizer"]]
        return {"train_accuracy": 98.0, "test_accuracy": 90.0 + level}

    folder = make_store(tmp_path, numbers, SMALL.format(seeds=10))
    (tmp_path / "two.yaml").write_text(TWO_PARTS)
    (claim,) = judge(folder, str(tmp_path / "two.yaml")).claims
    assert claim.verdict == verdict
    weakest = min(over_sgd, over_none)
    assert claim.difference == pytest.approx(weakest)
    assert claim.p >= min(float(part.evidence.p) for part in claim.parts)


@pytest.mark.parametrize(
    ("needs", "over_sgd", "over_none", "verdict"),
    [
        ("all", 0.2, 2.0, "supported, but negligible"),
        ("all", -0.2, -2.0, "contradicted"),
        ("all", -0.2, 2.0, "contradicted, but negligible"),
        ("any", 0.2, 2.0, "supported"),
        ("any", 0.2, -2.0, "supported, but negligible"),
        ("any", -0.2, -2.0, "contradicted, but negligible"),
    ],
)
def test_a_claim_is_negligible_by_the_parts_that_it_rests_on(
    tmp_path, needs, over_sgd, over_none, verdict
):
    """On each of them where every part had to come out so, on any where one was enough."""
    noise = spread(0.0, 0.1, 10)

    def numbers(labels, seed):
        level = {"adam": noise[seed], "sgd": -over_sgd, "none": -over_none}[labels["optimizer"]]
        return {"train_accuracy": 98.0, "test_accuracy": 90.0 + level}

    folder = make_store(tmp_path, numbers, SMALL.format(seeds=10))
    (tmp_path / "two.yaml").write_text(TWO_PARTS + f"    needs: {needs}\n")
    (claim,) = judge(folder, str(tmp_path / "two.yaml")).claims
    assert claim.verdict == verdict


READ_OTHERWISE = """
title: a paper
claims:
  - text: an optimizer is better
    parts:
      - {factor: optimizer, levels: [sgd, none]}
      - {factor: optimizer, levels: [adam, none]}
    readings:
      only <b>Adam</b>: [{factor: optimizer, levels: [adam, none]}]
      neither:
        - {factor: optimizer, levels: [none, adam]}
        - {factor: optimizer, levels: [none, sgd]}
      some:
        needs: any
        parts:
          - {factor: optimizer, levels: [sgd, none]}
          - {factor: optimizer, levels: [adam, none]}
      on average: [{factor: optimizer, levels: [{mean: [sgd, adam]}, none]}]
  - text: adam is better than sgd
    parts: [{factor: optimizer, levels: [adam, sgd]}]
"""


def read_otherwise(tmp_path, text=READ_OTHERWISE):
    """Judge claims about an Adam that is 0.9 better than the others, of which none is."""
    values = spread(0.9, 0.8, 10)
    study = SMALL.format(seeds=10) + "reference: r.yaml\n"
    (tmp_path / "r.yaml").write_text(text)
    study = study.replace("r.yaml", str(tmp_path / "r.yaml"))
    return make_store(tmp_path / f"store{len(text)}", gains(values), study)


ON_AVERAGE = """
title: a paper
claims:
  - text: an optimizer is better
    parts: [{factor: optimizer, levels: [{mean: [adam, sgd]}, none]%s}]
"""


def on_average(tmp_path, numbers, more="", study=SMALL, seeds=10):
    """Judge the claim that two optimizers are together better than none."""
    folder = make_store(tmp_path / "store", numbers, study.format(seeds=seeds))
    (tmp_path / "average.yaml").write_text(ON_AVERAGE % more)
    (claim,) = judge(folder, str(tmp_path / "average.yaml")).claims
    return claim


def drawn(seeds=10):
    """Return numbers of every run, and the table they are from: optimizer, loss, seed."""
    table = np.random.default_rng(3).normal(80, 2, (3, 2, seeds)).round(1)

    def numbers(labels, seed):
        at = ["adam", "sgd", "none"].index(labels["optimizer"]), labels["loss"] == "bce"
        return {"train_accuracy": 98.0, "test_accuracy": float(table[at[0], int(at[1]), seed])}

    return numbers, table


def test_the_mean_of_several_levels_is_one_side_of_a_question(tmp_path):
    """By hand: the runs of a pair are averaged, then the pairs, and the seeds are the sample."""
    numbers, table = drawn()
    (part,) = on_average(tmp_path, numbers).parts
    both, alone = table[:2].mean(axis=(0, 1)), table[2].mean(axis=0)
    assert part.differences == pytest.approx(both - alone)
    assert part.question.levels == ["mean(adam, sgd)", "none"]
    t = stats.ttest_rel(both, alone)
    assert part.interval.low == pytest.approx(t.confidence_interval(0.95).low)
    flips = stats.permutation_test((both - alone,), np.mean, permutation_type="samples")
    assert float(part.evidence.p) == pytest.approx(max(t.pvalue, flips.pvalue))
    assert part.effect.correlation == pytest.approx(np.corrcoef(both, alone)[0, 1])
    by_loss = [cell.differences for cell in part.effect.cells]
    assert by_loss == [pytest.approx(x) for x in table[:2].mean(axis=0) - table[2]]


def test_the_mean_of_levels_may_be_the_second_side_and_may_reach_a_value(tmp_path):
    numbers, table = drawn()
    folder = make_store(tmp_path / "store", numbers, SMALL.format(seeds=10))
    asked = "{factor: optimizer, levels: [%s]%s}"
    second = asked % ("none, {mean: [adam, sgd]}", "")
    reaches = asked % ("{mean: [adam, sgd]}", ", value: 70")
    for kind, question, expected in (
        ("better", second, table[2].mean(axis=0) - table[:2].mean(axis=(0, 1))),
        ("reaches", reaches, table[:2].mean(axis=(0, 1)) - 70),
    ):
        (tmp_path / "r.yaml").write_text(
            f"title: t\nclaims: [{{text: a, kind: {kind}, parts: [{question}]}}]"
        )
        (claim,) = judge(folder, str(tmp_path / "r.yaml")).claims
        assert claim.parts[0].differences == pytest.approx(expected)
    assert "In test accuracy mean(adam, sgd) lies" in explain_claim(claim)


def test_a_seed_counts_when_every_level_of_the_mean_has_its_run(tmp_path):
    numbers, _ = drawn()

    def gaps(labels, seed):
        return None if (labels["optimizer"], seed) == ("sgd", 4) else numbers(labels, seed)

    (part,) = on_average(tmp_path, gaps).parts
    assert part.effect.left_out == [4]
    assert part.n == 9


def test_cells_without_every_level_of_the_mean_are_no_pair(tmp_path):
    numbers, table = drawn()
    study = SMALL + "exclude: [{{optimizer: sgd, loss: bce}}]\n"
    (part,) = on_average(tmp_path, numbers, study=study).parts
    assert part.effect.unpaired == 2
    told = "Left out: 2 cells without a partner at each of the levels."
    assert told in notes(part)
    assert part.differences == pytest.approx(table[:2, 0].mean(axis=0) - table[2, 0])


def test_runs_of_a_mean_that_did_not_get_there_and_collapsed_are_all_counted(tmp_path):
    def numbers(labels, seed):
        reached = labels["optimizer"] == "adam"
        curve = [(10 * i, 96.0 if reached and i > 3 + seed else 90.0) for i in range(30)]
        lost = labels["optimizer"] == "sgd" and seed < 3
        return {"train_accuracy": 50.0 if lost else 98.0, "test_accuracy": 80.0, "curve": curve}

    study = SMALL + "epochs: 300\n"
    (part,) = on_average(tmp_path, numbers, ", measure: epochs_to_target", study).parts
    effect = part.effect
    assert (effect.unreached, effect.runs) == ((20, 20), (40, 20))
    assert (effect.collapses.counts, effect.collapses.runs) == ((6, 0), (40, 20))
    assert np.isnan(effect.collapses.p)
    times = 10 * (4 + np.arange(10))
    assert part.differences == pytest.approx((times + 300) / 2 - 300)
    told = " ".join(notes(part))
    assert "mean(adam, sgd) in 20 of 40 runs, none in 20 of 20 runs" in told
    assert "Collapsed: mean(adam, sgd) 6 of 40 runs, none 0 of 20 runs." in told


ANY = """
title: a paper
claims:
  - text: some optimizer is better
    needs: any
    parts:
      - {factor: optimizer, levels: [adam, none]}
      - {factor: optimizer, levels: [sgd, none]}
"""


@pytest.mark.parametrize(
    ("adam", "sgd", "verdict", "shown"),
    [
        (1.0, 2.0, "supported", 2.0),
        (1.0, -1.0, "supported", 1.0),
        (1.0, 0.0, "supported", 1.0),
        (-1.0, -2.0, "contradicted", -1.0),
        (-1.0, 0.3, "undecided", 0.3),
        (-1.0, 0.0, "undecided", 0.0),
        (0.1, 0.0, "no difference that matters", 0.1),
    ],
)
def test_a_claim_that_needs_any_of_its_parts(tmp_path, adam, sgd, verdict, shown):
    noise = spread(0.0, 0.5, 10)

    def numbers(labels, seed):
        level = {"adam": adam, "sgd": sgd, "none": noise[seed]}[labels["optimizer"]]
        return {"train_accuracy": 98.0, "test_accuracy": 90.0 + level}

    folder = make_store(tmp_path, numbers, SMALL.format(seeds=10))
    (tmp_path / "any.yaml").write_text(ANY)
    judgement = judge(folder, str(tmp_path / "any.yaml"))
    (claim,) = judgement.claims
    assert claim.verdict == verdict
    assert claim.difference == pytest.approx(shown)
    own = [float(part.evidence.p) for part in claim.parts]
    ahead = [p if part.difference > 0 else 1.0 for p, part in zip(own, claim.parts, strict=True)]
    behind = [p if part.difference < 0 else 1.0 for p, part in zip(own, claim.parts, strict=True)]
    assert claim.p == pytest.approx(min(1.0, 2 * min(ahead), max(behind)))
    assert to_json(judgement)["claims"][0]["needs"] == "any"
    strongest = "the weakest is shown, or, where any of them is enough, the strongest."
    assert strongest in to_markdown(judgement)
    assert strongest in answer_block(judgement)["how"][0]


def test_one_part_of_any_pays_for_having_been_picked(tmp_path):
    """The mirror of a contradiction: what is enough alone may not be as the best of two."""
    folder = make_store(tmp_path, gains(spread(0.75, 0.9, 10)), SMALL.format(seeds=10))
    first, *_ = ANY.partition("      - {factor: optimizer, levels: [sgd")
    (tmp_path / "any.yaml").write_text(ANY)
    (tmp_path / "one.yaml").write_text(first)
    found = {
        name: judge(folder, str(tmp_path / f"{name}.yaml")).claims[0] for name in ("any", "one")
    }
    assert 0.025 < found["one"].p < 0.05
    assert found["any"].p == pytest.approx(2 * found["one"].p)
    assert (found["one"].verdict, found["any"].verdict) == ("supported", "undecided")


def test_other_readings_of_a_sentence_have_verdicts_of_their_own(tmp_path):
    claim, _ = judge(read_otherwise(tmp_path)).claims
    assert claim.verdict == "partly supported"
    assert {name: own.verdict for name, own in claim.readings.items()} == {
        "only <b>Adam</b>": "supported",
        "neither": "contradicted",
        "some": "supported",
        "on average": "supported",
    }
    assert {own.level for own in claim.readings.values()} == {claim.level}


def test_other_readings_do_not_count_in_the_family(tmp_path):
    """All numbers of the claims are what they are without the readings."""
    first, *rest = READ_OTHERWISE.split("    readings:")
    alone = first + rest[0][rest[0].index("  - text") :]
    with_them, without = (
        to_json(judge(read_otherwise(tmp_path, text))) for text in (READ_OTHERWISE, alone)
    )
    shown = [claim.pop("readings") for claim in with_them["claims"]]
    assert [claim.pop("readings") for claim in without["claims"]] == [[], []]
    assert with_them["claims"] == without["claims"]
    assert with_them["scatter"] == without["scatter"]
    assert [(own["name"], own["verdict"]) for own in shown[0]] == [
        ("only <b>Adam</b>", "supported"),
        ("neither", "contradicted"),
        ("some", "supported"),
        ("on average", "supported"),
    ]
    assert shown[1] == []
    assert [len(own["parts"]) for own in shown[0]] == [1, 2, 2, 1]


def test_every_page_shows_the_other_readings(tmp_path):
    folder = read_otherwise(tmp_path)
    page = to_markdown(judge(folder))
    assert "the weakest is shown, or, where any of them is enough, the strongest." in page
    assert page.count("### Read otherwise") == 1
    assert "Read otherwise, “neither”: contradicted. In test accuracy none lies 0.90" in page
    assert "do not count in the family's error rate" in page
    told = minidl("verdicts", folder).stdout
    assert "Read otherwise, “neither”: contradicted." in told
    minidl("report", folder)
    html = (folder / "report.html").read_text()
    assert "Read otherwise, “neither”: contradicted." in html
    assert "Read otherwise, “only <b>" not in html


def test_one_part_refutes_a_claim_only_after_paying_for_the_choice(tmp_path):
    """p is 0.025 on the other side: enough for one question, not for one picked from two."""
    gain = spread(-0.36, 0.4, 10)

    def numbers(labels, seed):
        level = {"adam": gain[seed], "sgd": 0.0, "none": -1.5}[labels["optimizer"]]
        return {"train_accuracy": 98.0, "test_accuracy": 90.0 + level}

    folder = make_store(tmp_path, numbers, SMALL.format(seeds=10))
    (tmp_path / "one.yaml").write_text(CLAIM.format(kind="better", more=""))
    (tmp_path / "two.yaml").write_text(TWO_PARTS)
    (one,) = judge(folder, str(tmp_path / "one.yaml")).claims
    (two,) = judge(folder, str(tmp_path / "two.yaml")).claims
    assert one.verdict == "contradicted"
    assert two.verdict == "undecided"
    assert [part.verdict for part in two.parts] == ["undecided", "supported"]
    assert two.p == pytest.approx(2 * one.p)


def test_depends_where_cells_clearly_differ_both_ways(tmp_path):
    noise = spread(0.0, 0.3, 10)

    def numbers(labels, seed):
        up = 1.0 if labels["loss"] == "mse" else -0.9
        gain = (up + noise[seed]) if labels["optimizer"] == "adam" else 0.0
        return {"train_accuracy": 98.0, "test_accuracy": 90.0 + gain}

    folder = make_store(tmp_path, numbers, SMALL.format(seeds=10))
    (tmp_path / "claim.yaml").write_text(CLAIM.format(kind="better", more=""))
    judgement = judge(folder, str(tmp_path / "claim.yaml"))
    assert judgement.claims[0].verdict == "no difference that matters, depends"
    page = to_markdown(judgement)
    assert "adam lies clearly above sgd in: loss=mse." in page
    assert "adam lies clearly below sgd in: loss=bce." in page


def test_a_claim_that_stands_alone_may_not_stand_in_a_family(tmp_path):
    """p is 0.025: enough for 5 %, not enough for the first of four claims that share the 5 %."""
    folder = make_store(tmp_path, gains(spread(0.36, 0.4, 10)), SMALL.format(seeds=10))
    one = "  - text: one\n    parts: [{factor: optimizer, levels: [adam, sgd]}]\n"
    other = "  - text: other\n    parts: [{factor: loss, levels: [mse, bce]}]\n"
    (tmp_path / "alone.yaml").write_text("title: t\nclaims:\n" + one)
    (tmp_path / "family.yaml").write_text("title: t\nclaims:\n" + other * 3 + one)
    (alone,) = judge(folder, str(tmp_path / "alone.yaml")).claims
    *_, shared = judge(folder, str(tmp_path / "family.yaml")).claims
    assert alone.p == shared.p == pytest.approx(0.025, abs=0.001)
    assert (alone.verdict, alone.level) == ("supported", 0.05)
    assert (shared.verdict, shared.level) == ("undecided", 0.05 / 4)


def test_the_level_rises_when_a_claim_before_it_holds(tmp_path):
    folder = make_store(tmp_path, gains(spread(1.0, 0.5, 10)), SMALL.format(seeds=10))
    one = "  - text: one\n    parts: [{factor: optimizer, levels: [adam, sgd]}]\n"
    other = "  - text: other\n    parts: [{factor: loss, levels: [mse, bce]}]\n"
    (tmp_path / "family.yaml").write_text("title: t\nclaims:\n" + one + other)
    levels = [claim.level for claim in judge(folder, str(tmp_path / "family.yaml")).claims]
    assert levels == [0.025, 0.05]


def paper_numbers(labels, seed):
    rng = np.random.default_rng([seed, *map(ord, "".join(labels.values()))])
    first = 60 if labels["optimizer"] == "adam" else 200
    curve = [(e, 96.0 if e >= first + 10 * (seed % 3) else 80.0) for e in range(10, 301, 10)]
    accuracy = 97.0 + rng.normal(0, 0.5) - (labels["optimizer"] == "none")
    return {"train_accuracy": accuracy + 1, "test_accuracy": accuracy, "curve": curve}


def test_the_papers_four_claims(tmp_path):
    judgement = judge(make_store(tmp_path, paper_numbers, PAPER.format(seeds=20)))
    assert [claim.verdict for claim in judgement.claims] == [
        "supported",
        "partly supported",
        "undecided",
        "no difference that matters",
    ]
    accuracy, epochs = judgement.claims[1].parts
    assert (accuracy.verdict, epochs.verdict) == ("no difference that matters", "supported")
    assert epochs.effect
    assert epochs.effect.unreached == (0, 120)
    page = to_markdown(judgement)
    assert "adam in 0 of 120 runs, sgd in 120 of 120 runs; such a run counts as 150" in page
    assert f"In updates of the weights: −{-200 * epochs.difference:,.0f}." in page


def test_a_target_that_nobody_reaches_says_nothing(tmp_path):
    folder = make_store(tmp_path, gains([0.0] * 6), SMALL.format(seeds=6))
    answer = compare(
        folder, "optimizer", ["adam", "sgd"], "epochs_to_target", options=Options(target=99)
    )
    assert (answer.verdict, answer.n) == ("no verdict", 6)
    (tmp_path / "r.yaml").write_text(
        CLAIM.format(kind="better", more="").replace(
            "test_accuracy", "epochs_to_target, target: 99"
        )
    )
    (claim,) = judge(folder, str(tmp_path / "r.yaml")).claims
    assert claim.verdict == "no verdict"
    assert "no run reached the target" in explain_claim(claim)


def test_json_has_a_list_of_claims_without_nan(tmp_path):
    folder = make_store(tmp_path, paper_numbers, PAPER.format(seeds=1))
    data = json.loads(json.dumps(to_json(judge(folder)), allow_nan=False))
    first = data["claims"][0]
    assert first["text"] == "using an optimizer helps us to obtain better accuracy"
    assert (first["verdict"], first["n"], first["low"]) == ("no verdict", 1, None)
    assert {"text", "verdict", "difference", "low", "high", "n"} <= set(first)
    assert len(data["claims"]) == 4
    assert len(data["cells"]) == 36


def test_missing_runs_are_named_and_never_filled_in(tmp_path):
    def numbers(labels, seed):
        gone = seed == 3 and labels == {"activation": "relu", "loss": "mse", "optimizer": "adam"}
        return None if gone else paper_numbers(labels, seed)

    judgement = judge(make_store(tmp_path, numbers, PAPER.format(seeds=12)))
    assert judgement.missing == ["activation=relu, loss=mse, optimizer=adam, seed 3"]
    assert [claim.n for claim in judgement.claims] == [11, 11, 11, 11]
    sgd, adam = judgement.claims[0].parts
    assert (sgd.n, adam.n) == (12, 11)
    page = to_markdown(judgement)
    assert "One run is missing: activation=relu, loss=mse, optimizer=adam, seed 3." in page
    assert "Left out: 1 of 12 seeds, of which a run is missing or has no number (seed 3)." in page
    (together,) = judgement.together
    assert together.left_out == [3]


def test_no_run_at_all_gives_no_verdict(tmp_path):
    judgement = judge(make_store(tmp_path, lambda *_: None, PAPER.format(seeds=2)))
    assert {claim.verdict for claim in judgement.claims} == {"no verdict"}
    assert "36 runs are missing" in to_markdown(judgement)
    assert json.dumps(to_json(judgement), allow_nan=False)


def test_a_claim_that_the_study_cannot_be_asked_has_no_verdict_and_says_why(tmp_path):
    study = SMALL.format(seeds=10).replace("[sgd, adam, none]", "[sgd, adam]")
    folder = make_store(tmp_path, gains(spread(1.0, 0.5, 10)), study)
    optimizer, speed, good_enough, loss = judge(folder, "paper").claims
    assert optimizer.verdict == good_enough.verdict == "no verdict"
    assert "level of optimizer 'none' is unknown; known: adam, sgd" in explain_claim(optimizer)
    assert speed.parts[0].verdict == "supported"
    assert loss.verdict == "no difference that matters"


def test_a_study_without_reference_needs_one(tmp_path):
    folder = make_store(tmp_path, gains([0.0]), SMALL.format(seeds=1))
    with pytest.raises(InputError, match="--reference FILE"):
        judge(folder)


def test_compare_asks_without_a_file(tmp_path):
    folder = make_store(tmp_path, gains(spread(-1.0, 0.5, 10)), SMALL.format(seeds=10))
    answer = compare(folder, "optimizer", ["adam", "sgd"])
    assert (answer.verdict, round(answer.difference, 6), answer.n) == ("a difference", -1.0, 10)
    page = compare_to_markdown(answer)
    assert "In test accuracy adam lies 1.00 points below sgd" in page
    assert "| loss=bce | −1.00 |" in page
    small = compare(folder, "optimizer", ["adam", "sgd"], margin=3)
    assert small.verdict == "a difference, but negligible"
    assert compare(folder, "loss", ["mse", "bce"]).verdict == "no difference that matters"
    gap = compare(folder, "optimizer", ["adam", "sgd"], "gap")
    assert round(gap.difference, 6) == 1.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"factor": "optimiser"}, "'optimiser' is unknown; known: loss, optimizer; did you mean"),
        ({"levels": ["adam", "rmsprop"]}, "'rmsprop' is unknown; known: adam, none, sgd"),
        ({"levels": ["adam"]}, "two levels or more are needed"),
        ({"measure": "accuracy"}, "measure 'accuracy' is unknown"),
        ({"margin": -1.0}, "compare: margin.*-1.0"),
        ({"options": Options(target=101.0)}, "compare: target.*101.0"),
    ],
)
def test_compare_refuses_what_it_cannot_ask(tmp_path, arguments, message):
    folder = make_store(tmp_path, gains([0.0]), SMALL.format(seeds=1))
    asked = {"factor": "optimizer", "levels": ["adam", "sgd"], **arguments}
    with pytest.raises(InputError, match=message):
        compare(folder, **asked)


RATES = """
name: rates
seeds: 14
grid:
  loss: [mse, bce]
  optimizer: [sgd, adam]
  optimizer.lr: [0.1, 0.01]
"""
TUNED = """
title: a paper
tuning: {axis: optimizer.lr, factor: optimizer, seeds: 4}
claims:
  - text: adam is better than sgd
    parts: [{factor: optimizer, levels: [adam, sgd]}]
"""


def test_each_level_is_judged_at_its_own_best_value_chosen_on_other_seeds(tmp_path):
    """The first four seeds choose 0.1 for sgd and 0.01 for adam; on the others all turns round."""

    def numbers(labels, seed):
        good = (labels["optimizer"], labels["optimizer.lr"]) in (("sgd", "0.1"), ("adam", "0.01"))
        level = 95.0 if good == (seed < 4) else 90.0
        bonus = 1.0 if labels["optimizer"] == "adam" else 0.0
        return {"train_accuracy": 98.0, "test_accuracy": level + bonus}

    folder = make_store(tmp_path, numbers, RATES)
    (tmp_path / "tuned.yaml").write_text(TUNED)
    judgement = judge(folder, str(tmp_path / "tuned.yaml"))
    assert judgement.tuned is not None
    assert judgement.tuned.best == {"sgd": "0.1", "adam": "0.01"}
    (claim,) = judgement.claims
    assert (claim.verdict, claim.n, claim.difference) == ("supported", 10, 1.0)
    assert claim.parts[0].effect
    assert claim.parts[0].effect.seeds == list(range(4, 14))
    assert claim.parts[0].effect.left_out == []
    assert {cell.accuracies["test_accuracy"].n for cell in judgement.summaries} == {10}
    assert "0.1 for sgd, 0.01 for adam" in to_markdown(judgement)


def tuned_study(tmp_path, numbers, study=RATES, tuned=TUNED):
    """Make a study whose own reference chooses a setting."""
    (tmp_path / "tuned.yaml").write_text(tuned)
    return make_store(tmp_path / "store", numbers, f"{study}reference: {tmp_path}/tuned.yaml\n")


@pytest.mark.parametrize(
    ("study", "tuned", "why"),
    [
        (RATES, TUNED, "tuning: 16 of the 32 runs that choose are missing: "),
        (RATES.replace("14", "4"), TUNED, "tuning: 4 seeds choose, so the study needs more"),
        (SMALL.format(seeds=14), TUNED, "tuning: factor 'optimizer.lr' is unknown"),
    ],
)
def test_where_nothing_can_be_chosen_there_is_no_verdict_and_it_says_why(
    tmp_path, study, tuned, why
):
    """As where runs are missing, the tables and the page are written all the same."""

    def numbers(labels, seed):
        known = labels["optimizer"] == "adam" or seed > 3
        return {"train_accuracy": 98.0, "test_accuracy": 90.0} if known else None

    folder = tuned_study(tmp_path, numbers, study, tuned)
    reports = write_reports(folder)
    assert (folder / "tables.md").exists()
    assert "cannot be judged: tuning: " in write_page(reports).read_text()
    assert f"Not judged: {why}" in (folder / "verdicts.md").read_text()
    (claim,) = judge(folder).claims
    assert claim.verdict == "no verdict"
    assert explain_claim(claim).startswith(f"adam against sgd cannot be judged: {why}")


def test_one_missing_run_that_chooses_leaves_all_without_a_verdict(tmp_path):
    """Its value may be the best one: here it is, by five points in every other run."""

    def numbers(labels, seed):
        rate, loss, optimizer = (labels[key] for key in ("optimizer.lr", "loss", "optimizer"))
        missing = (rate, loss, optimizer, seed) == ("0.1", "bce", "sgd", 3)
        accuracy = 95.0 if rate == "0.1" else 90.0
        return None if missing else {"train_accuracy": 98.0, "test_accuracy": accuracy}

    judgement = judge(tuned_study(tmp_path, numbers))
    assert judgement.untuned == (
        "tuning: 1 of the 32 runs that choose is missing: "
        "loss=bce, optimizer=sgd, optimizer.lr=0.1, seed 3"
    )
    assert [claim.verdict for claim in judgement.claims] == ["no verdict"]


def test_a_value_with_a_run_that_has_no_number_is_not_chosen(tmp_path):
    def numbers(labels, seed):
        diverged = (labels["optimizer.lr"], labels["optimizer"], seed) == ("0.1", "sgd", 3)
        loss = {"status": "diverged", "test_loss": None} if diverged else {"test_loss": 0.1}
        return {"train_accuracy": 98.0, "test_accuracy": 90.0, **loss}

    tuned = TUNED.replace("seeds: 4", "seeds: 4, measure: test_loss")
    judgement = judge(tuned_study(tmp_path, numbers, tuned=tuned))
    assert judgement.tuned is not None
    assert judgement.tuned.best["sgd"] == "0.01"


def test_a_single_seed_that_chooses_or_is_left_out_is_told_as_one(tmp_path):
    def numbers(labels, _):
        return {"train_accuracy": 98.0, "test_accuracy": 90.0 + (labels["optimizer.lr"] == "0.1")}

    folder = tuned_study(tmp_path, numbers, tuned=TUNED.replace("seeds: 4", "seeds: 1"))
    assert "on the first seed, which is not judged: 0.1 for sgd" in to_markdown(judge(folder))
    assert together_notes(Together({}, 2, 2, [3], [])) == [
        "without 1 seed of which a run is missing."
    ]


def test_seeds_are_drawn_again_whole_where_a_part_has_left_one_out(tmp_path):
    """Both parts have the same differences, seed by seed; the losses of seed 0 are no numbers."""
    values = spread(0.5, 0.6, 12)

    def numbers(labels, seed):
        gain = values[seed] if labels["optimizer"] == "adam" else 0.0
        loss = None if seed == 0 else 1.0 - gain / 10
        return {"train_accuracy": 98.0, "test_accuracy": 90.0 + gain, "test_loss": loss}

    folder = make_store(tmp_path, numbers, SMALL.format(seeds=12))
    part = "{factor: optimizer, levels: [adam, sgd], measure: test_"
    parts = f"[{part}accuracy}}, {part}loss}}]"
    (tmp_path / "r.yaml").write_text(f"title: t\nclaims: [{{text: x, parts: {parts}}}]\n")
    (claim,) = judge(folder, str(tmp_path / "r.yaml")).claims
    assert claim.outcome == "supported"
    assert [own.n for own in claim.parts] == [12, 11]
    assert claim.again == chance_again([claim.parts[0].gains[1:]], claim.level)


INCLUDED = """
name: included
seeds: 10
grid: {{}}
include:
  - {{activation: tanh, loss: mse, optimizer: sgd}}
  - {second}
  - {{activation: relu, loss: mse, optimizer: sgd}}
  - {{activation: relu, loss: mse, optimizer: adam}}
"""


@pytest.mark.parametrize(
    "second",
    [
        "{activation: tanh, loss: mse, optimizer: adam}",
        "{optimizer: adam, loss: mse, activation: tanh}",
        "{activation: tanh, optimizer: adam}",
        "{activation: {name: tanh}, loss: mse, optimizer: {name: adam, lr: 0.001}}",
    ],
)
def test_cells_are_paired_by_what_they_are_not_by_how_they_are_written(tmp_path, second):
    def numbers(labels, _):
        return {"train_accuracy": 98.0, "test_accuracy": 90.0 + (labels["optimizer"] == "sgd")}

    folder = make_store(tmp_path, numbers, INCLUDED.format(second=second))
    answer = compare(folder, "optimizer", ["sgd", "adam"])
    assert answer.verdict == "a difference"
    assert answer.effect is not None
    assert (len(answer.effect.cells), answer.effect.unpaired) == (2, 0)


def test_cells_that_an_override_makes_differ_in_another_axis_are_no_pair(tmp_path):
    text = SMALL.format(seeds=10) + (
        "  epochs: [5, 9]\n"
        "exclude: [{optimizer: adam, epochs: 9}]\n"
        "overrides: [{when: {optimizer: adam}, set: {epochs: 9}}]\n"
    )
    answer = compare(make_store(tmp_path, gains([1.0] * 10), text), "optimizer", ["sgd", "adam"])
    assert answer.effect is not None
    assert [cell.labels["epochs"] for cell in answer.effect.cells] == ["9", "9"]
    assert answer.effect.unpaired == 2


SPELLED = """
name: spelled
seeds: 10
grid:
  loss: [mse, bce]
  optimizer: [{name: sgd, lr: 0.1, momentum: 0.5}, {name: adam, lr: 0.01}, {name: none, lr: 0.1}]
"""


@pytest.mark.parametrize(
    "level",
    ["sgd", "sgd(lr=0.1)", "sgd(lr=0.1, momentum=0.5)", "sgd(momentum=0.50, lr=1e-1)"],
)
def test_a_level_is_found_by_what_is_named_of_it(tmp_path, level):
    folder = make_store(tmp_path, lambda *_: {"train_accuracy": 9.0, "test_accuracy": 9.0}, SPELLED)
    answer = compare(folder, "optimizer", [level, "adam"])
    assert answer.question.levels == ["sgd(lr=0.1, momentum=0.5)", "adam(lr=0.01)"]
    assert answer.verdict == "no difference that matters"


def test_a_name_that_several_levels_have_is_none_of_them(tmp_path):
    two = SPELLED.replace("{name: none, lr: 0.1}", "{name: sgd, lr: 0.2}")
    folder = make_store(tmp_path, lambda *_: None, two)
    with pytest.raises(InputError, match=r"level of optimizer 'sgd' is unknown; known: .*lr=0.2"):
        compare(folder, "optimizer", ["sgd", "adam"])
    bare = two.replace("{name: sgd, lr: 0.2}", "sgd")
    folder = make_store(tmp_path / "bare", lambda *_: None, bare)
    assert compare(folder, "optimizer", ["sgd", "adam"]).question.levels[0] == "sgd"


def test_a_number_is_a_level_in_any_spelling(tmp_path):
    folder = make_store(tmp_path, lambda *_: None, RATES)
    assert compare(folder, "optimizer.lr", ["1e-1", "0.010"]).question.levels == ["0.1", "0.01"]


def test_the_text_answer_says_who_was_left_out_and_at_which_level(tmp_path):
    values = spread(0.4, 1.0, 10)

    def numbers(labels, seed):
        missing = seed == 10 and labels["loss"] == "bce"
        return None if missing else gains([*values, 0.0])(labels, seed)

    folder = make_store(tmp_path / "store", numbers, SMALL.format(seeds=11))
    said = minidl("compare", folder, "--factor", "optimizer", "--levels", "adam,sgd").stdout
    assert "about 36 seeds would tell" not in said
    assert "seeds at a level of 0.05 would tell" in said
    assert "Left out: 1 of 11 seeds, of which a run is missing or has no number (seed 10)." in said
    (tmp_path / "r.yaml").write_text(CLAIM.format(kind="better", more=""))
    judged = minidl("verdicts", folder, "--reference", tmp_path / "r.yaml").stdout
    assert "at a level of 0.05 would tell" in " ".join(judged.split())


def test_runs_whose_weights_are_nan_in_the_same_places_are_the_same_run():
    numbers = np.array([1.0, np.nan, -0.0], dtype=np.float32)
    other = numbers.copy()
    other.view(np.uint32)[1] ^= 0x80000001  # another of the NaNs
    first, second = save({"0.weight": numbers}), save({"0.weight": other})
    assert first != second
    assert same_weights(first, second)
    assert not same_weights(first, save({"0.weight": np.array([1, np.nan, 0.0], np.float32)}))
    assert not same_weights(first, save({"0.weight": np.array([1, 2, -0.0], np.float32)}))
    assert not same_weights(first, None)


def test_the_smoke_study_can_be_judged_by_what_the_paper_says(tmp_path):
    """Its optimizers have learning rates of their own: ``sgd`` is its ``sgd(lr=0.2)``."""
    smoke = (shipped_configs() / "smoke.yaml").read_text()
    judgement = judge(make_store(tmp_path, paper_numbers, smoke), "paper")
    assert [claim.parts[0].question.levels for claim in judgement.claims] == [
        ["sgd(lr=0.2)", "none(lr=0.2)"],
        ["adam(lr=0.005)", "sgd(lr=0.2)"],
        ["none(lr=0.2)", "sgd(lr=0.2)"],
        ["mse", "bce"],
    ]
    problems = {part.problem for claim in judgement.claims for part in claim.parts}
    assert problems <= {None, "no run reached the target"}
    assert len(judgement.cells) == 36
    assert judgement.unmet == []


KIND = """
title: a paper
claims:
  - text: a sentence
    kind: {kind}
    parts: [{part}]
"""


def verdict_of(folder, kind, part):
    """The verdict on one claim about a store."""
    (folder / "kind.yaml").write_text(KIND.format(kind=kind, part=part))
    (claim,) = judge(folder, str(folder / "kind.yaml")).claims
    return claim


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        (spread(0.1, 0.2, 10), "supported"),
        (spread(2.0, 0.2, 10), "contradicted"),
        (spread(0.4, 1.0, 10), "undecided"),
        (spread(0.6, 0.2, 10), "undecided"),
    ],
)
def test_a_claim_of_sameness_is_a_test_of_equivalence(tmp_path, values, verdict):
    folder = make_store(tmp_path, gains(values), SMALL.format(seeds=10))
    assert verdict_of(folder, "same", "{factor: optimizer, levels: [adam, sgd]}").verdict == verdict


def scattered(adam, sgd):
    """Runs that scatter by other amounts at the two optimizers, around the same accuracy."""
    pattern = [-1.3, 0.9, -0.4, 1.1, 0.2, -0.8, 1.4, -1.1, 0.5, -0.6, 1.2, -0.9] * 2

    def numbers(labels, seed):
        by = {"adam": adam, "sgd": sgd}.get(labels["optimizer"], 1.0)
        by = by[seed] if isinstance(by, list) else by
        return {"train_accuracy": 98.0, "test_accuracy": 90.0 + by * pattern[seed]}

    return numbers


STEADIER = "{factor: optimizer, levels: [adam, sgd]}"


def test_steadier_is_a_claim_about_spread(tmp_path):
    folder = make_store(tmp_path / "a", scattered(0.2, 2.0), SMALL.format(seeds=24))
    assert verdict_of(folder, "steadier", STEADIER).verdict == "supported"
    assert "spread of test accuracy" in explain_claim(verdict_of(folder, "steadier", STEADIER))


def test_one_diverged_run_does_not_make_the_others_steadier(tmp_path):
    folder = make_store(tmp_path, scattered(1.0, [1.0] * 23 + [30.0]), SMALL.format(seeds=24))
    assert verdict_of(folder, "steadier", STEADIER).verdict != "supported"


@pytest.mark.parametrize(
    ("value", "verdict"), [(71.0, "supported"), (75.0, "contradicted"), (72.6, "no difference")]
)
def test_a_level_reaches_a_value(tmp_path, value, verdict):
    folder = make_store(tmp_path, gains(spread(2.0, 0.3, 10)), SMALL.format(seeds=10))
    adam = claim = verdict_of(
        folder, "reaches", f"{{factor: optimizer, levels: [adam], value: {value}}}"
    )
    assert claim.verdict.startswith(verdict)
    assert adam.parts[0].effect.levels == ("adam", f"{value:g}")


def test_a_ranking_needs_each_step(tmp_path):
    def numbers(labels, seed):
        level = {"adam": 2.0, "sgd": 1.0, "none": 0.0}[labels["optimizer"]]
        return {"train_accuracy": 98.0, "test_accuracy": 90.0 + level * (1 + 0.1 * (seed % 3))}

    folder = make_store(tmp_path, numbers, SMALL.format(seeds=10))
    ranked = "{factor: optimizer, levels: [%s]}"
    claim = verdict_of(folder, "ranking", ranked % "adam, sgd, none")
    assert (claim.verdict, len(claim.parts)) == ("supported", 2)
    assert verdict_of(folder, "ranking", ranked % "adam, none, sgd").verdict == "contradicted"


def test_all_pairs_of_three_levels_share_the_5_percent(tmp_path):
    folder = make_store(tmp_path, paper_numbers, PAPER.format(seeds=12))
    answers = compare_pairs(folder, "optimizer", ["adam", "sgd", "none"])
    assert [answer.question.levels for answer in answers] == [
        ["adam", "sgd"],
        ["adam", "none"],
        ["sgd", "none"],
    ]
    assert sorted(answer.level for answer in answers) == [0.05 / 3, 0.025, 0.05]


def uneven(labels, seed):
    """MSE beats BCE by a point except with Adam, where it loses by two."""
    gain = -2.0 if labels["optimizer"] == "adam" else 1.0
    noise = 0.1 * ((7 * seed) % 5)
    own = gain * (labels["loss"] == "mse") + noise * (labels["loss"] == "mse")
    return {"train_accuracy": 98.0, "test_accuracy": 90.0 + own}


def test_weights_say_how_the_cells_are_averaged(tmp_path):
    folder = make_store(tmp_path, uneven, PAPER.format(seeds=10))
    part = "{factor: loss, levels: [mse, bce]%s}"
    alike = verdict_of(folder, "better", part % "").difference
    groups = ", weights: {optimizer: [[sgd, none], [adam]]}"
    half = verdict_of(folder, "better", part % groups).difference
    numbers = ", weights: {optimizer: {adam: 2}}"
    assert alike == pytest.approx((2 * 1 - 2) / 3 + 0.2)
    assert half == pytest.approx(verdict_of(folder, "better", part % numbers).difference)
    assert half == pytest.approx((1 - 2) / 2 + 0.2)
    wrong = verdict_of(folder, "better", part % ", weights: {optimizer: {adm: 2}}")
    assert "level of optimizer in weights 'adm' is unknown" in (wrong.parts[0].problem or "")


def test_unequal_weights_are_stated(tmp_path):
    folder = make_store(tmp_path, gains([0.0] * 10), SMALL.format(seeds=10))
    asked = "title: t\nclaims: [{text: a, parts: [{factor: loss, levels: [mse, bce]%s}]}]\n"
    (tmp_path / "w.yaml").write_text(asked % ", weights: {optimizer: [[sgd, none], [adam]]}")
    weighed = judge(folder, str(tmp_path / "w.yaml"))
    line = "Shares of the cells: optimizer=sgd 0.25; optimizer=adam 0.5; optimizer=none 0.25."
    assert line in to_markdown(weighed)
    cells = to_json(weighed)["claims"][0]["parts"][0]["cells"]
    assert [cell["weight"] for cell in cells] == [0.25, 0.5, 0.25]
    (tmp_path / "w.yaml").write_text(asked % "")
    assert "Shares of the cells" not in to_markdown(judge(folder, str(tmp_path / "w.yaml")))


def test_a_difference_that_depends_shows_in_a_contrast(tmp_path):
    folder = make_store(tmp_path, uneven, PAPER.format(seeds=10))
    (answer,) = compare_pairs(folder, "loss", ["mse", "bce"])
    found = {(each.axis, each.level): each for each in answer.contrasts}
    assert found["optimizer", "adam"].mean == pytest.approx(-3)
    assert found["optimizer", "adam"].clear
    assert not found["activation", "tanh"].clear
    assert "optimizer: adam − sgd, none" in to_markdown(judge(folder))


def test_a_verdict_near_its_level_says_how_likely_it_comes_again(tmp_path):
    sure = claim_of(tmp_path / "a", spread(2.0, 0.5, 10))
    near = claim_of(tmp_path / "b", spread(0.8, 1.0, 10))
    assert sure.again == 1.0
    assert (near.verdict, round(near.again or 0, 1)) == ("supported", 0.6)


def looked(folder):
    """What the page and the data say about looks at a study."""
    minidl("verdicts", str(folder))
    told = json.loads(minidl("verdicts", str(folder), "--json").stdout)
    return told["planned_seeds"], [look["seeds"] for look in told["looks"]]


def grown(tmp_path, seeds, more=""):
    """The same store with so many seeds."""
    study = PAPER.format(seeds=seeds).replace("grid:", f"{more}grid:")
    spec = parse_study(study, "constructed")
    with Store(tmp_path, create=True) as store:
        store.set_study(spec)
        known = store.records()
        runs = [run for run in expand(spec) if run.id not in known]
        store.add(runs, [result(run, paper_numbers(run.labels, run.seed)) for run in runs], {})
    return tmp_path


def test_looks_are_remembered_and_those_beyond_the_plan_said(tmp_path):
    assert looked(grown(tmp_path, 10)) == (10, [10])
    assert looked(grown(tmp_path, 10)) == (10, [10])
    assert judge(tmp_path).claims[0].verdict == "supported"
    assert looked(grown(tmp_path, 14)) == (10, [10, 14])
    judgement = judge(tmp_path)
    assert judgement.claims[0].verdict == "supported, beyond the plan"
    assert "Looks: 10, 14 of 10 planned. The plan now says 14" in to_markdown(judgement)
    assert "no error rate holds" in to_markdown(judgement)


def test_an_early_look_spends_little_of_a_planned_error_rate(tmp_path):
    planned = "planned_seeds: 30\n"
    assert looked(grown(tmp_path, 10, planned)) == (30, [10])
    first = judge(tmp_path).claims[0]
    assert (first.verdict, first.parts[0].verdict) == ("undecided", "undecided")
    wide = first.parts[0].interval.half_width
    assert looked(grown(tmp_path, 30, planned)) == (30, [10, 30])
    last = judge(tmp_path).claims[0]
    assert (last.verdict, last.looks.beyond) == ("supported", False)
    assert 0.9 < last.looks.level(0.05) / 0.05 < 1
    assert last.parts[0].interval.half_width < wide / 2


@pytest.mark.parametrize("tuning", ["", "tuning: {axis: loss, factor: optimizer, seeds: 4}\n"])
def test_compare_and_the_page_look_at_all_seeds_of_those_that_the_reference_plans(tmp_path, tuning):
    (tmp_path / "planned.yaml").write_text(f"title: a paper\nplanned_seeds: 100\n{tuning}")
    text = SMALL.format(seeds=10) + f"reference: {tmp_path / 'planned.yaml'}\n"
    folder = make_store(tmp_path / "store", gains(spread(1.0, 0.5, 10)), text)
    block = pairs_block(read_results(folder), "test_accuracy")
    answer = compare(folder, "optimizer", ["adam", "sgd"])
    assert (answer.verdict, answer.looks) == ("undecided", Looks(10, 100))
    ends = [answer.interval.low, answer.interval.high]
    compared = [own["interval"] for own in block["seeds"] if own["levels"] == ["SGD", "Adam"]]
    assert compared == [pytest.approx([-end for end in reversed(ends)])]
    assert [(look.seeds, look.planned) for look in read_results(folder).looks] == [(10, 100)]


def test_the_fewer_seeds_come_first_also_where_a_smaller_deviation_needs_more():
    low, high = seeds_to_decide(-0.495, 0.65, 20, 0.5, "same", 0.05 / 3)
    assert 20 < low < high


def test_verdicts_without_a_claim_show_the_published_numbers(tmp_path):
    folder = make_store(tmp_path, gains(spread(0.0, 1.0, 10)), SMALL.format(seeds=10))
    reference = tmp_path / "r.yaml"
    cell = "{loss: mse, optimizer: adam, test_accuracy: {mean: 70, sd: 1, runs: 9}}"
    reference.write_text(f"title: numbers\ncells: [{cell}]\n")
    said = minidl("verdicts", folder, "--reference", reference).stdout
    assert "The claims" not in said
    assert "70.00 ± 1.00 (9 runs)" in said


def test_a_value_of_a_level_that_is_not_there_is_no_verdict(tmp_path):
    folder = make_store(tmp_path, gains(spread(1.0, 0.3, 4)), SMALL.format(seeds=4))
    claim = verdict_of(folder, "reaches", "{factor: optimizer, levels: [adamw], value: 70}")
    assert claim.verdict == "no verdict"
    assert "level of optimizer 'adamw' is unknown" in explain_claim(claim)
    assert "optimizer" in to_markdown(judge(folder, str(folder / "kind.yaml")))


COUNTED = """
title: a paper
whole_test_batches: {batch}
cells:
  - {{optimizer: adam, train_accuracy: 98.0, test_accuracy: 93.9}}
  - {{optimizer: sgd, train_accuracy: 98.0, test_accuracy: 93.9}}
"""


def counting(tmp_path, batch):
    folder = make_store(tmp_path / "store", wandering, SMALL.format(seeds=12))
    (tmp_path / "counted.yaml").write_text(COUNTED.format(batch=batch))
    return judge(folder, str(tmp_path / "counted.yaml"))


def wandering(_, seed):
    return {"train_accuracy": 98.0 + seed % 2 / 10, "test_accuracy": 97.0 + seed % 5 / 5}


def test_right_answers_in_whole_test_batches_are_a_share_of_all(tmp_path):
    """960 of 1,000 points: every number of the test set, and no other, is 0.96 of what it was."""
    share = counting(tmp_path / "share", 64)
    all_of = counting(tmp_path / "all", 100)
    for own, plain in zip(share.cells, all_of.cells, strict=True):
        times = 0.96 if own.measure == "test_accuracy" else 1.0
        assert own.values == pytest.approx(tuple(times * x for x in plain.values))
        ends = (own.near.low, own.near.high, own.far.low, own.far.high)
        plain_ends = (plain.near.low, plain.near.high, plain.far.low, plain.far.high)
        assert ends == pytest.approx([times * end for end in plain_ends])
    whole = share.together[0]
    train, test, gap = (agreement.summary.mean for agreement in whole.agreements)
    assert gap == pytest.approx(train - test)
    assert test == pytest.approx(0.96 * all_of.together[0].agreements[1].summary.mean)
    assert "in whole batches of 64 points, divided by all points" in to_markdown(share)
    assert to_json(share)["whole_test_batches"] == 64


def test_a_batch_larger_than_the_test_set_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"counted.yaml:3: .*at most the 1,000 .*got 1,001"):
        counting(tmp_path, 1001)
