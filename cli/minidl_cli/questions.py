"""Commands that answer questions of a study: verdicts on a reference, and comparisons."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from minidl_cli import completion
from minidl_cli.arguments import Folder, Json, check_figure
from minidl_cli.measured import Hold, Last, Monitor, Target, split_levels
from minidl_cli.next_step import again, suggest, suggest_seeds, typed
from minidl_cli.output import print_json, say, say_lines
from minidl_cli.verdicts import print_answers, print_verdicts


def verdicts(
    folder: Folder,
    reference: Annotated[
        str | None,
        typer.Option(help="Published numbers and claims.", show_default="the study's own"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare a study with published numbers and claims."""
    from minidl.report.pages.verdicts import to_json
    from minidl.report.verdicts.judgement import judge
    from minidl.report.verdicts.planned import take_look

    judgement = judge(folder, reference)
    say_lines(filter(None, [take_look(folder, judgement.plan)]))
    say_lines(judgement.unmet)
    if as_json:
        print_json(to_json(judgement))
    else:
        print_verdicts(judgement)
        suggest_seeds(judgement, again(folder))
        suggest(["report", typed(folder), "--open"], "all of it as one page")


def compare(
    folder: Folder,
    factor: Annotated[
        str, typer.Option(help="An axis of the grid.", autocompletion=completion.factors)
    ],
    levels: Annotated[
        str,
        typer.Option(
            metavar="A,B[,C]", help="Two of its values, or more.", autocompletion=completion.levels
        ),
    ],
    measure: Annotated[
        str | None,
        typer.Option(
            help="What is compared.",
            show_default="test_accuracy, or what fits the data",
            autocompletion=completion.measures,
        ),
    ] = None,
    margin: Annotated[float | None, typer.Option(help="The least difference that matters.")] = None,
    target: Target = None,
    monitor: Monitor = None,
    hold: Hold = 3,
    last: Last = 5,
    figure: Annotated[
        Path | None,
        typer.Option(help="Draw it seed by seed into this PNG, SVG or PDF file."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask whether values of a factor differ, over all seeds and the other factors' cells."""
    from minidl.report.measures import Options
    from minidl.report.pages.claims import answer_numbers
    from minidl.report.verdicts.judgement import compare as compare_levels
    from minidl.study.files.writing import check_writable

    if figure is not None:
        check_figure(figure)
        check_writable(figure)
    options = Options(target, hold, last, monitor)
    answers = compare_levels(
        folder, factor, split_levels(levels), measure, margin=margin, options=options, on_note=say
    )
    if figure is not None:
        from minidl.report.figures.single import draw_answers_to

        told = [answer for answer in answers if answer.n]
        say_lines(draw_answers_to(told, figure) if told else [])
        say(f"drawn into {figure}" if told else "no complete seed to draw")
    if as_json:
        numbers = [answer_numbers(answer) for answer in answers]
        print_json(numbers[0] if len(numbers) == 1 else {"pairs": numbers})
        return
    print_answers(answers)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (verdicts, compare):
        app.command()(command)
