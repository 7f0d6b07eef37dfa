"""The verdict on one claim, from the answers to its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from minidl.report.reference.claims import Claim
from minidl.report.statistics.again import chance_again
from minidl.report.statistics.looks import ONE_LOOK, Looks
from minidl.report.verdicts import rules
from minidl.report.verdicts.answers import Answer, settle
from minidl.report.verdicts.rules import Evidence


@dataclass(frozen=True)
class ClaimVerdict:
    """The verdict on a sentence, and the answers to its parts.

    ``needs`` says whether all parts must hold or any. ``p`` is the claim's p-value, for or against,
    and ``level`` its share of the error rate by Holm's procedure, of which this one of the
    ``looks`` may use a part. ``again`` is the chance that fresh seeds would give the verdict again,
    None where nothing was decided. ``readings`` are the verdicts on the sentence as it may be read
    too, which are no part of the family.
    """

    text: str
    kind: str
    outcome: str
    parts: list[Answer]
    p: float
    level: float
    looks: Looks = ONE_LOOK
    again: float | None = None
    readings: dict[str, ClaimVerdict] = field(default_factory=dict)
    needs: str = "all"

    @property
    def verdict(self) -> str:
        """The outcome with what must be said beside it."""
        return rules.qualified(
            self.outcome,
            negligible=self.negligible,
            depends=any(part.depends for part in self.parts),
            beyond=self.looks.beyond,
        )

    @property
    def alike(self) -> list[Answer]:
        """The parts that share the claim's outcome."""
        return [part for part in self.parts if part.outcome == self.outcome]

    @property
    def negligible(self) -> bool:
        """Whether a part that the outcome rests on is; where one was enough for it, all that are.

        A claim that needs all parts holds by all and fails by one, one that needs any the reverse.
        """
        found = [part.negligible for part in self.alike]
        by_all = (self.needs == "all") == (self.outcome == rules.SUPPORTED)
        return any(found) if by_all else bool(found) and all(found)

    @property
    def deciding(self) -> Answer:
        """The part of those that share the claim's outcome that the claim hangs on: the weakest,
        or the strongest where any is enough.
        """
        pick = max if self.needs == "all" else min
        return pick(self.alike or self.parts, key=lambda part: part.doubt)

    @property
    def difference(self) -> float:
        """The deciding part's mean difference; NaN without any."""
        return self.deciding.difference

    @property
    def low(self) -> float:
        """The lower end of the 95 % interval of the difference."""
        return self.deciding.interval.low

    @property
    def high(self) -> float:
        """The upper end of the 95 % interval of the difference."""
        return self.deciding.interval.high

    @property
    def n(self) -> int:
        """How many seeds the deciding part rests on."""
        return self.deciding.n


def judge_claim(
    claim: Claim, parts: Sequence[Answer], level: float, looks: Looks = ONE_LOOK
) -> ClaimVerdict:
    """Give a claim and its parts their outcomes at a level."""
    at = looks.level(level)
    outcome = rules.decide(
        [part.evidence for part in parts], at, equivalence=looks.equivalence, needs=claim.needs
    )
    return ClaimVerdict(
        text=claim.text,
        kind=claim.kind,
        outcome=outcome,
        needs=claim.needs,
        parts=[settle(part, level, len(parts), claim.needs) for part in parts],
        p=rules.p_claim(evidence_of(claim, parts)),
        level=level,
        looks=looks,
        again=again(claim, parts, outcome, at),
    )


def evidence_of(claim: Claim, parts: Sequence[Answer]) -> list[Evidence]:
    """Return the evidence of a claim's parts, of one that needs any of them the opposite's."""
    evidence = [part.evidence for part in parts]
    return rules.against(evidence) if claim.needs == "any" else evidence


def again(claim: Claim, parts: Sequence[Answer], outcome: str, level: float) -> float | None:
    """Return the chance that fresh seeds would decide a claim so again, None where none did, and
    where the parts have fewer than two seeds in common.
    """
    if claim.kind == "same" or outcome not in (rules.SUPPORTED, rules.CONTRADICTED):
        return None
    gains = shared_gains(parts)
    if len(gains[0]) < 2:
        return None
    if claim.needs == "any":  # some part holds: not all go the other way
        opposite = [-own for own in gains]
        return chance_again(opposite, level, against=outcome == rules.SUPPORTED)
    return chance_again(gains, level, against=outcome == rules.CONTRADICTED)


def shared_gains(parts: Sequence[Answer]) -> list[np.ndarray]:
    """Return the gains of each part in those seeds that all parts have, in one order: a part leaves
    out the seeds of which a run has no number in its measure.
    """
    seeds = [part.effect.seeds if part.effect else [] for part in parts]
    common = set.intersection(*map(set, seeds))
    return [
        part.gains[[seed in common for seed in own]] for part, own in zip(parts, seeds, strict=True)
    ]
