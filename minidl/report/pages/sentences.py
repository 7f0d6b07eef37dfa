"""Verdicts in plain English."""

from __future__ import annotations

from math import ceil, isclose, isfinite

from minidl.report.pages.beside import collapse_note, shared_note
from minidl.report.pages.scatter import last_note
from minidl.report.statistics.paired import Effect
from minidl.report.verdicts import rules
from minidl.report.verdicts.answers import Answer
from minidl.report.verdicts.claim_verdict import ClaimVerdict
from minidl.report.words import counted, is_tiny, listed, name_cell, signed

DIFFERENCE = "In {measure} {first} lies {amount} {where} {second}, more than chance explains"
SENTENCES = {
    ("better", rules.SUPPORTED): DIFFERENCE + "{but}.",
    ("better", rules.CONTRADICTED): DIFFERENCE + "{but}: the opposite of the claim.",
    ("different", rules.DIFFERENT): DIFFERENCE + "{but}.",
    ("not_worse", rules.SUPPORTED): "In {measure} {first} is less than {margin} worse than "
    "{second}, more surely than chance explains.",
    ("not_worse", rules.CONTRADICTED): "In {measure} {first} is more than {margin} worse than "
    "{second}, more surely than chance explains.",
    (
        "same",
        rules.SUPPORTED,
    ): "In {measure} {first} and {second} differ by less than {margin}, more "
    "surely than chance explains.",
    ("same", rules.CONTRADICTED): "In {measure} {first} lies more than {margin} {where} {second}: "
    "the opposite of the claim.",
    ("same", rules.UNDECIDED): "In {measure} {n} leave open whether {first} and {second} differ by "
    "less than {margin}; {needed} would tell.",
    ("not_worse", rules.UNDECIDED): "In {measure} {n} leave open whether {first} is {margin} "
    "worse than {second}; {needed} would tell.",
}
LITTLE = 0.2  # of a correlation
LIKE: dict[str, str] = dict.fromkeys(
    ("ranking", "steadier", "reaches"), "better"
)  # told in the same words
NO_DIFFERENCE = "In {measure} {first} and {second} differ by less than {margin}."
UNDECIDED = (
    "In {measure} {n} leave open whether {first} and {second} differ by {margin} or not at all; "
    "{needed} would tell."
)


def explain_answer(answer: Answer, *, at_level: bool = False) -> str:
    """Return what an answer says, in a sentence; ``at_level`` where nothing beside it says at which
    level the seeds that it asks for would be tested.
    """
    if answer.outcome == rules.NO_VERDICT:
        return no_verdict(answer)
    general = UNDECIDED if answer.outcome == rules.UNDECIDED else NO_DIFFERENCE
    sentence = SENTENCES.get((LIKE.get(answer.kind, answer.kind), answer.outcome), general)
    first, second = answer.question.levels
    return sentence.format(
        measure=answer.measure.title,
        first=first,
        second=second,
        amount=amount(answer, abs(answer.difference)),
        where="above" if answer.difference > 0 else "below",
        margin=amount(answer, answer.margin),
        but=f", but by less than {amount(answer, answer.margin)}" if answer.negligible else "",
        n=counted(answer.n, "seed"),
        needed=needed(answer.seeds) + f" at a level of {answer.level:.3g}" * at_level,
    )


def explain_claim(claim: ClaimVerdict) -> str:
    """Return what the answers to a claim's parts say, each sentence once."""
    return " ".join(dict.fromkeys(map(explain_answer, claim.parts)))


def no_verdict(answer: Answer) -> str:
    """Return why an answer has no verdict."""
    first, second = answer.question.levels
    if answer.problem:
        return f"{first} against {second} cannot be judged: {answer.problem}."
    if not answer.n:
        return f"{first} and {second} have no complete seed to compare; at least two are needed."
    return (
        f"{counted(answer.n, 'complete seed')} cannot tell a difference between {first} and "
        f"{second} from chance; at least two are needed."
    )


def needed(seeds: tuple[float, float] | None) -> str:
    """Return how many seeds would decide, in words; the upper end has the power."""
    if seeds is None or not isfinite(seeds[0]):
        return "no affordable number of seeds"
    low, high = (round_up(number) for number in seeds)
    if not isfinite(high):
        return f"{low:,} seeds or more"
    return f"about {high:,} seeds" if low == high else f"{low:,} to {high:,} seeds"


def round_up(seeds: float) -> float:
    """Return a number of seeds as it is worth saying: up to the next ten from a hundred on."""
    return seeds if seeds < 100 or not isfinite(seeds) else ceil(seeds / 10) * 10


def notes(answer: Answer) -> list[str]:
    """Return what must be known beside an answer: what was left out, and what it hides."""
    if answer.effect is None:
        return []
    return [
        *left_out(answer.effect),
        *weighing(answer.effect),
        *pairing(answer.effect),
        *measure_note(answer.effect),
        *last_note(answer),
        *time_notes(answer),
        *collapse_note(answer.effect),
        *shared_note(answer, answer.effect),
        *(depends(answer, answer.effect) if answer.depends else []),
    ]


def pairing(effect: Effect) -> list[str]:
    """Return a line that says what pairing by seed gained."""
    if not isfinite(effect.correlation):
        return []
    text = f"{effect.correlation:.2f}".replace("-", "−")
    return [
        f"Over the seeds {' and '.join(effect.levels)} have a correlation of {text}: pairing them "
        f"{'cancels little' if effect.correlation < LITTLE else 'cancels part of the scatter'}."
    ]


def left_out(effect: Effect) -> list[str]:
    """Return a line for seeds, and one for cells, that could not be compared."""
    lines = []
    if effect.left_out:
        total = effect.n + len(effect.left_out)
        lines.append(
            f"Left out: {len(effect.left_out)} of {counted(total, 'seed')}, of which a run is "
            f"missing or has no number ({listed(effect.left_out)})."
        )
    if effect.unpaired:
        two = effect.sizes == (1, 1)
        where = (
            "at one of the two levels only" if two else "without a partner at each of the levels"
        )
        lines.append(f"Left out: {counted(effect.unpaired, 'cell')} {where}.")
    return lines


def weighing(effect: Effect) -> list[str]:
    """Return a line that says how much each cell counts, where not all count alike."""
    if not effect.weights.size or isclose(effect.weights.min(), effect.weights.max()):
        return []
    shares = "; ".join(
        f"{name_cell(cell.labels)} {weight:.3g}"
        for cell, weight in zip(effect.cells, effect.weights, strict=True)
    )
    return [f"Weighed, not averaged alike. Shares of the cells: {shares}."]


def measure_note(effect: Effect) -> list[str]:
    """Return a line that says what the measure is, where its name does not."""
    title = effect.measure.title
    told = effect.note and effect.horizon is None
    return [f"{title[0].upper()}{title[1:]}: {effect.note}."] if told else []


def time_notes(answer: Answer) -> list[str]:
    """Return lines about runs that did not reach the target, and about updates."""
    effect = answer.effect
    if effect is None or effect.horizon is None:
        return []
    counts = ", ".join(
        f"{level} in {count} of {counted(runs, 'run')}"
        for level, count, runs in zip(effect.levels, effect.unreached, effect.runs, strict=True)
    )
    horizon = f"{effect.horizon:,.0f}"
    lines = [
        f"The target is {effect.target}, held for "
        f"{counted(answer.question.hold, 'evaluation')}. Not reached before {horizon} "
        f"{effect.measure.unit}: {counts}; such a run counts as {horizon}."
    ]
    if answer.updates and answer.updates.n:
        updates = answer.updates
        lines.append(f"In updates of the weights: {signed(float(updates.differences.mean()), 0)}.")
    return lines


def depends(answer: Answer, effect: Effect) -> list[str]:
    """Return lines that say which cells differ which way."""
    first, second = effect.levels
    return [
        f"{first} lies clearly {where} {second} in: "
        + "; ".join(name_cell(effect.cells[i].labels) for i in cells)
        + "."
        for where, cells in (("above", answer.up), ("below", answer.down))
    ]


def amount(answer: Answer, value: float) -> str:
    """Return a value with its unit: ``0.62 points``."""
    digits = answer.measure.digits
    text = f"{value:.1e}" if is_tiny(value, digits) else f"{value:,.{digits}f}"
    return f"{text} {answer.measure.unit}".rstrip()
