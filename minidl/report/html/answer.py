"""The question and the answer: claims with their verdicts, or the differences that there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from minidl.report.html.forest import LOOKS, forests
from minidl.report.html.runs import unit_of
from minidl.report.measures import MEASURES
from minidl.report.pages.claims import shown
from minidl.report.pages.looks import looks_text
from minidl.report.pages.scatter import late_text
from minidl.report.pages.sentences import explain_claim, notes
from minidl.report.pages.verdicts import again_text, how_to_read, readings_text
from minidl.report.reference.questions import Question
from minidl.report.results import Results
from minidl.report.spelling import AXES, spelled, spelled_for, spelled_in
from minidl.report.statistics.intervals import summarise
from minidl.report.statistics.looks import Looks
from minidl.report.tables.scores import axes_of
from minidl.report.verdicts.answers import Answer, find_effect
from minidl.report.verdicts.claim_verdict import ClaimVerdict
from minidl.report.verdicts.judgement import Judgement
from minidl.report.verdicts.planned import plan_of_own
from minidl.report.words import plain
from minidl.study.errors import InputError

PAIRS = 40  # of levels that are compared before the rest is only counted


def answer_block(judgement: Judgement | None) -> dict[str, Any]:
    """Return what the first part of the page tells of a judgement."""
    if judgement is None or not judgement.claims:
        return {"claims": []}
    return {
        "claims": [claim_block(claim) for claim in judgement.claims],
        "tally": tally(judgement.claims),
        "looks": looks_text(judgement.plan),
        "how": [
            how_to_read(judgement),
            *(line.replace("*", "") for line in late_text(judgement.claims)),  # Markdown's
        ],
        "forests": forests([part for claim in judgement.claims for part in claim.parts]),
    }


def tally(claims: Sequence[ClaimVerdict]) -> list[tuple[str, str, str]]:
    """Return how many claims have which outcome: look, sign, and the word with the count."""
    counts, every = Counter(claim.outcome for claim in claims), len(claims)
    return [(*LOOKS[each], f"{each}: {counts[each]} of {every}") for each in LOOKS if counts[each]]


def spread_text(results: Results, score: str) -> str:
    """Return which cells have the best and the worst mean of a score, in a sentence."""
    measure = MEASURES[score]
    found = [(cell, summarise(cell.metric(score).values())) for cell in results.cells]
    known = sorted(
        (pair for pair in found if pair[1].n),
        key=lambda pair: pair[1].mean,
        reverse=measure.better == "higher",
    )
    if not known:
        return "No run has ended yet."
    unit = f" {unit_of(score)}".rstrip()
    told = [
        f"{own.mean:.{measure.places}f}{f' ± {own.sd:.{measure.places}f}' if own.n > 1 else ''}"
        f"{unit} with {called(cell.labels)}"
        for cell, own in (known[0], known[-1])
    ]
    worst = f", the worst {told[1]}" if len(known) > 1 else ""
    word = "best mean" if len(results.study.seeds) > 1 else "best"
    return f"The {word} {measure.title} is {told[0]}{worst}."


def called(labels: dict[str, str]) -> str:
    """Return a cell as a sentence calls it: ``ReLU, MSE and optimizer.lr=0.1``."""
    *first, last = [
        spelled(text) if axis in AXES else f"{axis}={text}" for axis, text in labels.items()
    ] or ["all settings"]
    return f"{', '.join(first)} and {last}" if first else last


def claim_block(claim: ClaimVerdict) -> dict[str, Any]:
    """Return a claim as the page shows it."""
    look, sign = LOOKS[claim.outcome]

    def told(text: str) -> str:
        asked = [part.question for part in claim.parts]
        levels = [level for question in asked for level in question.levels]
        return spelled_in(text, levels) if asked[0].factor in AXES else text

    return {
        "text": claim.text,
        "verdict": claim.verdict,
        "look": look,
        "sign": sign,
        "explanation": told(explain_claim(claim)),
        "again": again_text(claim),
        "readings": [told(line) for line in readings_text(claim)],
        "notes": list(dict.fromkeys(told(note) for part in claim.parts for note in notes(part))),
    }


def pairs_block(results: Results, measure: str) -> dict[str, Any]:
    """Return every two levels of every axis side by side, without a verdict: their differences
    seed by seed, with the interval that `minidl compare` gives at this look.
    """
    every = list(pairs(results))
    looks = plan_of_own(results).looks
    shown = [asked(results, measure, pair, looks) for pair in every[:PAIRS]]
    answers = [answer for answer in shown if answer is not None]
    left = len(every) - PAIRS
    more = f"{left:,} more pairs of levels have no row here; the choice below has any."
    return {
        "title": MEASURES[measure].title,
        "forests": forests(answers, judged=False),
        "notes": [more] if left > 0 else [],
        "seeds": [seeds_of(answer) for answer in answers if answer.effect],
    }


def pairs(results: Results) -> Iterator[tuple[str, str, str]]:
    """Yield each axis with two of its levels, by their labels."""
    for axis in axes_of(results):
        own = (cell.labels[axis] for cell in results.cells if axis in cell.values)
        for first, second in combinations(dict.fromkeys(own), 2):
            yield axis, first, second


def asked(
    results: Results, measure: str, pair: tuple[str, str, str], looks: Looks
) -> Answer | None:
    """Return the difference of two levels, None where nothing can be compared."""
    axis, *levels = pair
    question = Question.model_validate({"factor": axis, "levels": levels, "measure": measure})
    answer = Answer(question, "different", MEASURES[measure].margin, looks=looks)
    try:
        found = find_effect(results, question, measure)
    except InputError:
        return None
    return replace(answer, effect=found) if found.n else None


def seeds_of(answer: Answer) -> dict[str, Any]:
    """Return an answer's differences seed by seed, as plain data."""
    effect, interval, axis = answer.effect, answer.interval, answer.question.factor
    pairs: Sequence[tuple[int, float]] = (
        [] if effect is None else list(zip(effect.seeds, effect.differences.tolist(), strict=True))
    )
    return {
        "factor": axis,
        "levels": [spelled_for(axis, level) for level in answer.question.levels],
        "digits": answer.measure.digits,
        "unit": answer.measure.unit,
        "margin": answer.margin,
        "pairs": pairs,
        "mean": plain(answer.difference),
        "interval": [plain(interval.low), plain(interval.high)],
        "texts": shown(answer)[:2],
    }
