"""How often the seeds have been looked at, and what was planned, as texts and as plain data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from minidl.report.verdicts.planned import Plan
from minidl.report.verdicts.registered import Registered
from minidl.report.words import counted


def looks_text(plan: Plan) -> list[str]:
    """Return how often these seeds have been looked at, and what follows."""
    counts = ", ".join(map(str, plan.counts))
    lines = [f"Looks: {counts} of {plan.planned} planned."]
    before = plan.registered is not None and plan.registered.before
    if plan.stated != plan.planned:
        first = "before the first run" if before else "at the first look"
        lines.append(f"The plan now says {plan.stated}; what it said {first} counts.")
    if plan.looks.beyond:
        lines.append(
            "There are more seeds than were planned: no error rate holds for "
            "verdicts on them. Fresh seeds, with a plan of their own, would tell."
        )
    return [*registered_text(plan.registered), " ".join(lines)]


def registered_text(registered: Registered | None) -> list[str]:
    """Return whether the study was planned before its first run, and what has changed since."""
    if registered is None:
        return []
    plan = registered.plan
    told = f"{plan.at} (digest {plan.digest[:12]}…)"
    if registered.before:
        lines = [f"Planned before the first run on {told}: these claims and {plan.seeds:,} seeds."]
    else:
        runs = counted(registered.earlier, "run")
        lines = [f"A plan was written on {told}, when {runs} had ended already."]
    if registered.changed:
        lines.append(f"Changed since it was planned: {', '.join(registered.changed)}.")
    return [" ".join(lines)]


def registered_numbers(registered: Registered | None) -> dict[str, Any] | None:
    """Return what was planned as plain data, None where nothing was."""
    if registered is None:
        return None
    plan = registered.plan
    return {
        "at": plan.at,
        "digest": plan.digest,
        "planned_seeds": plan.seeds,
        "before_first_run": registered.before,
        "changed": list(registered.changed),
    }


def looks_numbers(plan: Plan) -> list[dict[str, Any]]:
    """Return the looks that are recorded, and this one, as plain data."""
    taken = [{"seeds": look.seeds, "at": look.at} for look in plan.taken if look.seeds <= plan.now]
    if all(look["seeds"] != plan.now for look in taken):
        taken.append({"seeds": plan.now, "at": datetime.now(UTC).isoformat(timespec="seconds")})
    return taken
