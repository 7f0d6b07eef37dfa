"""``minidl run --dry-run``: what a study would take."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from minidl_cli.layout import print_table
from minidl_cli.output import print_json

if TYPE_CHECKING:
    from minidl.study.grid.spec import StudySpec
    from minidl.study.run_spec import RunSpec

SHOWN = 360  # runs; of a study with more only numbers are printed
EACH = 2000.0  # microseconds that a run takes to be built and stored


def show_plan(
    study: StudySpec, folder: Path, runs: list[RunSpec], jobs: int, as_json: bool
) -> None:
    """Print the runs of a study, what is there of them, and the stacks that the others form."""
    from minidl.report.runs import run_row
    from minidl.study.run import missing_from
    from minidl.study.stacks.needs import in_words, summary
    from minidl.study.stacks.plan import Stack, ends, plan

    missing = missing_from(folder, runs)
    stacks = plan(missing, jobs)
    minutes = (ends(list(map(Stack, stacks)), jobs)[0] + EACH * len(missing) / jobs) / 60e6
    cells = len({id(run.shared) for run in runs})
    there = len(runs) - len(missing)
    if as_json:
        rows, sizes = [run_row(run) for run in runs], [len(stack) for stack in stacks]
        counts = {"cells": cells, "there": there, "minutes": round(minutes, 2)}
        known = {"name": study.name, "out": str(folder), **counts}
        print_json({**known, "runs": rows, "stacks": sizes, **summary(stacks)})
        return
    if len(runs) <= SHOWN:
        rows = [run_row(run) for run in runs]
        header = list(dict.fromkeys(key for row in rows for key in row))  # includes may add keys
        print_table(None, header, [[row.get(key, "") for key in header] for row in rows])
    print(
        f"{cells:,} cells × {len({run.seed for run in runs}):,} seeds; {there:,} of the runs are "
        f"in {folder} already"
    )
    for line in kinds(stacks):
        print(line)
    print(in_words(stacks))
    print(
        f"some {told(minutes)} with --jobs {jobs}, on a machine like the one in docs/performance.md"
    )
    print(f"{len(runs)} runs in {len(stacks)} stacks; nothing was trained")


def kinds(stacks: list[list[RunSpec]]) -> list[str]:
    """Return a line for each kind of stack, the largest first."""
    from minidl.study.length import epochs

    counts = Counter((len(stack), epochs(stack[0].settings)) for stack in stacks)
    return [
        f"{'a stack' if count == 1 else f'{count} stacks'} of {size} networks, {length} epochs"
        for (size, length), count in counts.items()
    ]


def told(minutes: float) -> str:
    """Return how long something takes, roughly: ``40 seconds``, ``12 minutes``, ``3 hours``."""
    if minutes < 2:
        return f"{60 * minutes:.0f} seconds"
    return f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:,.0f} hours"
