"""A program that runs commands in forks of itself, and lets one file operation of each go wrong.

Counted are the calls that open, write, sync, rename, remove, lock and make folders: those of
minidl, and, through the door that SQLite has for its own tests, those of SQLite.
"""

from __future__ import annotations

import builtins
import ctypes
import errno
import fcntl
import importlib
import io
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from typing import Any

# what a command loads late, so that every fork has it
LOADED = (
    *("minidl.everything", "minidl.study.run", "minidl.study.store.merge", "minidl.report.write"),
    *("minidl.report.figures", "minidl_cli.app"),
)
READING = ("read", "pread", "pread64")
INT, SIZE, TEXT, MEMORY = ctypes.c_int, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_void_p

# SQLite's name of a system call -> the types of its arguments
CALLS: dict[str, tuple[Any, ...]] = {
    "open": (TEXT, INT, INT),
    "read": (INT, MEMORY, SIZE),
    "pread": (INT, MEMORY, SIZE, ctypes.c_int64),
    "pread64": (INT, MEMORY, SIZE, ctypes.c_int64),
    "write": (INT, MEMORY, SIZE),
    "pwrite": (INT, MEMORY, SIZE, ctypes.c_int64),
    "pwrite64": (INT, MEMORY, SIZE, ctypes.c_int64),
    "ftruncate": (INT, ctypes.c_int64),
    "unlink": (TEXT,),
}


class Vfs(ctypes.Structure):
    """The part of ``struct sqlite3_vfs`` that leads to its system calls."""

    _fields_ = [  # as ctypes has it
        ("numbers", INT * 3),
        ("pointers", MEMORY * 16),
        ("set_call", ctypes.CFUNCTYPE(INT, MEMORY, TEXT, MEMORY)),
        ("get_call", ctypes.CFUNCTYPE(MEMORY, MEMORY, TEXT)),
    ]


class Injector:
    """Counts file operations, notes each in a log, and lets one of them go wrong.

    ``fault`` is "kill", or the name of an errno; without one, all goes well. A kill in a write
    leaves half of it.
    """

    def __init__(self, fault: str | None, at: int, log: int):
        self.fault, self.at, self.log = fault, at, log
        self.count = 0
        self.write = os.write
        self.kept: list[Any] = []  # SQLite calls into these as long as it lives

    def step(self, name: str, half: Callable[[], object] = lambda: None) -> int:
        """Count an operation; return the errno that it fails with, or 0."""
        if name in READING and self.fault != "EIO":
            return 0
        self.count += 1
        self.write(self.log, f"{name}\n".encode())
        if self.fault is None or self.count != self.at:
            return 0
        if self.fault == "kill":
            half()
            os.kill(os.getpid(), signal.SIGKILL)
        return getattr(errno, self.fault)

    def install(self) -> None:
        """Put itself before the calls of minidl and of SQLite."""
        for module, names in ((os, "open replace rename unlink mkdir fsync"), (fcntl, "flock")):
            for name in names.split():
                setattr(module, name, self.wrapped(name, getattr(module, name)))
        os.fdopen = self.fdopen
        library = ctypes.CDLL(sys.modules["_sqlite3"].__file__)
        library.sqlite3_vfs_find.restype = ctypes.POINTER(Vfs)
        found = library.sqlite3_vfs_find(None)
        for name in CALLS:
            self.take_over(found, name)

    def wrapped(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return one of Python's calls, counted."""

        def counted(*arguments: Any, **options: Any) -> Any:
            if failed := self.step(name):
                raise OSError(failed, os.strerror(failed), arguments[0])
            return call(*arguments, **options)

        return counted

    def fdopen(self, file: int, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        """Return an open file whose writes are counted."""
        if mode != "wb":
            return builtins.open(file, mode, *arguments, **options)
        step = self.step

        class Counted(io.FileIO):
            def write(self, data: Any, /) -> int:
                if failed := step(
                    "write", lambda: super(Counted, self).write(data[: len(data) // 2])
                ):
                    raise OSError(failed, os.strerror(failed))
                return super().write(data)

        return Counted(file, "wb")

    def take_over(self, vfs: Any, name: str) -> None:
        """Put itself before one of SQLite's system calls."""
        kind = ctypes.CFUNCTYPE(
            INT if name in ("open", "unlink") else ctypes.c_ssize_t, *CALLS[name], use_errno=True
        )
        if name == "ftruncate":
            kind = ctypes.CFUNCTYPE(INT, *CALLS[name], use_errno=True)
        address = vfs.contents.get_call(vfs, name.encode())
        if not address:  # not in this build
            return
        call = kind(address)

        def counted(*arguments: Any) -> int:
            def half() -> None:
                if "write" in name:
                    call(*arguments[:2], arguments[2] // 2, *arguments[3:])

            if failed := self.step(name, half):
                ctypes.set_errno(failed)
                return -1
            return call(*arguments)

        self.kept.append(kind(counted))
        vfs.contents.set_call(vfs, name.encode(), ctypes.cast(self.kept[-1], MEMORY))


def in_a_fork(request: dict[str, Any]) -> dict[str, Any]:
    """Run a command as told; return how it ended, what it said, and the operations it came to."""
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        tempfile.TemporaryFile() as log,
    ):
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            os._exit(run(request, log.fileno()))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said = []
        for file in (out, err, log):
            file.seek(0)
            said.append(file.read().decode())
        return {"code": code, "out": said[0], "err": said[1], "log": said[2].split()}


def run(request: dict[str, Any], log: int) -> int:
    """Run a command in this process, and return its exit code; 70 for what nobody expects."""
    import traceback

    from minidl_cli.main import main

    sys.argv = ["minidl", *request["words"]]
    Injector(request.get("fault"), request.get("at", 0), log).install()
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    except BaseException:
        traceback.print_exc()
        return 70
    finally:
        sys.stderr.flush()
    return 0


def serve() -> None:
    """Load everything once; then answer a line for each line that comes."""
    for name in LOADED:
        importlib.import_module(name)
    for line in sys.stdin:
        print(json.dumps(in_a_fork(json.loads(line))), flush=True)


if __name__ == "__main__":
    serve()
