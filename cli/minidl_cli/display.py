"""Progress: a live display on a terminal, a plain line every few seconds elsewhere."""

from __future__ import annotations

import math
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from statistics import fmean
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from minidl.study.jobs.drive import State, Watch

LINE_SECONDS = 5.0
SCREEN_SECONDS = 0.5
SHOW_CURSOR = b"\x1b[?25h"


@contextmanager
def progress(quiet: bool) -> Iterator[Watch]:
    """Provide the function that shows a study's state as it goes.

    What a component prints meanwhile goes to standard error: the other one is for data.
    """
    with redirect_stdout(sys.stderr):
        yield from shown(quiet)


def shown(quiet: bool) -> Iterator[Watch]:
    """Yield it once."""
    console = Console(stderr=True)
    if quiet:
        yield lambda _: None
    elif (
        console.file.isatty() and not console.is_dumb_terminal
    ):  # FORCE_COLOR does not make a terminal
        screen = Screen(Live(console=console, auto_refresh=False, transient=True))
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
    """Redraws the live display, at most every ``SCREEN_SECONDS``."""

    def __init__(self, live: Live):
        from minidl.study.result import headline
        from minidl.study.run_spec import describe

        self.headline = headline
        self.live = live
        self.describe = describe
        self.start = self.last = time.monotonic()
        self.counted = 0
        self.accuracies: dict[str, list[float]] = {}

    def __call__(self, state: State) -> None:
        now = time.monotonic()
        if now - self.last < SCREEN_SECONDS:
            return
        self.last = now
        for run, result in state.finished[self.counted :]:
            if result.curve:
                self.accuracies.setdefault(self.describe(run), []).append(
                    result.final[self.headline(result.final)]
                )
        self.counted = len(state.finished)
        self.live.update(picture(state, now - self.start, self.accuracies), refresh=True)


class Lines:
    """Prints a line at most every ``LINE_SECONDS``."""

    def __init__(self, console: Console):
        self.console = console
        self.start = self.last = time.monotonic()

    def __call__(self, state: State) -> None:
        now = time.monotonic()
        if now - self.last >= LINE_SECONDS:
            self.last = now
            self.console.print(summary(state, now - self.start), markup=False, highlight=False)


def summary(state: State, seconds: float) -> str:
    """Return how far it is in one line."""
    done = state.stored + len(state.finished)
    rate = state.epochs_done / seconds if seconds else 0.0
    left = (state.epochs - state.epochs_done) / rate if rate else math.nan
    return (
        f"{done} of {state.total} runs done, {rate:,.0f} network epochs per second, "
        f"{duration(left)} left"
    )


def duration(seconds: float) -> str:
    """Return a time as ``1:02:03`` or ``2:03``."""
    if math.isnan(seconds):
        return "?"
    minutes, second = divmod(round(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def picture(state: State, seconds: float, accuracies: dict[str, list[float]]) -> Group:
    """Return the live display: a bar, the stacks in training, the best and the worst cell.

    ``accuracies`` are those of the finished runs, by cell.
    """
    bars = Table.grid(padding=(0, 2))
    whole = ProgressBar(total=state.epochs or 1, completed=state.epochs_done, width=24)
    bars.add_row("all", whole, f"{100 * state.epochs_done / (state.epochs or 1):.0f} %")
    for task in state.running:
        bar = ProgressBar(total=task.epochs, completed=task.epoch, width=24)
        noun = "network" if len(task.runs) == 1 else "networks"
        bars.add_row(f"{len(task.runs)} {noun}", bar, f"epoch {task.epoch} of {task.epochs}")
    return Group(Text(summary(state, seconds)), bars, Text(best_and_worst(state, accuracies)))


def best_and_worst(state: State, accuracies: dict[str, list[float]]) -> str:
    """Return the best and the worst cell so far, by mean score; "" for less than two."""
    from minidl.study.run_spec import describe

    latest: dict[str, list[float]] = {}
    for task in state.running:
        for run, score in task.scores():
            latest.setdefault(describe(run), []).append(score)
    cells = {cell: accuracies.get(cell, []) + latest.get(cell, []) for cell in accuracies | latest}
    means = {cell: fmean(values) for cell, values in cells.items()}
    if len(means) < 2:
        return ""
    best, worst = max(means, key=means.__getitem__), min(means, key=means.__getitem__)
    return f"best so far {means[best]:.4g}: {best}\nworst so far {means[worst]:.4g}: {worst}"
