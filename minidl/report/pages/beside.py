"""What must be known beside an answer: collapsed runs, and points that seeds share."""

from __future__ import annotations

from math import isfinite

from minidl.report.statistics.one_table import resplit_interval, resplit_p
from minidl.report.statistics.paired import Effect
from minidl.report.verdicts.answers import Answer
from minidl.report.words import between, counted, p_told


def collapse_note(effect: Effect) -> list[str]:
    """Return a line that compares how many runs collapsed at the two levels, where any did."""
    found = effect.collapses
    if found is None or not any(found.counts):
        return []
    counts = ", ".join(
        f"{level} {count} of {counted(runs, 'run')}"
        for level, count, runs in zip(effect.levels, found.counts, found.runs, strict=True)
    )
    if not isfinite(found.p):
        return [f"Collapsed: {counts}."]
    first, second = found.more
    return [
        f"Collapsed: {counts}. More at {effect.levels[0]} in {counted(first, 'seed')}, more at "
        f"{effect.levels[1]} in {second}: {p_told(found.p)} (exact sign test over these seeds)."
    ]


def shared_note(answer: Answer, effect: Effect) -> list[str]:
    """Return a line that says of which points a verdict speaks, where all seeds share them."""
    shared = effect.shared
    if shared is None:
        return []
    if shared.pinned is not None:
        return [f"All seeds share one draw of data (data.seed {shared.pinned}): this is about it."]
    if not isfinite(shared.ratio):
        return [f"All seeds have the same points of {shared.table}: this is about them."]
    text = f"Every seed splits one table ({shared.table}) anew: this is about that table."
    if effect.n < 2 or not tests_new_points(effect.measure.name):
        return [text]
    interval = resplit_interval(effect.differences, shared.ratio, answer.confidence)
    p = resplit_p(effect.differences, shared.ratio)
    return [
        f"{text} For other tables of its kind the interval is "
        f"{between(interval, effect.measure.digits)}, {p_told(p)} (variance corrected for the "
        "points that splits share, Nadeau and Bengio 2003)."
    ]


def tests_new_points(measure: str) -> bool:
    """Whether a measure is a score on the test set."""
    return "test_" in measure and "_to_" not in measure
