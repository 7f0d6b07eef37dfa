"""Verdicts on claims as tables: all of them, the parts of one, and each part cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minidl.report.pages.sentences import explain_answer, explain_claim, notes
from minidl.report.statistics.interaction import Contrast
from minidl.report.tables.table import Table
from minidl.report.verdicts.answers import Answer
from minidl.report.verdicts.claim_verdict import ClaimVerdict
from minidl.report.words import between, name_cell, p_text, plain, signed

SHOWN = ["difference", "95 % interval", "seeds"]


def claims_table(claims: Sequence[ClaimVerdict]) -> Table:
    """Return the claims with their verdicts: what the whole study comes to."""
    rows = [
        [str(i), f"“{claim.text}”", claim.verdict, *shown(claim.deciding)]
        for i, claim in enumerate(claims, 1)
    ]
    numbers = [{"claim": i, **claim_numbers(claim)} for i, claim in enumerate(claims, 1)]
    return Table("The claims", ["claim", "text", "verdict", *SHOWN], rows, [], numbers)


def claim_numbers(claim: ClaimVerdict) -> dict[str, Any]:
    """Return a claim as plain data."""
    return {
        "text": claim.text,
        "verdict": claim.verdict,
        "explanation": explain_claim(claim),
        "kind": claim.kind,
        "needs": claim.needs,
        **difference(claim.deciding),
        "p": claim.p,
        "level": claim.looks.level(claim.level),
        "again": claim.again,
        "parts": [answer_numbers(part) for part in claim.parts],
        "readings": readings_table(claim).numbers,
    }


def readings_table(claim: ClaimVerdict) -> Table:
    """Return the verdicts on a claim as it may be read too."""
    rows = [[name, own.verdict, *shown(own.deciding)] for name, own in claim.readings.items()]
    numbers = [{"name": name, **claim_numbers(own)} for name, own in claim.readings.items()]
    return Table("Read otherwise", ["name", "verdict", *SHOWN], rows, [], numbers)


def difference(answer: Answer) -> dict[str, Any]:
    """Return an answer's difference as plain data."""
    return {
        "difference": plain(answer.difference),
        "low": plain(answer.interval.low),
        "high": plain(answer.interval.high),
        "n": answer.n,
        "unit": answer.measure.unit,
    }


def answer_numbers(answer: Answer) -> dict[str, Any]:
    """Return an answer as plain data, with its differences cell by cell."""
    effect = answer.effect
    return {
        "question": question(answer),
        "factor": answer.question.factor,
        "levels": answer.question.levels,
        "measure": answer.question.measure,
        "margin": answer.margin,
        "verdict": answer.verdict,
        "explanation": explain_answer(answer),
        **difference(answer),
        "p": plain(float(answer.evidence.p)),
        "correlation": plain(effect.correlation) if effect else None,
        "collapsed": collapsed_numbers(answer),
        "seeds_needed": answer.seeds and plain(answer.seeds[1]),
        "seeds_needed_low": answer.seeds and plain(answer.seeds[0]),
        "left_out": effect.left_out if effect else [],
        "notes": notes(answer),
        "contrasts": contrasts_table(answer).numbers,
        "cells": cells_table(answer).numbers,
    }


def collapsed_numbers(answer: Answer) -> dict[str, Any] | None:
    """Return how many runs collapsed at either level as plain data, None where none can be."""
    found = answer.effect and answer.effect.collapses
    if not found:
        return None
    (first, second), (runs, others) = found.counts, found.runs
    p = plain(found.p)
    return {"first": first, "second": second, "runs": runs, "second_runs": others, "p": p}


def shown(answer: Answer) -> list[str]:
    """Return an answer's difference, its interval and the number of seeds as texts."""
    unit = f" {answer.measure.unit}".rstrip() if answer.n else ""
    digits = answer.measure.digits
    return [
        signed(answer.difference, digits) + unit,
        between(answer.interval, digits),
        str(answer.n),
    ]


def question(answer: Answer) -> str:
    """Return a question in a few words."""
    first, second = answer.question.levels
    text = f"{answer.measure.title}: {first} − {second}"
    if answer.kind == "same":
        return f"{text} within ±{answer.margin:g} {answer.measure.unit}".rstrip()
    margin = f"{answer.margin:g} {answer.measure.unit}".rstrip()
    return f"{text} > −{margin}" if answer.kind == "not_worse" else text


def parts_table(answers: Sequence[Answer]) -> Table:
    """Return the parts of a claim with their own verdicts."""
    rows = [
        [question(part), part.verdict, *shown(part), p_text(float(part.evidence.p))]
        for part in answers
    ]
    numbers = [answer_numbers(part) for part in answers]
    return Table("What it takes", ["question", "verdict", *SHOWN, "p"], rows, [], numbers)


def contrasts_table(answer: Answer) -> Table:
    """Return how the difference differs between the levels of the other factors."""
    digits = answer.measure.digits
    rows = [
        [
            where(each),
            signed(each.mean, digits),
            between(each.interval(answer.confidence), digits),
            p_text(each.p),
            "yes" if each.clear else "",
        ]
        for each in answer.contrasts
    ]
    numbers = [
        {
            "where": where(each),
            "axis": each.axis,
            "level": each.level,
            "others": list(each.others),
            "difference": plain(each.mean),
            "low": plain(each.interval(answer.confidence).low),
            "high": plain(each.interval(answer.confidence).high),
            "p": plain(each.p),
            "clear": each.clear,
        }
        for each in answer.contrasts
    ]
    header = ["where", "contrast", "95 % interval", "p", "clear"]
    return Table(f"Does it depend? {question(answer)}", header, rows, [], numbers)


def where(contrast: Contrast) -> str:
    """Return which levels a contrast is between: ``optimizer: adam − sgd, none``."""
    return f"{contrast.axis}: {contrast.level} − {', '.join(contrast.others)}"


def cells_table(answer: Answer) -> Table:
    """Return the differences cell by cell, which their average hides."""
    cells = answer.effect.cells if answer.effect else []
    digits = answer.measure.digits
    rows = [
        [
            name_cell(cell.labels),
            signed(cell.mean, digits),
            between(cell.interval(answer.confidence), digits),
        ]
        for cell in cells
    ]
    shares = answer.effect.weights.tolist() if answer.effect else []
    numbers = [
        {
            "cell": name_cell(cell.labels),
            "weight": share,
            "difference": plain(cell.mean),
            "low": plain(cell.interval(answer.confidence).low),
            "high": plain(cell.interval(answer.confidence).high),
        }
        for cell, share in zip(cells, shares, strict=True)
    ]
    title = f"Cell by cell: {question(answer)}"
    return Table(title, ["cell", "difference", "95 % interval"], rows, [], numbers)
