"""Options that say how a measure is taken, and lists with commas."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from minidl_cli import completion

Target = Annotated[
    float | None,
    typer.Option(
        help="The score to reach, for measures such as epochs_to_target.",
        show_default="an accuracy of 95 %, an R² of 0.95",
    ),
]
Monitor = Annotated[
    str | None,
    typer.Option(
        help="The score that is to reach it.",
        show_default="the first metric",
        autocompletion=completion.scores,
    ),
]
Hold = Annotated[int, typer.Option(min=1, help="How many evaluations must hold it.")]
Last = Annotated[
    int, typer.Option(min=1, help="How many evaluations a late score is averaged over.")
]


def split_levels(text: str) -> list[str]:
    """Cut levels at the commas that stand in no brackets: ``sgd(momentum=0.5, lr=0.1),adam``."""
    return [level.strip() for level in re.split(r",(?![^(]*\))", text)]
