"""Progress as it is shown, and Ctrl-C at any time."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time

import pytest
from helpers.driving import PATIENCE, Driver, driver, run, wait_until
from helpers.studies import ENDLESS, MANY_STACKS, TINY, contents, minidl, stored, undisturbed, write


def interrupted(running: Driver) -> str:
    """Press Ctrl-C, and return what the driver says; nothing of it may stay."""
    running.interrupt()
    start = time.monotonic()
    _, err = running.end(130)
    print(f"ended after {time.monotonic() - start:.2f} s")
    running.wait_till_gone()
    return err


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(tmp_path):
    expected = undisturbed(MANY_STACKS)
    with driver(*run(write(tmp_path, ENDLESS), tmp_path, jobs=3)) as running:
        wait_until(lambda: stored(tmp_path) >= 4, "some runs are stored")
        err = interrupted(running)
    dropped = re.search(r"(?m)^interrupted; (\d+) half-trained networks? \w+ dropped, \d+:", err)
    assert dropped is not None, err
    assert 0 < int(dropped[1]) <= 8
    assert "the same command goes on" in err
    found = contents(tmp_path)
    assert 4 <= len(found) < len(expected)
    assert found.items() <= expected.items()


def test_ctrl_c_while_the_workers_start(tmp_path):
    """Their stack must not be trained first: it would take an hour."""
    with driver(*run(write(tmp_path, MANY_STACKS), tmp_path, "--set", "epochs=1000000")) as running:
        running.wait_for_workers(1)
        assert "interrupted" in interrupted(running)
    assert contents(tmp_path) == {}


def test_live_display_and_ctrl_c_on_a_terminal(tmp_path):
    """The key itself is pressed: the terminal sends the signal to every process in front of it."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(ours, (30, 200))
    seen = b""

    def shows(*words: bytes) -> bool:
        nonlocal seen
        if select.select([ours], [], [], 0)[0]:
            seen += os.read(ours, 100_000)
        return all(word in seen for word in words)

    endless = ("--set", "epochs=1000000")  # however slow the machine, it is not over too soon
    words = run(write(tmp_path, MANY_STACKS), tmp_path, *endless)
    with driver(*words, terminal=theirs) as running:
        expected = b"of 32 runs done", b"epochs per second", b" networks", b"best so far"
        wait_until(lambda: shows(*expected), f"the display shows {expected}")
        os.write(ours, b"\x03")
        wait_until(lambda: running.process.poll() is not None or shows(), "it ends")
        wait_until(lambda: shows(b"the same command goes on"), "it says how to go on")
        running.wait_till_gone()
        assert running.process.wait() == 130
    os.close(ours)
    os.close(theirs)
    assert b"Traceback" not in seen


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_a_signal_under_the_live_display_shows_the_cursor_again(tmp_path, number):
    ours, theirs = pty.openpty()
    seen = b""
    words = run(write(tmp_path, MANY_STACKS), tmp_path, "--set", "epochs=1000000", jobs=1)

    def shows(word: bytes) -> bool:
        nonlocal seen
        if select.select([ours], [], [], 0)[0]:
            seen += os.read(ours, 100_000)
        return word in seen

    with driver(*words, terminal=theirs) as running:
        wait_until(lambda: shows(b"of 32 runs done"), "there is a display")
        assert seen.rfind(b"\x1b[?25l") > seen.rfind(b"\x1b[?25h")
        running.process.send_signal(number)
        assert running.process.wait(PATIENCE) == -number
        wait_until(lambda: shows(b"\x1b[?25h"), "the cursor is there again")
        running.wait_till_gone()
    os.close(ours)
    os.close(theirs)


@pytest.mark.soak
def test_ctrl_c_while_it_starts(tmp_path):
    """130, no traceback, and never swallowed, whatever is being loaded."""
    endless = run(write(tmp_path, MANY_STACKS), tmp_path, "--set", "epochs=1000000", jobs=1)
    for trial in range(60):
        with driver(*endless) as running:
            time.sleep(0.3 + 0.05 * trial)  # by then the interpreter itself is there
            interrupted(running)


def test_ctrl_c_while_a_module_loads_ends_at_once(tmp_path):
    """A module that catches everything cannot keep the command alive."""
    (tmp_path / "scipy.py").write_text("")
    (tmp_path / "torch.py").write_text(
        "import os, signal\n"
        "try:\n    os.kill(os.getpid(), signal.SIGINT)\n    signal.pause()\n"
        "except BaseException:\n    pass\n"
    )
    script = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); sys.argv = ['minidl', 'list']\n"
    script += "from minidl_cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_lines_where_there_is_no_terminal_and_none_when_quiet(tmp_path):
    with driver(*run(write(tmp_path, MANY_STACKS), tmp_path, "--set", "epochs=1000000")) as running:
        assert running.process.stderr is not None
        line = running.process.stderr.readline()
        running.kill_group()
    pace = r"(, [\d:]+ left, [\d,]+ network epochs per second)?"
    assert re.fullmatch(rf"\d+ of 32 runs done{pace}\n", line)
    quiet = minidl(*run(write(tmp_path, TINY), tmp_path, "--quiet", jobs=1))
    done, report = quiet.stderr.splitlines()
    assert done == f"trained 16 runs (16 done); 0 were there already; all in {tmp_path}"
    assert report == f"the report is {tmp_path / 'report.html'}"


IN_A_DESTRUCTOR = """
import os, signal, time
from minidl_cli import interrupts

interrupts.handle()

class Interrupted:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0)

try:
    Interrupted()
    time.sleep(60)
except KeyboardInterrupt:
    print("heard")
"""


def test_ctrl_c_in_a_destructor_is_not_lost():
    """Python swallows what is raised there; the study would end without a word, or go on."""
    words = [sys.executable, "-c", IN_A_DESTRUCTOR]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=30)
    assert (ran.stdout, ran.stderr) == ("heard\n", "")
