"""Ctrl-C: KeyboardInterrupt while something is at work, the end at once while modules load."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

CODE = 130  # what a shell shows for a program that Ctrl-C has ended


def handle() -> None:
    """Take Ctrl-C over, unless whoever started us had it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)
        sys.unraisablehook = press_again


def interrupt(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, but end while a module loads: it might catch it, or break off."""
    inner = frame
    while inner is not None:
        if inner.f_code.co_filename.startswith("<frozen importlib"):
            os._exit(CODE)
        inner = inner.f_back
    signal.default_int_handler(number, frame)


def press_again(unraisable: Any) -> None:
    """Send Ctrl-C once more where Python has swallowed it, as it does in a destructor."""
    if unraisable.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(unraisable)
        return
    try:
        main = threading.main_thread().ident
        threading.Timer(0.01, signal.pthread_kill, [main, signal.SIGINT]).start()
    except RuntimeError:  # no thread can start any more: the program is ending
        os._exit(CODE)
