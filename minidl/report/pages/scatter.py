"""What decides how many seeds a question needs: its measure, and what pairing by seed cancels."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, nan
from typing import Any

from minidl.report.measures import MEASURES
from minidl.report.measures.scores import last_of
from minidl.report.statistics.intervals import deviation, mean_interval
from minidl.report.statistics.paired import Effect
from minidl.report.tables.table import Table
from minidl.report.verdicts.answers import Answer
from minidl.report.verdicts.claim_verdict import ClaimVerdict
from minidl.report.verdicts.rules import weigh
from minidl.report.words import between, p_text, p_told, plain, signed

HEADER = ["claim", "question", "measure", "difference", "95 % interval", "p", "scatter", "corr."]
WHAT_SCATTERS = (
    "*Scatter* is the standard deviation of the differences over the seeds: twice as much takes "
    "four times as many seeds. *Corr.* is the correlation of the two levels over the seeds: what "
    "pairing them gained. At 1 it cancels all scatter, at 0 nothing."
)
LATE = (
    "A *late* score is the mean of each run's last {last} evaluations. With a constant learning "
    "rate a network goes on wandering, and where it stands after the very last batches is chance, "
    "which a mean over several evaluations has less of, so that it takes fewer seeds. Published "
    "numbers are single last evaluations, and go on being held against ours of that kind; "
    "both are shown."
)


def scatter_table(claims: Sequence[ClaimVerdict]) -> Table:
    """Return a row for each question, and a second one by the last evaluation for a late score."""
    asked = [
        (number, part, effect)
        for number, claim in enumerate(claims, 1)
        for part in claim.parts
        for effect in (part.effect, part.last)
        if effect is not None and effect.n > 1
    ]
    rows = [row(number, part, effect) for number, part, effect in asked]
    numbers = [{"claim": i, **scatter_numbers(part, effect)} for i, part, effect in asked]
    return Table("Measure and pairing", HEADER, rows, [], numbers)


def row(number: int, answer: Answer, effect: Effect) -> list[str]:
    """Return one effect as texts."""
    own, digits = scatter_numbers(answer, effect), effect.measure.digits
    first, second = effect.levels
    correlation = f"{effect.correlation:.2f}".replace("-", "−")
    return [
        str(number),
        f"{first} − {second}",
        effect.measure.title,
        signed(own["difference"], digits),
        between(mean_interval(effect.differences, answer.confidence), digits),
        p_text(nan if own["p"] is None else own["p"]),
        f"{own['scatter']:.{digits}f}",
        correlation if isfinite(effect.correlation) else "–",
    ]


def scatter_numbers(answer: Answer, effect: Effect) -> dict[str, Any]:
    """Return one effect as plain data."""
    interval = mean_interval(effect.differences, answer.confidence)
    evidence = answer.evidence
    if effect is not answer.effect:
        evidence = weigh(answer.sign * effect.differences, answer.margin, answer.kind)
    return {
        "levels": list(effect.levels),
        "measure": effect.measure.name,
        "difference": plain(float(effect.differences.mean())),
        "low": plain(interval.low),
        "high": plain(interval.high),
        "n": effect.n,
        "p": plain(float(evidence.p)),
        "scatter": plain(deviation(effect.differences)),
        "correlation": plain(effect.correlation),
    }


def late_text(claims: Sequence[ClaimVerdict]) -> list[str]:
    """Return what a late score is, where a question asks for one."""
    asked = [part.question for claim in claims for part in claim.parts]
    last = sorted({q.last for q in asked if last_of(q.measure)})
    return [LATE.format(last=" or ".join(map(str, last)))] if last else []


def last_note(answer: Answer) -> list[str]:
    """Return what the last evaluation alone says, of a question about a late score."""
    last, effect = answer.last, answer.effect
    if last is None or effect is None or last.n < 2:
        return []
    own = scatter_numbers(answer, last)
    digits = MEASURES[own["measure"]].digits
    interval = between(mean_interval(last.differences, answer.confidence), digits)
    late = deviation(effect.differences)
    times = (own["scatter"] / late) ** 2 if late else nan
    more = f", and would take {times:.1f} times as many seeds" if times >= 1 else ""
    return [
        f"By the last evaluation alone the difference is {signed(own['difference'], digits)} "
        f"({interval}, {p_told(own['p'])}){more}."
    ]
