"""Ctrl-C: KeyboardInterrupt while something is at work, the end at once while modules load."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Any

CODE = 130  # what a shell shows for a program that Ctrl-C has ended


def handle() -> None:
    """Take Ctrl-C over, unless whoever started us had it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)
        sys.unraisablehook = end_if_interrupted


def interrupt(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, but end while a module loads: it might catch it, or break off."""
    inner = frame
    while inner is not None:
        if inner.f_code.co_filename.startswith("<frozen importlib"):
            os._exit(CODE)
        inner = inner.f_back
    signal.default_int_handler(number, frame)


def end_if_interrupted(unraisable: Any) -> None:
    """End where Python would swallow a KeyboardInterrupt, as in a destructor."""
    if unraisable.exc_type is KeyboardInterrupt:
        os._exit(CODE)
    sys.__unraisablehook__(unraisable)
