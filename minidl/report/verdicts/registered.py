"""Whether a study was planned before its first run, and what has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from minidl.report.reference.reference import Reference
from minidl.report.results import Results
from minidl.study.files.yaml_file import parse_yaml
from minidl.study.store.preregistration import Preregistration


@dataclass(frozen=True)
class Registered:
    """What was planned, how many runs had ended by then, and which parts are others now."""

    plan: Preregistration
    earlier: int
    changed: tuple[str, ...]

    @property
    def before(self) -> bool:
        """Whether it was planned before the first run ended."""
        return not self.earlier


def registered(results: Results, reference: Reference | None) -> Registered | None:
    """Return what was planned before the first run, None where nothing was.

    A run that was imported may have ended before. Only keys that both files have are compared of
    the study: others are those of another version of minidl.
    """
    plan = results.preregistered
    if plan is None:
        return None
    earlier = sum(at < plan.at for at in results.finished)
    study = changes(plan.study, results.study.yaml)
    both = [f"the study's {key}" for key, kept in study.items() if kept]
    judged = {} if reference is None else changes(plan.reference, reference.text)
    return Registered(plan, earlier, (*both, *(f"the reference's {key}" for key in judged)))


def changes(planned: str, now: str) -> dict[str, bool]:
    """Return the keys of two files whose values differ, and whether both files have them."""
    if planned == now:
        return {}
    before, after = content(planned), content(now)
    keys = dict.fromkeys([*before, *after])
    return {
        key: key in before and key in after for key in keys if before.get(key) != after.get(key)
    }


def content(text: str) -> dict[str, Any]:
    """Return what a file says."""
    data = parse_yaml(text, "the plan")[0]
    return data if isinstance(data, dict) else {}
