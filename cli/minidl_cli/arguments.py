"""The arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A study's folder of results.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
RunId = Annotated[str, typer.Argument(metavar="RUN-ID", help="A run's id, or its beginning.")]
Grid = Annotated[str, typer.Option(help="A grid file, or the name of a study that ships.")]
Set = Annotated[list[str], typer.Option("--set", metavar="KEY=VALUE", help="Change a setting.")]
Only = Annotated[
    list[str], typer.Option(metavar="KEY=VALUE", help="Take only the runs with this value.")
]
Jobs = Annotated[
    int | None,
    typer.Option(min=1, max=256, help="Processes; 1 trains in this one.", show_default="all cores"),
]
