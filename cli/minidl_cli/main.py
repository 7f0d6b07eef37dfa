"""The command line: every command parses, calls one function and prints. Loading it is quick."""

from __future__ import annotations

import errno
import io
import sys
from importlib.metadata import version
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from minidl_cli import components, export, grid, inspect, reports, run, train
from minidl_cli.arguments import refuse_empty


class Commands(TyperGroup):
    """Turns what the user can mend into one line and exit code 2, and Ctrl-C into 130."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta["words"] = list(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            self.refuse_empty(ctx.meta["words"])
            result = super().invoke(ctx)
            sys.stdout.flush()  # a full disk shows here at the latest
            return result
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except OSError as error:
            if error.errno == errno.EPIPE:  # `| head`: the reader has enough, which Typer knows of
                raise
            complain(error)
        except ValueError as error:
            from minidl.study.errors import InputError

            if not isinstance(error, InputError):
                raise
            complain(error)

    def refuse_empty(self, words: list[str]) -> None:
        """Raise InputError when a command that takes a path is given an empty one."""
        command = self.commands.get(words[0]) if words else None
        if command is None or words[0] == "validate":  # which says itself what it knows
            return
        flags = [o for p in command.params if getattr(p, "is_flag", False) for o in p.opts]
        refuse_empty(words[1:], flags)


def complain(error: Exception) -> NoReturn:
    """Print what is wrong in one line, whatever characters it quotes, and end with exit code 2."""
    characters = (c if c.isprintable() else ascii(c)[1:-1] for c in str(error))
    print(f"minidl: {''.join(characters)}", file=sys.stderr)
    raise typer.Exit(2) from None


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
        typer.Option("--version", callback=show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Train small networks from scratch, many at once, and find out which differences are real."""


for module in (run, train, grid, reports, inspect, export, components):
    module.add_to(app)


def main() -> None:
    """Run the command line."""
    if sys.stdout is None:  # closed by whoever started us
        sys.stdout = io.StringIO()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # ± and bars where only ASCII can be written
    app(prog_name="minidl")
