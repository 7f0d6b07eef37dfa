"""A person's own components: Python files that a grid file or ``--components`` names.

A file is code, and running it is what this module is for. So it is called where a person has named
the file, never where a store is read.
"""

from __future__ import annotations

import hashlib
import inspect
import io
import json
import linecache
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from minidl.registry import KINDS, RegistrationError
from minidl.study.errors import InputError
from minidl.study.files.reading import read_text
from minidl.study.grid.blame import OWN, own_line, told
from minidl.study.grid.components import components, forget_arguments
from minidl.study.grid.network import chosen
from minidl.study.grid.origins import ORIGINS, Origin
from minidl.study.grid.trial import try_out, try_settings

MOST_PRINTED = 100_000  # characters that a file may print while it is loaded; nobody sees them


@dataclass(frozen=True)
class ComponentFile:
    """A file as it was read: its name in messages, its full path, its text.

    It can be sent to a worker, which so runs the very same text, whatever became of the file.
    """

    name: str
    path: str
    text: str

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


LOADED: dict[str, ComponentFile] = {}  # by path
REGISTERED: dict[str, list[tuple[str, str]]] = {}  # path -> kinds and names
TRIED: dict[str, set[tuple[str, str]]] = {}  # path -> kinds, and names with arguments


def load_components(names: Sequence[str | Path]) -> None:
    """Run files of components, each once, and try what they register.

    Raises InputError, with file and line, for whatever goes wrong: then nothing of that file is
    registered.
    """
    for name in names:
        text = read_text(Path(name))
        path = str(Path(name).resolve())
        file = ComponentFile(str(name), path, text)
        if path not in LOADED or LOADED[path].text != file.text:
            run_file(file, tried=True)


def run_file(file: ComponentFile, *, tried: bool) -> None:
    """Run a file, in place of an earlier version of it, and remember what it registers."""
    components("activation")  # minidl's own are first, so their names are taken
    forget(file.path)
    before = {kind: dict(known) for kind, known in KINDS.items()}
    OWN[file.path] = file.name
    try:
        with blamed(file), unheard():
            execute(file)
            new = [(k, n) for k, known in KINDS.items() for n in known if n not in before[k]]
            if not new:
                raise InputError(
                    f"{file.name}: registers no component; expected a class or a function below "
                    "@register(kind, name)"
                )
            for kind, name in new if tried else ():
                with blamed(file, KINDS[kind][name]):
                    try_out(kind, name, KINDS[kind][name])
    except BaseException:
        for kind, known in KINDS.items():
            known.clear()
            known.update(before[kind])
        forget(file.path)
        raise
    shown = Path(file.path).name
    taken = any(Path(other).name == shown for other in LOADED)
    origin = Origin(file.path if taken else shown, file.sha256)
    ORIGINS.update(dict.fromkeys(new, origin))
    LOADED[file.path], REGISTERED[file.path] = file, new


def try_chosen(settings: dict[str, Any]) -> None:
    """Try those components of a run's resolved settings that came from a file, once with the same
    arguments.

    Raises InputError, with file and line, for one that is not what its kind promises.
    """
    owners = {name: path for path, names in REGISTERED.items() for name in names}
    for kind, part in chosen(settings) if owners else ():
        path = owners.get((kind, part["name"]))
        known = kind, json.dumps(part)
        if path is not None and known not in TRIED.setdefault(path, set()):
            with blamed(LOADED[path], KINDS[kind][part["name"]]), unheard():
                try_settings(kind, part)
            TRIED[path].add(known)


def execute(file: ComponentFile) -> None:
    """Run a file's text as a module whose name, its path, no other module has."""
    module = ModuleType(file.path)
    module.__file__, module.__package__ = file.path, ""
    sys.modules[file.path] = module
    linecache.checkcache(file.path)
    exec(compile(file.text, file.path, "exec", dont_inherit=True), vars(module))


def forget(path: str) -> None:
    """Take back what an earlier version of a file registered."""
    for kind, name in REGISTERED.pop(path, ()):
        KINDS[kind].pop(name, None)
        ORIGINS.pop((kind, name), None)
    LOADED.pop(path, None)
    TRIED.pop(path, None)
    forget_arguments()


@contextmanager
def blamed(file: ComponentFile, component: Any = None) -> Iterator[None]:
    """Turn whatever is raised, but for Ctrl-C, into an InputError with the line to blame: the last
    one of the file that the error passed, or else the one where the component begins.
    """
    try:
        yield
    except (InputError, KeyboardInterrupt):
        raise
    except BaseException as error:  # sys.exit too
        line = own_line(error)
        place = line or (file.name if component is None else f"{file.name}:{start(component)}")
        ours = isinstance(error, RegistrationError) or (line is None and type(error) is ValueError)
        raise InputError(f"{place}: {error if ours else told(error)}") from None


def start(component: Any) -> int:
    """Return the line on which a component begins, 1 where Python cannot tell."""
    with suppress(OSError, TypeError, SyntaxError):
        return inspect.getsourcelines(component)[1]
    return 1


@contextmanager
def unheard() -> Iterator[None]:
    """Let go what is printed: standard output is for data, and standard error for one line."""
    with redirect_stdout(Unheard()), redirect_stderr(Unheard()):
        yield


class Unheard(io.TextIOBase):
    """A stream that nobody reads; raises RuntimeError for more than a file may print."""

    def __init__(self) -> None:
        self.printed = 0

    def write(self, text: str, /) -> int:
        self.printed += len(text)
        if self.printed > MOST_PRINTED:
            raise RuntimeError(f"prints more than {MOST_PRINTED:,} characters while it is loaded")
        return len(text)
