"""The arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from minidl_cli import completion, places

Folder = Annotated[
    Path,
    typer.Argument(
        metavar="DIR",
        help="A study's folder of results, or its name under results/.",
        autocompletion=completion.folders,
        callback=places.found,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Run = Annotated[
    list[str],
    typer.Argument(
        metavar="RUN",
        help="A run's id, or its beginning; or what it is: optimizer=adam seed=3.",
        autocompletion=completion.run_ids,
    ),
]
Grid = Annotated[
    str | None,
    typer.Argument(
        metavar="GRID",
        help="A grid file, or the name of a study that ships.",
        autocompletion=completion.studies,
        show_default=False,
    ),
]
GridOption = Annotated[
    str | None,
    typer.Option("--grid", help="The same, as an option.", autocompletion=completion.studies),
]
Set = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change a setting.",
        autocompletion=completion.settings,
    ),
]
Only = Annotated[
    list[str],
    typer.Option(
        metavar="KEY=VALUE",
        help="Take only the runs with this value.",
        autocompletion=completion.settings,
    ),
]
ResultsFolder = Annotated[
    Path | None, typer.Option(help="Folder for the results.", show_default="results/<name>")
]
Seeds = Annotated[int | None, typer.Option(help="How many seeds, 0, 1, 2, ...")]
EverySize = Annotated[bool, typer.Option("--yes", help="Allow a grid of any size.")]
Jobs = Annotated[
    int | None,
    typer.Option(
        min=1, max=10_000, help="Processes; 1 trains in this one.", show_default="all cores"
    ),
]

Components = Annotated[
    list[str],
    typer.Option(
        "--components",
        metavar="FILE",
        help="Run a Python file with your own components.",
    ),
]

PATHS = ("--out", "--save", "--points", "--components", "--figure", "--weights")
FIGURES = ("png", "svg", "pdf")


def refuse_empty(words: Sequence[str], flags: Collection[str]) -> None:
    """Raise InputError for an empty path: it would be the current folder, which nobody has named.

    ``words`` are a command's as they were typed, ``flags`` those options of it that take no value.
    """
    for before, word in pairwise(("", *words)):
        option, equals, value = word.partition("=")
        if (option in PATHS and equals and not value) or (before in PATHS and not word):
            refuse(f"{option or before}: must not be empty; expected a path")
        if not word and (before in flags or not before.startswith("-")):
            refuse("an argument is empty; expected a folder or a run's id")


def check_figure(path: Path) -> None:
    """Raise InputError for a file whose name does not end in a format of figures."""
    from minidl.study.files.complaints import unknown

    ending = path.suffix.removeprefix(".")
    if ending not in FIGURES:
        refuse(f"--figure {path}: {unknown('format', ending, FIGURES)}")


def load(components: Sequence[str]) -> None:
    """Run the files of components that were named."""
    if components:
        from minidl.study.grid.component_files import load_components

        load_components(components)


def refuse(message: str) -> NoReturn:
    """Raise InputError; imported late, because --help loads nothing of the library."""
    from minidl.study.errors import InputError

    raise InputError(message)
