"""Progress: a live display on a terminal, a plain line every few seconds elsewhere."""

from __future__ import annotations

import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

if TYPE_CHECKING:
    from minidl.study.jobs.drive import State, Watch

LINE_SECONDS = 5.0
SCREEN_SECONDS = 0.5
Picture = Callable[[int, int], Text | None]  # of columns and rows of the terminal
SHOW_CURSOR = b"\x1b[?25h"


@contextmanager
def progress(quiet: bool, picture: Picture | None = None) -> Iterator[Watch]:
    """Provide the function that shows a study's state as it goes, and a picture if there is one.

    What a component prints meanwhile goes to standard error: the other one is for data.
    """
    with redirect_stdout(sys.stderr):
        yield from shown(quiet, picture)


def shown(quiet: bool, picture: Picture | None) -> Iterator[Watch]:
    """Yield it once."""
    console = Console(stderr=True)
    if quiet:
        yield lambda _: None
    elif (
        console.file.isatty() and not console.is_dumb_terminal
    ):  # FORCE_COLOR does not make a terminal
        screen = Screen(Live(console=console, auto_refresh=False, transient=True), console, picture)
        with cursor_restored_by_signals(), screen.live:
            yield screen
    else:
        yield Lines(console)


@contextmanager
def cursor_restored_by_signals() -> Iterator[None]:
    """Show the cursor again when a signal ends this process, as it does without a display."""

    def end(number: int, _: object) -> None:
        with suppress(OSError):
            os.write(sys.stderr.fileno(), SHOW_CURSOR)
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    ending = [s for s in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(s) is signal.SIG_DFL]
    for number in ending:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in ending:
            signal.signal(number, signal.SIG_DFL)


class Screen:
    """Redraws the live display, at once and then at most every ``SCREEN_SECONDS``."""

    def __init__(self, live: Live, console: Console, picture: Picture | None = None):
        self.live, self.console, self.picture = live, console, picture
        self.last = -math.inf

    def __call__(self, state: State) -> None:
        now = time.monotonic()
        if now - self.last < SCREEN_SECONDS:
            return
        self.last = now
        told = [summary(state), *scores_told(state)]
        lines = [Text(line, no_wrap=True, overflow="ellipsis") for line in told]
        room = self.console.height - len(lines) - 3
        drawn = self.picture(*self.console.size) if self.picture else None
        parts = [lines[0], bars(state, room), *lines[1:], *([drawn] if drawn else [])]
        self.live.update(Group(*parts), refresh=True)


class Lines:
    """Prints a line at most every ``LINE_SECONDS``."""

    def __init__(self, console: Console):
        self.console = console
        self.last = time.monotonic()

    def __call__(self, state: State) -> None:
        now = time.monotonic()
        if now - self.last >= LINE_SECONDS:
            self.last = now
            line = summary(state)
            self.console.print(line, markup=False, highlight=False, soft_wrap=True)


def scores_told(state: State) -> list[str]:
    """Return a line for the best and one for the worst cell so far, by mean score, or for the only
    one; none while there is no score. Runs in training count with their latest.
    """
    from minidl.study.jobs.finished import Mean
    from minidl.study.run_spec import describe

    sums = {cell: replace(mean) for cell, mean in state.finished.scores.items()}
    for task in state.running:
        for run, score in task.scores():
            sums.setdefault(describe(run), Mean()).add(score)
    means = {cell: mean.total / mean.count for cell, mean in sums.items() if mean.count}
    if len(means) < 2:
        return [f"score so far {mean:.4g}" for mean in means.values()]
    ends = {"best": max, "worst": min}
    chosen = {word: end(means, key=means.__getitem__) for word, end in ends.items()}
    return [f"{word} so far {means[cell]:.4g}: {cell}" for word, cell in chosen.items()]


def summary(state: State) -> str:
    """Return how far it is in one line, what matters most first."""
    done = state.stored + len(state.finished)
    parts = [f"{done} of {state.total} runs done"]
    if state.pace.left is not None:
        parts.append(f"{duration(state.pace.left)} left")
    if state.pace.speed is not None:
        parts.append(f"{state.pace.speed:,.0f} network epochs per second")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Return a time as ``1:02:03`` or ``2:03``."""
    if math.isnan(seconds):
        return "?"
    minutes, second = divmod(round(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def bars(state: State, room: int) -> Progress:
    """Return a bar for all of it and one for each stack in training, as far as there is room, over
    the whole width.
    """
    columns = [TextColumn("{task.description}"), BarColumn(None), TextColumn("{task.fields[at]}")]
    shown = Progress(*columns, expand=True)
    share = 100 * state.epochs_done / (state.epochs or 1)
    shown.add_task("all", total=state.epochs or 1, completed=state.epochs_done, at=f"{share:.0f} %")
    fits = state.running if len(state.running) <= room else state.running[: max(room - 1, 0)]
    for task in fits:
        what = "1 network" if len(task.runs) == 1 else f"{len(task.runs)} networks"
        at = f"epoch {task.epoch} of {task.epochs}"
        shown.add_task(what, total=task.epochs, completed=task.epoch, at=at)
    if rest := len(state.running) - len(fits):
        shown.add_task(f"{rest} more stacks", total=1, completed=0, at="")
    return shown
