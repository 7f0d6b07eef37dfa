"""The command line without a new process: the tests that try hundreds of inputs need it quick."""

import re
from pathlib import Path

from typer.testing import CliRunner, Result

from minidl_cli.main import app


def minidl(*arguments: str, code: int = 0) -> Result:
    """Run a command; whatever it raises comes out here, so nothing can hide behind exit code 1."""
    result = CliRunner(env={"COLUMNS": "500"}).invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == code, result.output
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
    """Tell whether a message is the expected one, where ``...`` stands for any text."""
    return re.fullmatch(re.escape(expected).replace(r"\.\.\.", ".*"), message) is not None
