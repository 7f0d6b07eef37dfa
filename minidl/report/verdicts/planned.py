"""Which look at a study this is: how many seeds there are, how many were planned, who looked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from minidl.report.reference.reference import Reference, published
from minidl.report.results import Results
from minidl.report.statistics.looks import ONE_LOOK, Looks
from minidl.report.verdicts.registered import Registered, registered
from minidl.study.errors import InputError
from minidl.study.store.looks import Look
from minidl.study.store.store import Store


@dataclass(frozen=True)
class Plan:
    """The looks at a study, this one with them, and how many seeds were planned before the first.

    ``stated`` is how many the reference or the study plans now; ``choosers`` are the seeds that
    choose settings, and are not judged; ``registered`` is what was planned before the first run.
    """

    now: int
    planned: int
    stated: int
    taken: tuple[Look, ...] = ()
    choosers: int = 0
    registered: Registered | None = None

    @property
    def looks(self) -> Looks:
        """The looks as the rules need them: counted in seeds that are judged.

        A plan of no more seeds than choose has planned none of these: all are beyond it.
        """
        now, planned = self.now - self.choosers, self.planned - self.choosers
        if now < 1:
            return ONE_LOOK
        earlier = tuple(look.seeds - self.choosers for look in self.taken)
        return Looks(now, planned, earlier)

    @property
    def counts(self) -> list[int]:
        """The numbers of seeds that were looked at, up to now."""
        return sorted({*(look.seeds for look in self.taken if look.seeds < self.now), self.now})


def plan_of(results: Results, reference: Reference | None) -> Plan:
    """Return which look this is, for claims of a reference.

    What was planned before the first run counts, or else at the first look: a plan that is made
    while looking is none.
    """
    study = results.study
    named = reference.planned_seeds if reference is not None else None
    stated = named or study.planned_seeds or len(study.seeds)
    before = registered(results, reference)
    planned = results.looks[0].planned if results.looks else stated
    if before is not None and before.before:
        planned = before.plan.seeds
    choosers = reference.tuning.seeds if reference is not None and reference.tuning else 0
    return Plan(len(results.tried), planned, stated, tuple(results.looks), choosers, before)


def plan_of_own(results: Results) -> Plan:
    """Return which look this is for a question of one's own: planned as for the study's claims, and
    at every seed, because none of them chooses a setting.
    """
    return replace(plan_of(results, published(results.study)), choosers=0)


def take_look(folder: Path, plan: Plan) -> str | None:
    """Remember in the store that verdicts were asked for; return why it cannot be, if so."""
    if not plan.now or any(look.seeds == plan.now for look in plan.taken):
        return None
    try:
        with Store(folder) as store:
            store.take_look(plan.now, plan.planned)
    except InputError as error:
        return f"this look cannot be recorded: {error}"
    return None
