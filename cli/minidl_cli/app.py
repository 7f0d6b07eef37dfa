"""The command line: every command parses, calls one function and prints. Loading it is quick."""

from __future__ import annotations

import re
import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from minidl_cli import components, export, grid, inspect, plan, questions, reports, run, runs, train
from minidl_cli.arguments import refuse_empty

LONG_WORD = re.compile(r"\S{500,}")


class Commands(TyperGroup):
    """Turns what the user can fix into one line and exit code 2, and Ctrl-C into 130."""

    def main(self, *args: Any, **options: Any) -> Any:
        try:
            try:
                return super().main(*args, **options)
            finally:
                sys.stdout.flush()  # a full disk shows here at the latest
        except OSError as error:
            complain(str(error))
            sys.exit(2)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta["words"] = list(args)
        return super().parse_args(ctx, args)

    def refuse_empty(self, words: list[str]) -> None:
        """Raise InputError when a command that takes a path is given an empty one."""
        command = self.commands.get(words[0]) if words else None
        if command is None or words[0] == "validate":  # which says itself what it knows
            return
        flags = [o for p in command.params if getattr(p, "is_flag", False) for o in p.opts]
        refuse_empty(words[1:], flags)

    def invoke(self, ctx: Any) -> Any:
        try:
            self.refuse_empty(ctx.meta["words"])
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except (Exception, SystemExit) as error:
            message = fixable(error)
            if message is None:
                if isinstance(quoting := getattr(error, "message", None), str):  # Typer's own
                    vars(error)["message"] = shortened(quoting)
                raise
            complain(message)
            raise typer.Exit(2) from None


def fixable(error: BaseException) -> str | None:
    """Return what the user is told of an error, None if it is a fault of the program."""
    if (own := fault_of_own_file(error)) is not None:
        return own
    if isinstance(error, ImportError):
        return f"a library cannot be loaded: {error.__cause__ or error}"  # some add an essay
    if isinstance(error, (MemoryError, SystemError)):  # the latter where a library cannot load
        return f"there is not enough memory: {str(error) or type(error).__name__}"
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return "the system allows no more threads"
    if isinstance(error, OSError):
        return str(error)
    if isinstance(error, ValueError):
        from minidl.study.errors import InputError

        return str(error) if isinstance(error, InputError) else None
    return None


def fault_of_own_file(error: BaseException) -> str | None:
    """Return what is told of an error that came through a person's own file of components."""
    blame = sys.modules.get("minidl.study.grid.blame")
    line = None if blame is None or type(error).__name__ == "InputError" else blame.own_line(error)
    return None if blame is None or line is None else f"{line}: {blame.told(error)}"


def complain(message: str) -> None:
    """Print what is wrong in one line, whatever characters it quotes."""
    characters = (c if c.isprintable() else ascii(c)[1:-1] for c in shortened(message))
    print(f"minidl: {''.join(characters)}", file=sys.stderr)


def shortened(message: str) -> str:
    """Return a message in which words of extreme length lack their middle."""
    return LONG_WORD.sub(lambda word: f"{word[0][:200]}…{word[0][-100:]}", message)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        print(f"minidl {version('minidl')}")
        raise typer.Exit


@app.callback()
def minidl(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", callback=show_version, is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    """Train small networks from scratch, many at once, and find out which differences are real."""


for module in (run, plan, train, grid, reports, questions, inspect, runs, export, components):
    module.add_to(app)
if sys.flags.optimize > 1:  # python -OO drops every docstring
    from minidl.study.grid.catalogue import docstring

    for entry in (*app.registered_commands, app.registered_callback):
        if entry is not None:
            entry.help = docstring(entry.callback)
