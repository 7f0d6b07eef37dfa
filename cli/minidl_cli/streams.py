"""The standard streams: messages never decide about work, data that is lost is an error, once."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from collections.abc import Collection
from typing import Any


class Forgiving(io.FileIO):
    """A stream that lets go what cannot be written, for some reasons or for any (None).

    What it does not forgive it raises once. After a first failure nothing is written any more.
    """

    def __init__(self, descriptor: int, forgiven: Collection[int] | None):
        super().__init__(descriptor, "w", closefd=False)
        self.forgiven = forgiven
        self.failed = False

    def write(self, data, /) -> int:
        try:
            written = None if self.failed else super().write(data)
        except OSError as error:
            self.failed = self.forgiven is not None
            if self.forgiven is not None and error.errno not in self.forgiven:
                raise
            written = None
        return len(data) if written is None else written


def prepare() -> None:
    """Make stdout and stderr as they should be, also where whoever started us closed them."""
    for descriptor in range(3):
        take_if_free(descriptor)
    if sys.stderr is None:
        sys.stderr = io.StringIO()
    elif sys.stderr is sys.__stderr__:
        sys.stderr = text(sys.stderr, None, "backslashreplace")
    if sys.stdout is None:
        sys.stdout = io.StringIO()
    elif sys.stdout is sys.__stdout__:
        gone = {errno.EPIPE}  # `| head`: the reader has enough
        if stat.S_ISCHR(os.fstat(sys.stdout.fileno()).st_mode):
            gone.add(errno.EIO)  # a terminal whose window was closed; with a file it is the disk
        sys.stdout = text(sys.stdout, gone, "replace")  # ± and bars where only ASCII can be written


def take_if_free(descriptor: int) -> None:
    """Open the null device as a standard stream that is closed, before a file of ours takes it."""
    try:
        os.fstat(descriptor)
    except OSError:
        os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, which is this one


def text(old: Any, forgiven: Collection[int] | None, errors: str) -> io.TextIOWrapper:
    """Return a stream like an old one that forgives."""
    raw = Forgiving(old.fileno(), forgiven)
    lines = old.line_buffering or forgiven is None
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding=old.encoding, errors=errors, line_buffering=lines
    )
