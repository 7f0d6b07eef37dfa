"""What matters: how much of the differences between single runs comes from what."""

from __future__ import annotations

from dataclasses import dataclass

from minidl.report.measures import MEASURES
from minidl.report.results import Results
from minidl.report.statistics.shares import BATCHES, SEED, TOGETHER, WITH_SEED, variance_shares

CHANCE = (SEED, WITH_SEED, BATCHES)
MEANINGS = {
    SEED: "what a seed does to all configurations alike",
    WITH_SEED: "what is left between runs: a seed suits one configuration and not another",
    BATCHES: "one run from evaluation to evaluation, late in training",
    TOGETHER: "what configurations have beyond their settings one by one",
}


@dataclass(frozen=True)
class Bar:
    """One source of variance: percent of all of it, and whether it is chance or a setting."""

    source: str
    meaning: str
    percent: float
    chance: bool


@dataclass(frozen=True)
class Matters:
    """The sources, the largest first, and the sentence that they come to."""

    title: str
    sentence: str
    bars: list[Bar]


def matters(results: Results, score: str) -> Matters | None:
    """Return the shares of a score's variance; None where the study is too small for them."""
    shares = variance_shares(results, score)
    if not any(own.share for own in shares):
        return None
    bars = [
        Bar(s.source, MEANINGS.get(s.source, ""), 100 * s.share, s.source in CHANCE) for s in shares
    ]
    bars.sort(key=lambda bar: -bar.percent)
    chosen = sum(bar.percent for bar in bars if not bar.chance)
    title = MEASURES[score].title
    text = (
        f"Of the variance of one {title}, what was chosen accounts for {chosen:.0f} %, "
        f"chance for {100 - chosen:.0f} %."
    )
    return Matters(title, text, bars)
