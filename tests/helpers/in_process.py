"""The command line without a new process: the tests that try hundreds of inputs need it quick."""

import io
import re
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.main import get_command

from minidl_cli.app import app

COMMAND = get_command(app)


class Result(NamedTuple):
    """What a command ended with, and what it printed."""

    exit_code: int
    stdout: str
    stderr: str


def run(*arguments: str) -> Result:
    """Run a command; whatever it raises comes out here, so nothing can hide behind exit code 1."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        COMMAND.main(args=arguments, prog_name="minidl")
    return Result(ended.value.code, out.getvalue(), err.getvalue())


def minidl(*arguments: str, code: int = 0) -> Result:
    """Run a command that must end with an exit code."""
    result = run(*arguments)
    assert result.exit_code == code, result.stderr
    return result


def refused(*arguments: str) -> str:
    """Run a command that must end with exit code 2, one line, and not a byte written anywhere.

    Returns the line.
    """
    before = written()
    result = minidl(*arguments, code=2)
    assert result.stdout == ""
    assert written() == before
    assert result.stderr.startswith("minidl: ")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("minidl: ").removesuffix("\n")


def written() -> dict[str, int]:
    """Everything below the folder that a test runs in, with the time of its last change."""
    return {str(path): path.lstat().st_mtime_ns for path in Path().rglob("*")}


def fits(message: str, expected: str) -> bool:
    """Whether a message is the expected one, where ``...`` stands for any text."""
    return re.fullmatch(re.escape(expected).replace(r"\.\.\.", ".*"), message) is not None
