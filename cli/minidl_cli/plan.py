"""``minidl plan``: what is to be decided, written down before the first run."""

from __future__ import annotations

from pathlib import Path

import typer

from minidl_cli.arguments import EverySize, Grid, GridOption, Json, ResultsFolder, Seeds, Set
from minidl_cli.output import print_json
from minidl_cli.run import one_grid, planned


def plan(
    grid: Grid = None,
    grid_option: GridOption = None,
    out: ResultsFolder = None,
    seeds: Seeds = None,
    changes: Set = [],  # noqa: B006  # Typer's way of an option that may come often
    yes: EverySize = False,
    as_json: Json = False,
) -> None:
    """Write a study's reference and planned seeds into its store, before the first run."""
    from minidl.report.reference.reference import check_reference
    from minidl.study.preregister import preregister

    study, _ = planned(one_grid(grid, grid_option), changes, seeds, [], yes)
    reference = check_reference(study)
    wanted = (reference and reference.planned_seeds) or study.planned_seeds or len(study.seed_list)
    folder = out or Path("results") / study.name
    made = preregister(study, wanted, folder)
    if as_json:
        told = {"at": made.at, "digest": made.digest, "planned_seeds": made.seeds}
        print_json({"name": study.name, "out": str(folder), **told})
        return
    print(f"{folder}: planned with {made.seeds:,} seeds on {made.at}")
    print(f"digest of the plan: {made.digest}")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(plan)
