"""Messages never decide about work; data that cannot be written is one line, or nothing."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.driving import MINIDL
from helpers.studies import TINY, contents, undisturbed, write

RUN = f"{MINIDL} run --grid grid.yaml --out out --no-figures --jobs 1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, TINY)
    return tmp_path


def shell(folder: Path, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of the shell; the exit code is that of the first command in a pipe."""
    return subprocess.run(
        ["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize(
    "streams", ["2>/dev/full", "2>&1 | head -c 1", "2> >(true)", "2>&-", ">&- 2>&-"]
)
def test_all_is_trained_and_reported_where_nobody_hears_of_it(folder, streams):
    done = shell(folder, f"{RUN} {streams}")
    assert (done.returncode, done.stderr) == (0, "")
    assert contents(folder / "out") == undisturbed(TINY)
    assert (folder / "out" / "tables.md").exists()


def test_a_closed_standard_error_puts_no_message_among_the_data(folder):
    done = shell(folder, f"{RUN} --json 2>&-")
    assert len(json.loads(done.stdout)["runs"]) == 16


def test_a_terminal_that_goes_away_ends_nothing(folder):
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        ["bash", "-c", f"trap '' HUP; {RUN} --jobs 2"],
        cwd=folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.close(ours)
    assert running.wait(120) == 0
    assert contents(folder / "out") == undisturbed(TINY)
    assert (folder / "out" / "tables.md").exists()


@pytest.mark.parametrize("command", ["--version", "--help", "run --help", "list", ""])
def test_data_into_a_full_device_is_one_line(folder, command):
    done = shell(folder, f"{MINIDL} {command} >/dev/full")
    assert done.returncode == 2
    assert done.stderr == "minidl: [Errno 28] No space left on device\n"


@pytest.mark.parametrize("command", ["--version", "--help", "list", "schema"])
def test_a_reader_that_has_enough_is_no_failure(folder, command):
    done = shell(folder, f"{MINIDL} {command} | true")
    assert (done.returncode, done.stderr) == (0, "")


def test_colours_that_are_forced_are_no_live_display(folder):
    done = shell(folder, RUN, FORCE_COLOR="1")
    assert "\x1b[?25" not in done.stderr
    assert "\x1b[1A" not in done.stderr


def test_a_table_in_a_pipe_is_cut_nowhere():
    wide = "x" * 250
    script = f"from minidl_cli.layout import print_table; print_table('t', ['a'], [['{wide}']])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert wide in done.stdout


def test_descriptions_are_there_without_docstrings(folder):
    plain = shell(folder, f"{MINIDL} list --json")
    bare = shell(folder, f"{MINIDL} list --json", PYTHONOPTIMIZE="2")
    assert bare.stdout == plain.stdout
    helped = shell(folder, f"{MINIDL} --help", PYTHONOPTIMIZE="2").stdout
    assert helped == shell(folder, f"{MINIDL} --help").stdout
    assert "Train what is missing" in helped


@pytest.mark.parametrize("limit", [300_000, 600_000])
def test_too_little_memory_is_one_line(folder, limit):
    done = shell(folder, f"ulimit -v {limit}; {MINIDL} validate grid.yaml")
    assert done.returncode == 2
    assert done.stderr.startswith("minidl: ")
    assert done.stderr.count("\n") == 1
