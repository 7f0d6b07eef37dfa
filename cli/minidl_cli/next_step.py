"""After a command the next sensible one, as it is typed; told to a person at a terminal only."""

from __future__ import annotations

import shlex
import shutil
import sys
import textwrap
from math import ceil, isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from minidl_cli import places
from minidl_cli.output import say_lines

if TYPE_CHECKING:
    from minidl.report.verdicts.judgement import Judgement

AFFORDABLE = 10_000  # seeds that anybody would train
DROPPED = ("--fresh", "--yes", "--json")  # words of a command that its repetition must not have


def suggest(words: list[str], why: str = "") -> None:
    """Print a command, and what it is good for, where somebody reads along."""
    if sys.stdout.isatty() and sys.stderr.isatty():
        sys.stdout.flush()
        say_lines(laid_out(shlex.join(["minidl", *words]), why, shutil.get_terminal_size().columns))


def laid_out(command: str, why: str, columns: int) -> list[str]:
    """Return a suggestion as lines of so many columns, but for the command, which is never cut."""
    line = f"next: {command}" + (f"   # {why}" if why else "")
    if len(line) <= columns or not why:
        return [line]
    return [*textwrap.wrap(f"next ({why}):", max(columns, 20)), f"  {command}"]


def typed(folder: Path) -> str:
    """Return the shortest text by which a study's folder is found."""
    by_name = folder == places.RESULTS / folder.name and not places.is_study(Path(folder.name))
    return folder.name if by_name else str(folder)


def again(folder: Path, *more: str) -> list[str]:
    """Return the command that goes on with a study, from what its folder holds alone."""
    out = [] if folder == places.RESULTS / folder.name else ["--out", str(folder)]
    return ["run", str(folder / "study.yaml"), *out, *more]


def repeated(*more: str) -> list[str]:
    """Return the command that is running, with other seeds."""
    kept: list[str] = []
    words = iter(sys.argv[1:])
    for word in words:
        if word == "--seeds":
            next(words, None)
        elif word not in DROPPED and not word.startswith("--seeds="):
            kept.append(word)
    return [*kept, *more]


def deciding_seeds(judgement: Judgement) -> tuple[int, int] | None:
    """Return how many seeds would decide the first undecided claim that some would, and which."""
    found: list[tuple[int, int]] = []
    for number, claim in enumerate(judgement.claims, start=1):
        open_parts = [part.seeds for part in claim.parts if part.outcome == "undecided"]
        most = max((seeds[1] for seeds in open_parts if seeds), default=float("inf"))
        if claim.outcome == "undecided" and isfinite(most):
            found.append((10 * ceil(most / 10), number))
    seeds, number = min(found, default=(AFFORDABLE + 1, 0))
    return (seeds, number) if seeds <= AFFORDABLE else None


def suggest_seeds(judgement: Judgement, words: list[str]) -> None:
    """Suggest the command with as many seeds as would decide something, if some would."""
    if (found := deciding_seeds(judgement)) is None:
        return
    seeds, number = found
    planned = judgement.plan.planned
    beyond = f", beyond the {planned} planned" if seeds > planned else ""
    why = f"about {seeds:,} seeds would decide claim {number}{beyond}"
    suggest([*words, "--seeds", str(seeds)], why)
