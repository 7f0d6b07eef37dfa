"""A study put to the test: every claim's verdict, and every published number's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from pathlib import Path

from pydantic import ValidationError

from minidl.report.levels import find_levels
from minidl.report.measures import MEASURES, Options, check_measure
from minidl.report.reference.claims import Claim
from minidl.report.reference.matching import match
from minidl.report.reference.questions import Question
from minidl.report.reference.reference import Reference, load_reference, published
from minidl.report.results import Results, read_results
from minidl.report.statistics.cell_summary import CellSummary, summarise_cells
from minidl.report.statistics.looks import ONE_LOOK, Looks
from minidl.report.statistics.shares import Share, variance_shares
from minidl.report.verdicts import rules
from minidl.report.verdicts.agreement import Agreement, cell_agreements
from minidl.report.verdicts.answers import Answer, ask, not_asked, settle
from minidl.report.verdicts.claim_verdict import ClaimVerdict, evidence_of, judge_claim
from minidl.report.verdicts.planned import Plan, plan_of, plan_of_own, take_look
from minidl.report.verdicts.together import Together, together
from minidl.report.verdicts.tuning import Chosen, tune
from minidl.study.errors import InputError
from minidl.study.files.complaints import explain
from minidl.study.result import headline
from minidl.study.run_spec import describe


@dataclass(frozen=True)
class Judgement:
    """Everything that a reference lets one say about a study.

    ``cells`` and ``together`` hold its numbers, ``claims`` its sentences against our runs;
    ``missing`` names the runs without numbers, ``unmet`` the published cells that are none of the
    study's, ``tuned`` the settings that were chosen, ``untuned`` why they could not be, ``plan``
    the looks that were taken, ``shares`` what the variance comes from, ``mixed`` how many cells
    have runs of more than one numerical environment.
    """

    study: str
    reference: Reference
    claims: list[ClaimVerdict]
    cells: list[Agreement]
    together: list[Together]
    summaries: list[CellSummary]
    missing: list[str]
    unmet: list[str]
    tuned: Chosen | None
    untuned: str | None
    plan: Plan
    shares: list[Share]
    mixed: int = 0


def judge(folder: Path, reference: str | None = None) -> Judgement:
    """Hold a study's results against a reference: the named one, or else the study's own.

    Raises InputError when there is no store, no reference, or something is wrong with either.
    """
    results = read_results(folder)
    found = load_reference(reference) if reference else published(results.study)
    if found is None:
        raise InputError(f"{folder}: the study names no reference; --reference FILE gives one")
    return judge_results(results, found)


def judge_results(results: Results, reference: Reference) -> Judgement:
    """Hold results against a reference.

    Where a setting is to be chosen and cannot be, nothing has a verdict.
    """
    plan = plan_of(results, reference)
    judged, tuned, untuned = tuned_by(results, reference)
    return Judgement(
        study=results.study.name,
        reference=reference,
        claims=judge_claims(judged, reference, plan.looks, untuned),
        cells=[] if untuned else cell_agreements(judged, reference),
        together=[] if untuned else together(judged, reference),
        summaries=summarise_cells(judged, rounding=reference.rounding),
        missing=[f"{describe(run)}, seed {run.seed}" for run in results.missing],
        unmet=match(reference, [cell.runs[0] for cell in results.cells]).complaints(),
        tuned=tuned,
        untuned=untuned,
        plan=plan,
        shares=variance_shares(judged, headline(judged.scores or ["test_accuracy"])),
        mixed=len(results.mixed),
    )


def tuned_by(results: Results, reference: Reference) -> tuple[Results, Chosen | None, str | None]:
    """Return the results that are judged, what was chosen for them, and why nothing could be."""
    if reference.tuning is None:
        return results, None, None
    try:
        return *tune(results, reference.tuning), None
    except InputError as error:
        return results, None, str(error)


def judge_claims(
    results: Results,
    reference: Reference,
    looks: Looks = ONE_LOOK,
    problem: str | None = None,
) -> list[ClaimVerdict]:
    """Judge the claims of a reference as one family, and each claim's other readings at its own
    level; a ``problem`` leaves all of them without a verdict.
    """

    def ask_one(claim: Claim, question: Question) -> Answer:
        margin = margin_of(question, reference)
        if problem is not None:
            return not_asked(Answer(question, claim.kind, margin, looks=looks), problem)
        return ask(results, question, claim.kind, margin, looks)

    def ask_all(claim: Claim) -> list[Answer]:
        return [ask_one(claim, question) for question in claim.questions]

    def read(claim: Claim, level: float) -> dict[str, ClaimVerdict]:
        others = claim.otherwise.items()
        return {name: judge_claim(own, ask_all(own), level, looks) for name, own in others}

    claims = reference.claims
    answers = [ask_all(claim) for claim in claims]
    evidence = [evidence_of(claim, parts) for claim, parts in zip(claims, answers, strict=True)]
    levels = rules.levels(evidence, reference.alpha, looks)
    return [
        replace(judge_claim(claim, parts, level, looks), readings=read(claim, level))
        for claim, parts, level in zip(claims, answers, levels, strict=True)
    ]


def margin_of(question: Question, reference: Reference) -> float:
    """Return the margin of a question: its own, the reference's for accuracies, the measure's."""
    measure = MEASURES[question.measure]
    return question.margin or (reference.margin if measure.unit == "points" else measure.margin)


def compare(
    folder: Path,
    factor: str,
    levels: Sequence[str],
    measure: str | None = None,
    *,
    margin: float | None = None,
    options: Options | None = None,
    on_note: Callable[[str], None] = lambda _: None,
) -> list[Answer]:
    """Ask whether any two of some levels of a factor differ, without a claim.

    All pairs together have an error rate of 5 % (Holm). Without a ``measure`` it is about the first
    metric on new points: ``test_accuracy``, ``test_r2``.

    Raises InputError when the study has no such factor or level, or a number is out of range.
    """
    results = read_results(folder)
    measure = check_measure(measure or headline(results.scores or ["test_accuracy"]))
    if len(levels) < 2:
        raise InputError(f"{factor}: two levels or more are needed, got {', '.join(levels)}")
    find_levels(results.cells, factor, levels)
    plan = plan_of_own(results)
    looks = plan.looks
    given = {"factor": factor, "measure": measure, "margin": margin}
    try:
        questions = [
            Question.model_validate({**given, "levels": list(pair), **asdict(options or Options())})
            for pair in combinations(levels, 2)
        ]
    except ValidationError as error:
        raise InputError(explain(error, {(): "compare"})) from None
    least = margin or MEASURES[measure].margin
    asked = [ask(results, question, "different", least, looks) for question in questions]
    if asked[0].problem and not any(answer.effect for answer in asked):
        raise InputError(asked[0].problem)
    if unrecorded := take_look(folder, plan):
        on_note(unrecorded)
    shares = rules.levels([[answer.evidence] for answer in asked], rules.ALPHA, looks)
    return [settle(answer, share) for answer, share in zip(asked, shares, strict=True)]
