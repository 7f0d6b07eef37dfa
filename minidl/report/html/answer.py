"""The question and the answer: claims with their verdicts, or the differences that there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from minidl.report.html.forest import forests
from minidl.report.measures import MEASURES
from minidl.report.pages.scatter import late_text
from minidl.report.pages.sentences import explain_claim, notes
from minidl.report.pages.verdicts import HOW_TO_READ, again_text, looks_text
from minidl.report.reference.claims import Question
from minidl.report.results import Results
from minidl.report.statistics.looks import Looks
from minidl.report.verdicts import rules
from minidl.report.verdicts.answers import Answer, find_effect
from minidl.report.verdicts.judgement import ClaimVerdict, Judgement
from minidl.report.verdicts.planned import plan_of
from minidl.study.errors import InputError

PAIRS = 40  # of levels that are compared before the rest is only counted
LOOKS = {  # how a verdict is shown, beside its word: by sign and by colour
    rules.SUPPORTED: ("yes", "✓"),
    rules.CONTRADICTED: ("no", "✗"),
    rules.PARTLY: ("partly", "◐"),
    rules.NO_DIFFERENCE: ("same", "≈"),
    rules.UNDECIDED: ("open", "?"),
    rules.NO_VERDICT: ("open", "–"),
}


def answer_block(judgement: Judgement | None) -> dict[str, Any]:
    """Return what the first part of the page tells of a judgement."""
    if judgement is None or not judgement.claims:
        return {"claims": []}
    return {
        "claims": [claim_block(claim) for claim in judgement.claims],
        "looks": looks_text(judgement.plan),
        "how": [
            HOW_TO_READ.format(alpha=100 * judgement.reference.alpha),
            *late_text(judgement.claims),
        ],
        "forests": forests([part for claim in judgement.claims for part in claim.parts]),
    }


def claim_block(claim: ClaimVerdict) -> dict[str, Any]:
    """Return a claim as the page shows it."""
    look, sign = LOOKS[claim.outcome]
    return {
        "text": claim.text,
        "verdict": claim.verdict,
        "look": look,
        "sign": sign,
        "explanation": explain_claim(claim),
        "again": again_text(claim),
        "notes": list(dict.fromkeys(note for part in claim.parts for note in notes(part))),
    }


def pairs_block(results: Results, measure: str) -> dict[str, Any]:
    """Return every two levels of every axis side by side, without a verdict: their differences
    seed by seed, with the interval that `minidl compare` gives at this look.
    """
    every = list(pairs(results))
    looks = plan_of(results).looks
    shown = [asked(results, measure, pair, looks) for pair in every[:PAIRS]]
    answers = [answer for answer in shown if answer is not None]
    left = len(every) - PAIRS
    more = [f"{left} more pairs are left out here; `minidl compare` shows any."] if left > 0 else []
    return {
        "title": MEASURES[measure].title,
        "forests": forests(answers, judged=False),
        "notes": more,
        "seeds": [seeds_of(answer) for answer in answers if answer.effect],
    }


def pairs(results: Results) -> Iterator[tuple[str, str, str]]:
    """Yield each axis with two of its levels, by their labels."""
    for axis in results.study.axes:
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
    """Return an answer's differences seed by seed."""
    effect = answer.effect
    pairs: Sequence[tuple[int, float]] = (
        [] if effect is None else list(zip(effect.seeds, effect.differences.tolist(), strict=True))
    )
    return {
        "factor": answer.question.factor,
        "levels": answer.question.levels,
        "digits": answer.measure.digits,
        "unit": answer.measure.unit,
        "margin": answer.margin,
        "pairs": pairs,
    }
