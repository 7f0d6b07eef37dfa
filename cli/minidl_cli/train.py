"""``minidl train``: one network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from minidl_cli import completion
from minidl_cli.arguments import Components, check_figure, load
from minidl_cli.next_step import suggest
from minidl_cli.output import print_json, say, say_lines, sparkline

if TYPE_CHECKING:
    from minidl.study.result import RunResult
    from minidl.study.run_spec import RunSpec


def option(kind: str, *names: str, **more: Any) -> Any:
    """Return an option that takes a component, completed while it is typed."""
    return typer.Option(*names, autocompletion=completion.components(kind), **more)


Activation = Annotated[
    str, option("activation", "--act", "--activation", help="Hidden activation.")
]
Loss = Annotated[str, option("loss", "--loss", help="Loss.")]
Optimizer = Annotated[str, option("optimizer", "--opt", "--optimizer", help="Optimizer.")]
Epochs = Annotated[
    str | None, typer.Option(metavar="INTEGER", help="Epochs.", show_default="300, adam 150")
]
BatchSize = Annotated[
    str | None, typer.Option(metavar="INTEGER", help="Batch size.", show_default="5")
]
Rate = Annotated[
    str | None,
    typer.Option(metavar="FLOAT", help="Learning rate.", show_default="the optimizer's"),
]
Hidden = Annotated[
    str | None, typer.Option(metavar="N,N,...", help="Hidden widths.", show_default="25,25,25")
]
Settings = Annotated[
    list[str], typer.Option("--set", metavar="KEY=VALUE", help="Change any other setting.")
]
Save = Annotated[Path | None, typer.Option(help="Write the weights to this safetensors file.")]
Figure = Annotated[
    Path | None, typer.Option(help="Draw the network into this PNG, SVG or PDF file.")
]


def train(
    act: Activation = "tanh",
    loss: Loss = "mse",
    opt: Optimizer = "adam",
    seed: Annotated[int, typer.Option(help="Seed.")] = 0,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    lr: Rate = None,
    hidden: Hidden = None,
    changes: Settings = [],  # noqa: B006  # Typer's way of an option that may come often
    components: Components = [],  # noqa: B006  # Typer's way of an option that may come often
    save: Save = None,
    figure: Figure = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Train one network; settings that are not given are the paper's."""
    options = {
        "activation": (f"--act {act}", act),
        "loss": (f"--loss {loss}", loss),
        "optimizer": (f"--opt {opt}", opt),
        "seeds": (f"--seed {seed}", f"[{seed}]"),
        "epochs": (f"--epochs {epochs}", epochs),
        "batch_size": (f"--batch-size {batch_size}", batch_size),
        "optimizer.lr": (f"--lr {lr}", lr),
        "model.hidden": (f"--hidden {hidden}", None if hidden is None else f"[{hidden}]"),
    }
    load(components)
    run = asked_for(options, changes)
    check_files(save, figure)
    if not quiet and (note := dampened(run)):
        say(note)
    result = train_with_progress(run, quiet)
    if result.status != "failed":
        keep(run, result, save, figure)
    tell(run, result, save, as_json)


def asked_for(options: dict[str, tuple[str, str | None]], changes: list[str]) -> RunSpec:
    """Return the run that options and changes ask for.

    ``options`` says of a setting where it was asked for, and which value, None for its default.
    """
    from minidl.study.grid.change import Change, as_change
    from minidl.study.grid.expand import expand_one
    from minidl.study.grid.load import load_study
    from minidl.study.stacks.needs import check_needs

    given = [Change(key, text, place) for key, (place, text) in options.items() if text is not None]
    study = load_study("paper", changes=[*given, *map(as_change, changes)])
    run = expand_one(study)
    check_needs(study, [run], kept=False)
    return run


def check_files(save: Path | None, figure: Path | None) -> None:
    """Raise InputError for files that cannot be written, before anything is trained."""
    from minidl.study.files.writing import check_writable

    if save is not None:
        check_writable(save)
    if figure is not None:
        check_figure(figure)
        check_writable(figure)


def keep(run: RunSpec, result: RunResult, save: Path | None, figure: Path | None) -> None:
    """Write the files that were asked for."""
    if save is not None and result.weights is not None:
        from minidl.study.files.writing import write_atomically

        write_atomically(save, result.weights)
        say(f"weights written to {save}")
    if figure is not None:
        from minidl.report.figures.single import draw_run

        say_lines(draw_run(run, result, headline(run), figure))
        say(f"drawn into {figure}")


def tell(run: RunSpec, result: RunResult, save: Path | None, as_json: bool) -> None:
    """Print what came of a run; raises Exit with code 1 for one that failed."""
    from minidl.report.runs import every_score, run_row

    failed = result.status == "failed"
    if as_json:
        row = run_row(run, result, every_score(result.final))
        print_json(row if failed else row | {"settings": run.settings})
    if failed:
        say(f"minidl: the run failed: {result.error}")
        raise typer.Exit(1)
    if not as_json:
        show(run, result)
        draw(run, result)
        if save is not None:
            suggest(["predict", "--weights", str(save)], "what it answers")
        else:
            suggest([*sys.argv[1:], "--save", "network.safetensors"], "keeps the network")


def dampened(run: RunSpec) -> str:
    """Return how a run's momentum relates to torch's, "" where there is nothing to say."""
    optimizer = run.settings["optimizer"]
    if optimizer.get("dampening", 0) is not None or not (momentum := optimizer["momentum"]):
        return ""
    lr = optimizer["lr"]
    return (
        f"note: sgd's momentum is dampened: lr {lr:g} with momentum {momentum:g} steps as "
        f"torch.optim.SGD does with lr {lr * (1 - momentum):g}; torch's own is "
        "--set optimizer.dampening=0"
    )


def train_with_progress(run: RunSpec, quiet: bool) -> RunResult:
    """Train a run alone, showing how far it is."""
    from collections import deque

    from minidl.study.jobs.drive import State, Task, drive
    from minidl.study.jobs.in_process import InProcess
    from minidl_cli.display import progress
    from minidl_cli.surface import LivePicture

    kept: list[RunResult] = []
    state, picture = State(1, waiting=deque([Task([run])])), LivePicture(run)
    with progress(quiet, picture) as watch:
        drive(state, InProcess(picture.start), lambda _, results: kept.extend(results), watch)
    return kept[0]


def show(run: RunSpec, result: RunResult) -> None:
    """Print the learning curves and the last value of each metric."""
    from minidl.registry import KINDS
    from minidl.report.words import decimal

    print(headline(run))
    for metric in result.final:
        values = [point[metric] for point in result.curve]
        print(f"{metric.replace('_', ' '):>14}  {sparkline(values)}  {values[-1]:.4g}")
    if result.stopped_at:
        print(f"stopped after epoch {result.stopped_at}; the weights of epoch {result.best_at}")
    if result.diverged_at:
        print(f"diverged: a weight was NaN or infinite after epoch {result.diverged_at}")
    for name, value in result.final.items():
        if (metric := KINDS["metric"].get(name.partition("_")[2])) is not None:
            shown = f"{decimal(value, metric.digits)} {metric.unit}".rstrip()
            print(f"{name.replace('_', ' '):<14} {shown}")


def draw(run: RunSpec, result: RunResult) -> None:
    """Draw what the network has learned, on a terminal."""
    from minidl.study.stacks.weights import restore
    from minidl_cli.layout import console
    from minidl_cli.surface import LivePicture, shows_pictures

    if shows_pictures() and result.weights is not None:
        own = console()
        drawn = LivePicture(run).of(restore(run.settings, result.weights), *own.size)
        if drawn is not None:
            own.print(drawn)


def headline(run: RunSpec) -> str:
    """Return what was trained, in a line."""
    from minidl.study.later import identity
    from minidl.study.run_spec import label

    settings = identity(run.settings)
    parts = [label(settings[key]) for key in ("activation", "loss", "optimizer")]
    if "schedule" in settings:
        parts.append(f"schedule {label(settings['schedule'])}")
    parts += [f"hidden {label(settings['model']['hidden'])}"]
    parts += [f"batch size {settings['batch_size']}", f"seed {run.seed}"]
    length = next(key for key in ("epochs", "updates") if settings[key])
    return f"{', '.join(parts)}: {settings[length]} {length}"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(train)
