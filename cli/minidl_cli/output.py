"""How things are printed: data to stdout, messages to stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

BARS = "▁▂▃▄▅▆▇█"


def printable(text: str) -> str:
    """Return a line in which nothing moves the cursor; imported late: torch comes with it."""
    from minidl.study.files.printable import printable as spelled

    return spelled(text)


def say(text: str) -> None:
    """Print a message, a line."""
    print(printable(text), file=sys.stderr, flush=True)


def say_lines(lines: Iterable[str]) -> None:
    """Print messages, a line each."""
    for line in lines:
        say(line)


def counter(what: str, seconds: float = 10.0) -> Callable[[int, int], None]:
    """Return what says ``figure 3 of 12`` as work begins: on one line of a terminal that is wiped
    at the last, else on a line of its own, every ten seconds at most.
    """
    said = time.monotonic()

    def count(number: int, total: int) -> None:
        nonlocal said
        if sys.stderr is not None and sys.stderr.isatty():
            end = "\r\033[K" if number == total else ""
            print(f"\r{what} {number} of {total}{end}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - said > seconds:
            said = time.monotonic()
            say(f"{what} {number} of {total}")

    return count


def print_json(data: Any) -> None:
    """Print one JSON value."""
    print(json.dumps(data, indent=2, allow_nan=False))


def sparkline(values: list[float], width: int = 40) -> str:
    """Return a curve as a line of bars from its least to its greatest value, gaps for NaN."""
    thinned = values[:: max(1, -(-len(values) // width))]
    finite = [value for value in thinned if abs(value) < float("inf")]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((v - low) * scale)] if v in finite else " " for v in thinned)
