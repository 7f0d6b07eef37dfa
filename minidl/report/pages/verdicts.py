"""A judgement as a page of Markdown, and as plain data for JSON."""

from __future__ import annotations

from typing import Any

from minidl.report.measures import LAST
from minidl.report.pages.cautions import collapsed_text, counting_text, missing_text, tuning_text
from minidl.report.pages.claims import (
    cells_table,
    claims_table,
    contrasts_table,
    parts_table,
    readings_table,
)
from minidl.report.pages.looks import looks_numbers, looks_text, registered_numbers
from minidl.report.pages.published import numbers_table, together_table
from minidl.report.pages.scatter import WHAT_SCATTERS, late_text, scatter_table
from minidl.report.pages.sentences import explain_answer, explain_claim, notes
from minidl.report.tables.formats import markdown_table
from minidl.report.tables.table import Table
from minidl.report.verdicts.answers import Answer
from minidl.report.verdicts.claim_verdict import ClaimVerdict
from minidl.report.verdicts.judgement import Judgement
from minidl.report.words import mixed_note, name_cell, p_told

SURE = 0.9  # a chance that need not be told
HOW_TO_READ = (
    "A difference is first level − second level: one number for each seed, averaged over the cells "
    "of the other factors. Of a claim with several parts, the weakest is shown{any}. The intervals "
    "are 95 % t intervals, each on its own, all looks together; the verdicts are stricter, because "
    "all claims share an error rate of {alpha:g} % (Holm), and a t test and a sign-flip test must "
    "agree."
)
OF_ANY = ", or, where any of them is enough, the strongest"
NOT_REFUTED = (
    "*Expected* is where such a number lies in 95 % of cases if it came from our procedure: for a "
    "single run the prediction interval for one more run (of an accuracy on the logarithm of the "
    "wrong points), for the mean of several runs Welch's. *Consistent* means not refuted, which "
    "does not show that it came from the same procedure. *In tension*: outside that interval, as "
    "one number in twenty is by chance. *Contradicted*: outside even the interval that allows for "
    "the {compared} numbers compared. With fewer than 10 seeds, or an interval wider than ± 3 "
    "points, runs that do not exclude a number *say little* about it. All of them are held against "
    "the last evaluation of our runs."
)
NOT_COUNTED = (
    "Other readings are tested at the claim's level, and do not count in the family's error rate: "
    "the claim's own parts decide."
)
WHAT_MATTERS = (
    "Where the variance of a single evaluation on new points comes from. A setting's share is that "
    "of its levels' means; *settings together* is what cells have beyond those; *seed* is what a "
    "seed does to all cells alike, and cancels in a difference; *seed × settings* does not. *Last "
    f"batches* is the scatter of a run's last {LAST} evaluations: what averaging them takes away. "
    "Each is estimated so that chance alone gives zero."
)
ONE_DRAW = (
    "All published runs shared one draw of data. Together they are one observation of these means; "
    "each of our seeds is another. *As far out* counts our seeds at the published number or "
    "beyond; *rank p* is what this count alone, without any distribution, gives."
)


def to_json(judgement: Judgement) -> dict[str, Any]:
    """Return a judgement as plain data; NaN has become None."""
    tuned = judgement.tuned
    return {
        "study": judgement.study,
        "reference": judgement.reference.title,
        "alpha": judgement.reference.alpha,
        "tuned": tuned
        and {tuned.tuning.axis: tuned.best, "seeds": tuned.seeds, "at_edge": tuned.at_edge},
        "planned_seeds": judgement.plan.planned,
        "whole_test_batches": judgement.reference.whole_test_batches,
        "looks": looks_numbers(judgement.plan),
        "preregistered": registered_numbers(judgement.plan.registered),
        "claims": claims_table(judgement.claims).numbers,
        "scatter": scatter_table(judgement.claims).numbers,
        "shares": shares_table(judgement).numbers,
        "cells": numbers_table(judgement).numbers,
        "together": together_table(judgement.together).numbers,
        "missing": judgement.missing,
        "mixed": judgement.mixed,
        "collapsed": {
            name_cell(cell.labels): cell.collapsed for cell in judgement.summaries if cell.suspect
        },
    }


def to_markdown(judgement: Judgement) -> str:
    """Return the page ``verdicts.md``."""
    blocks = [
        f"# Verdicts: {judgement.study}",
        f"Held against: {judgement.reference.title}.",
        *([tuning_text(judgement.tuned)] if judgement.tuned else []),
        *([f"Not judged: {judgement.untuned}."] if judgement.untuned else []),
        *([missing_text(judgement.missing)] if judgement.missing else []),
        *([mixed_note(judgement.mixed)] if judgement.mixed else []),
        *collapsed_text(judgement.summaries),
        *(looks_text(judgement.plan) if judgement.claims else []),
        *written(claims_table(judgement.claims)),
        how_to_read(judgement) if judgement.claims else "",
        *written(scatter_table(judgement.claims), WHAT_SCATTERS, *late_text(judgement.claims)),
        *(text for i, claim in enumerate(judgement.claims, 1) for text in claim_blocks(i, claim)),
        *written(shares_table(judgement), WHAT_MATTERS),
        "## The published numbers" if judgement.cells else "",
        *(counting_text(judgement.reference.whole_test_batches) if judgement.cells else []),
        *written(numbers_table(judgement), NOT_REFUTED.format(compared=len(judgement.cells))),
        *written(together_table(judgement.together), ONE_DRAW),
    ]
    return "\n\n".join(block.strip() for block in blocks if block) + "\n"


def how_to_read(judgement: Judgement) -> str:
    """Return what the numbers of the claims are, and of which part they are."""
    claims = [own for claim in judgement.claims for own in (claim, *claim.readings.values())]
    any_is_enough = any(claim.needs == "any" for claim in claims)
    return HOW_TO_READ.format(
        alpha=100 * judgement.reference.alpha, any=OF_ANY if any_is_enough else ""
    )


def written(table: Table, *after: str) -> list[str]:
    """Return a table and the texts after it, nothing when the table is empty."""
    return [markdown_table(table), *after] if table.rows else []


def claim_blocks(number: int, claim: ClaimVerdict) -> list[str]:
    """Return the section about a claim."""
    return [
        f"## Claim {number}: “{claim.text}”",
        f"**{claim.verdict}.** {explain_claim(claim)}",
        *written(parts_table(claim.parts)),
        f"The claim as a whole has {p_told(claim.p)} and is tested at "
        f"{level_text(claim.looks.level(claim.level))}.",
        *again_text(claim),
        *written(readings_table(claim), *readings_text(claim)),
        "\n".join(f"- {note}" for part in claim.parts for note in notes(part)),
        *(
            text
            for part in claim.parts
            for table in (contrasts_table(part), cells_table(part))
            for text in written(table)
        ),
    ]


def shares_table(judgement: Judgement) -> Table:
    """Return how the variance of a single evaluation is shared out."""
    rows = [[each.source, f"{each.variance:.3g}", f"{each.share:.0%}"] for each in judgement.shares]
    numbers = [
        {"source": each.source, "variance": each.variance, "share": each.share}
        for each in judgement.shares
    ]
    return Table("What matters", ["source", "variance", "share"], rows, [], numbers)


def again_text(claim: ClaimVerdict) -> list[str]:
    """Return the chance that fresh seeds would give the verdict again, where that is no matter of
    course.
    """
    if claim.again is None or claim.again >= SURE:
        return []
    return [
        f"Near its level: of studies with fresh seeds {claim.again:.0%} would give this verdict "
        "again (whole seeds drawn anew from these)."
    ]


def readings_text(claim: ClaimVerdict) -> list[str]:
    """Return what each other reading of a claim comes to, and how it counts."""
    told = [
        f"Read otherwise, “{name}”: {own.verdict}. {explain_claim(own)}"
        for name, own in claim.readings.items()
    ]
    return [*told, NOT_COUNTED] if told else []


def level_text(level: float) -> str:
    """Return a level as a text: ``0.0125``, ``5.7e-10``."""
    return f"{level:.4f}" if level >= 0.001 else f"{level:.1e}"


def compare_to_markdown(answer: Answer) -> str:
    """Return the answer to a question without a claim, as Markdown."""
    blocks = [
        f"**{answer.verdict}.** {explain_answer(answer)}",
        *written(parts_table([answer])),
        "\n".join(f"- {note}" for note in notes(answer)),
        *written(cells_table(answer)),
    ]
    return "\n\n".join(block.strip() for block in blocks if block) + "\n"
