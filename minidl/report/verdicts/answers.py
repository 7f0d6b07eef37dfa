"""One question put to a study: its paired effect, what the seeds say about it, and the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, nan

import numpy as np

from minidl.report.levels import called
from minidl.report.measures import MEASURES, Measure
from minidl.report.measures.scores import last_of
from minidl.report.reference.questions import Question
from minidl.report.results import Results
from minidl.report.statistics.interaction import Contrast, contrasts
from minidl.report.statistics.intervals import Interval, mean_interval
from minidl.report.statistics.looks import ONE_LOOK, Looks
from minidl.report.statistics.paired import Effect, effect, level_effect
from minidl.report.statistics.significance import p_t
from minidl.report.verdicts import rules
from minidl.report.verdicts.rules import Evidence
from minidl.study.errors import InputError

IN_UPDATES = {f"epochs_to_{what}": f"updates_to_{what}" for what in ("target", "test_target")}
NO_EVIDENCE = Evidence(np.array(nan), np.array(0.0), np.array(nan))


@dataclass(frozen=True)
class Answer:
    """What the seeds say about a question of some ``kind``, and how much of a difference matters.

    ``problem`` says why the study cannot be asked, if so; ``effect`` is None when it has no pair of
    cells to compare. ``updates`` is the same effect in updates of the weights, for a question in
    epochs, and ``last`` by the last evaluation alone, for one about a late score. ``up`` and
    ``down`` are the cells whose own difference is significant, by its sign; ``contrasts`` say how
    it differs between the levels of the other factors. ``seeds`` is the range of how many would
    decide what is undecided; inf for more than a million. ``level`` is its share of the error rate,
    of which this one of the ``looks`` may use a part.
    """

    question: Question
    kind: str
    margin: float
    evidence: Evidence = NO_EVIDENCE
    effect: Effect | None = None
    updates: Effect | None = None
    last: Effect | None = None
    problem: str | None = None
    up: tuple[int, ...] = ()
    down: tuple[int, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    outcome: str = rules.NO_VERDICT
    seeds: tuple[float, float] | None = None
    level: float = rules.ALPHA
    looks: Looks = ONE_LOOK

    @property
    def measure(self) -> Measure:
        """What is compared."""
        return MEASURES[self.question.measure]

    @property
    def sign(self) -> int:
        """+1 when the claimed side is a positive difference, −1 when it is a negative one."""
        return 1 if (self.question.direction or self.measure.better) == "higher" else -1

    @property
    def differences(self) -> np.ndarray:
        """First level − second level, a number for each complete seed."""
        return self.effect.differences if self.effect else np.array([])

    @property
    def n(self) -> int:
        """How many seeds the answer rests on."""
        return self.differences.size

    @property
    def difference(self) -> float:
        """The mean difference; NaN without any seed."""
        return float(self.differences.mean()) if self.n else nan

    @property
    def interval(self) -> Interval:
        """The 95 % t interval of the mean difference, as wide as all looks together need it."""
        return mean_interval(self.differences, self.confidence)

    @property
    def confidence(self) -> float:
        """What an interval has to cover at this look, so that all looks together cover 95 %."""
        return 1 - self.looks.level(rules.ALPHA)

    @property
    def gains(self) -> np.ndarray:
        """The differences from what the claim must beat, + for the claimed side."""
        return self.sign * self.differences + (self.margin if self.kind == "not_worse" else 0.0)

    @property
    def doubt(self) -> tuple[float, float]:
        """The one-sided p-value for the claimed side, the t test's alone where two are equal.

        The larger it is, the weaker the part.
        """
        if self.n < 2:
            return inf, inf
        p = float(self.evidence.p)
        one_sided = p / 2 if self.evidence.side > 0 else 1 - p / 2
        return one_sided, float(p_t(self.sign * self.differences, "greater"))

    @property
    def negligible(self) -> bool:
        """Whether there is a difference, and it lies within ±margin all the same."""
        if self.kind == "same" or self.outcome not in rules.DECIDED:
            return False
        return rules.is_equivalent(self.evidence, self.looks.equivalence)

    @property
    def depends(self) -> bool:
        """Whether some cells clearly differ one way, and some the other."""
        return bool(self.up and self.down)

    @property
    def verdict(self) -> str:
        """The outcome with what must be said beside it."""
        return rules.qualified(
            self.outcome,
            negligible=self.negligible,
            depends=self.depends,
            beyond=self.looks.beyond,
        )


def ask(
    results: Results, question: Question, kind: str, margin: float, looks: Looks = ONE_LOOK
) -> Answer:
    """Weigh what the runs say about a question; the outcome is still open."""
    answer = Answer(question, kind, margin, looks=looks)
    try:
        found = find_effect(results, question, question.measure)
    except InputError as error:
        return not_asked(answer, str(error))
    answer = replace(told(answer, found.levels), effect=found)  # as the study has them
    if found.never_reached:
        return replace(answer, problem="no run reached the target")
    up, down = rules.opposite_cells(np.array([cell.differences for cell in found.cells]), looks)
    in_updates, by_last = IN_UPDATES.get(question.measure), last_of(question.measure)
    return replace(
        answer,
        evidence=rules.weigh(answer.sign * found.differences, margin, kind),
        updates=find_effect(results, question, in_updates) if in_updates else None,
        last=find_effect(results, question, by_last) if by_last else None,
        up=tuple(up),
        down=tuple(down),
        contrasts=tuple(contrasts(found, rules.ALPHA, looks.level)),
    )


def not_asked(answer: Answer, why: str) -> Answer:
    """Return an answer that says why there is none."""
    asked = answer.question
    against = [] if asked.value is None else [f"{asked.value:g}"]
    return replace(told(answer, [*map(called, asked.levels), *against]), problem=why)


def told(answer: Answer, levels: Sequence[str]) -> Answer:
    """Return an answer that calls its two levels so."""
    question = answer.question.model_copy(update={"levels": list(levels)})
    return replace(answer, question=question)


def find_effect(results: Results, question: Question, measure: str) -> Effect:
    """Return the effect that a question asks about, in some measure."""
    asked = (measure, question.options, question.weights)
    if question.value is not None:
        return level_effect(results, question.factor, question.levels[0], question.value, *asked)
    return effect(results, question.factor, question.levels, *asked)


def settle(answer: Answer, level: float, of: int = 1, needs: str = "all") -> Answer:
    """Give an answer its outcome at a level, as one of a claim's ``of`` parts, of which it needs
    all or any.
    """
    looks = answer.looks
    outcome = rules.decide(
        [answer.evidence], looks.level(level), of, equivalence=looks.equivalence, needs=needs
    )
    if answer.kind == "different" and outcome in rules.DECIDED:
        outcome = rules.DIFFERENT
    if outcome != rules.UNDECIDED:
        return replace(answer, outcome=outcome, level=level)
    seeds = rules.seeds_to_decide(
        answer.sign * answer.difference,
        float(answer.differences.std(ddof=1)),
        answer.n,
        answer.margin,
        answer.kind,
        level,
    )
    return replace(answer, outcome=outcome, seeds=seeds, level=level)
