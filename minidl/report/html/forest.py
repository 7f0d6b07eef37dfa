"""Differences with their intervals, as rows on one scale: what a forest plot shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from minidl.report.pages.claims import question, shown
from minidl.report.spelling import spelled_for
from minidl.report.verdicts import rules
from minidl.report.verdicts.answers import Answer

TICKS = 5  # about so many on a scale
LOOKS = {  # how a verdict is shown, beside its word: by sign and by colour
    rules.SUPPORTED: ("yes", "✓"),
    rules.CONTRADICTED: ("no", "✗"),
    rules.PARTLY: ("partly", "◐"),
    rules.NO_DIFFERENCE: ("same", "≈"),
    rules.DIFFERENT: ("partly", "≠"),
    rules.UNDECIDED: ("open", "?"),
    rules.NO_VERDICT: ("open", "–"),
}
PLAIN = ("open", "–")


@dataclass(frozen=True)
class Row:
    """One difference: places on the scale are percent of its width, None where there is none."""

    label: str
    verdict: str
    look: str
    sign: str
    texts: list[str]
    at: float | None
    low: float | None
    high: float | None
    band: tuple[float, float]


@dataclass(frozen=True)
class Forest:
    """Rows that share a unit, and so a scale, with its ticks as (place, text)."""

    title: str
    rows: list[Row]
    ticks: list[tuple[float, str]]
    zero: float


def forests(answers: Sequence[Answer], *, judged: bool = True) -> list[Forest]:
    """Return a forest for each unit among some answers that have differences.

    Answers that are not ``judged`` show no verdict.
    """
    units: dict[str, list[Answer]] = {}
    for answer in answers:
        if isfinite(answer.difference):
            units.setdefault(answer.measure.unit, []).append(answer)
    return [forest(unit, own, judged) for unit, own in units.items()]


def forest(unit: str, answers: Sequence[Answer], judged: bool) -> Forest:
    """Lay some answers on one scale, which holds all of them, their margins and zero."""
    ends = [
        *(end for a in answers for end in (a.difference, a.interval.low, a.interval.high)),
        *(end for a in answers for end in (-a.margin, a.margin)),
    ]
    low, high = scale([0.0, *(end for end in ends if isfinite(end))])

    def place(value: float) -> float | None:
        return round(100 * (value - low) / (high - low), 2) if isfinite(value) else None

    rows = [
        Row(
            label=spelled_for(answer.question.factor, question(answer)),
            verdict=answer.verdict if judged else "",
            look=LOOKS.get(answer.outcome, PLAIN)[0] if judged else "",
            sign=LOOKS.get(answer.outcome, PLAIN)[1] if judged else "",
            texts=shown(answer),
            at=place(answer.difference),
            low=place(answer.interval.low),
            high=place(answer.interval.high),
            band=(place(-answer.margin) or 0.0, place(answer.margin) or 100.0),
        )
        for answer in answers
    ]
    marks = [(place(tick) or 0.0, f"{tick:+g}".replace("-", "−")) for tick in ticks(low, high)]
    named = [(at, "0" if text == "+0" else text) for at, text in marks]
    return Forest(f"in {unit}" if unit else "", rows, named, place(0.0) or 0.0)


def scale(values: Iterable[float]) -> tuple[float, float]:
    """Return the ends of a scale that holds some values, with a little room beside them."""
    values = list(values)
    low, high = min(values), max(values)
    room = 0.05 * (high - low) or 1.0
    return low - room, high + room


def ticks(low: float, high: float) -> list[float]:
    """Return round numbers from low to high, 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if rough <= power * factor)
    return [
        round(i * step, 12) + 0.0 for i in range(ceil(low / step), floor(high / step + 1e-9) + 1)
    ]
