"""What commands print on a terminal: nothing wider than it, nothing cut, and what comes next."""

import os
import pty
import re
import subprocess
import termios

import pytest
from helpers.constructed_store import make_store
from helpers.driving import MINIDL

from minidl_cli import layout

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
STUDY = """
name: terminal
reference: paper
seeds: 6
grid: {activation: [tanh, relu, leaky_relu], loss: [mse, bce], optimizer: [sgd, adam, none]}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    def scores(cell, seed, *_):
        better = 1.5 * (cell["optimizer"] == "adam") + 0.1 * ((seed * 7) % 5)
        return {"train_accuracy": 96.0 + better, "test_accuracy": 95.0 + better}

    return make_store(tmp_path_factory.mktemp("terminal"), scores, STUDY)


def on_terminal(*words, columns=80, **environment):
    """Return what a command writes on a terminal of so many columns, lines as they end."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, columns))
    kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR")}
    process = subprocess.Popen(
        [MINIDL, *map(str, words)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**kept, "TERM": "xterm-256color", **environment},
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            piece = os.read(ours, 100_000)
        except OSError:  # the terminal is gone with its last process
            break
        if not piece:
            break
        seen += piece
    os.close(ours)
    assert process.wait() == 0, seen
    return seen.decode().replace("\r\n", "\n")


def plain(text):
    return ESCAPE.sub("", text)


COMPARE = ("--factor", "optimizer", "--levels", "adam,sgd")


def test_a_table_of_very_many_rows_looks_like_a_short_one(capsys, monkeypatch):
    rows = [["tanh", 1, "–"], ["leaky_relu", 20, "96.5"]]
    layout.print_table("runs", ["activation", "seed", "a score"], rows)
    short = capsys.readouterr().out
    monkeypatch.setattr(layout, "LONG", 1)
    layout.print_table("runs", ["activation", "seed", "a score"], rows)
    assert capsys.readouterr().out == short


@pytest.mark.parametrize("columns", [80, 40])
def test_everything_fits_and_nothing_that_is_typed_is_cut(folder, columns):
    for words in (("tables", folder), ("verdicts", folder), ("compare", folder, *COMPARE)):
        said = plain(on_terminal(*words, columns=columns))
        shown = [line for line in said.splitlines() if "minidl " not in line]  # commands are whole
        assert max(map(len, shown)) <= columns, words
        assert "…" not in said
    rows = plain(on_terminal("runs", folder, "--limit", 3, columns=columns))
    ids = re.findall(r"\b[0-9a-f]{16}\b", rows)
    assert len(set(ids)) == 3
    assert "leaky_relu" in plain(on_terminal("runs", folder, columns=columns))


def test_the_verdict_is_coloured_unless_nobody_wants_that(folder):
    words = ("verdicts", folder)
    assert "\x1b[1;33mundecided" in on_terminal(*words)
    assert "\x1b[1;33m" not in on_terminal(*words, NO_COLOR="1")
    assert "\x1b[" not in on_terminal(*words, TERM="dumb")
    piped = subprocess.run([MINIDL, *map(str, words)], capture_output=True, text=True, check=True)
    assert "\x1b[" not in piped.stdout
    assert not re.search(r"^next", piped.stderr, re.MULTILINE)


def test_the_next_command_is_told_to_a_person_and_can_be_typed(folder):
    said = plain(on_terminal("runs", folder, "--limit", 1))
    (command,) = re.findall(r"minidl (show .*?)(?:   #.*)?$", said, re.MULTILINE)
    assert "how it was made" in plain(on_terminal(*command.split()))
    assert "next" not in plain(on_terminal("runs", folder, "--limit", 1, "--json"))


def test_intervals_have_bars_on_one_scale(folder):
    said = plain(on_terminal("verdicts", folder, columns=120))
    lines = [line for line in said.splitlines() if re.search(r"(adam|sgd|none|mse) − ", line)]
    bars = [line for line in lines if "●" in line]
    assert len(bars) >= 5
    zeros = {line.index("│") for line in bars if "│" in line}
    assert len(zeros) <= 2  # one for points, one for epochs
