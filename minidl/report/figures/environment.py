"""Matplotlib loaded without the environment's word: no backend, no ``matplotlibrc`` can stop it.

Importing this module is what does it, so it comes before any other import of matplotlib.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

SETTINGS = ("MPLBACKEND", "MATPLOTLIBRC")
LARGEST = 1_000_000  # bytes of a matplotlibrc that is worth reading


def load() -> None:
    """Import matplotlib as if nobody had set it up; then give the user's own plots their settings.

    It looks for a ``matplotlibrc`` in the current folder before all others, and reads whatever is
    there: a file in another encoding ends the import, a pipe never ends it. So for that moment the
    current folder is the one with matplotlib's own file.
    """
    if "matplotlib" in sys.modules:
        return
    with silence(), without_settings(), away_from_the_current_folder():
        import matplotlib.figure  # noqa: F401  # with its fonts, whose cache it may make
    with silence():
        restore_settings()


def restore_settings() -> None:
    """Set matplotlib up as the environment says, as far as it can be: figures of minidl do not
    see it, those that the same process draws by itself do.
    """
    import matplotlib as mpl

    with contextlib.suppress(Exception):  # whatever is wrong with them, it is not for us to say
        path = Path(mpl.matplotlib_fname())
        if path.is_file() and path.stat().st_size <= LARGEST:
            mpl.rcParams.update(mpl.rc_params_from_file(path, use_default_template=False))
    if backend := os.environ.get("MPLBACKEND"):
        with contextlib.suppress(ValueError):
            mpl.rcParams["backend"] = backend


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Keep matplotlib's log, which would go to stderr, to errors."""
    log = logging.getLogger("matplotlib")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


@contextlib.contextmanager
def without_settings() -> Iterator[None]:
    """Take the variables that matplotlib reads out of the environment, and put them back."""
    kept = {name: os.environ.pop(name) for name in SETTINGS if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def away_from_the_current_folder() -> contextlib.AbstractContextManager[None]:
    """Return a stay in the folder of matplotlib's own settings, which it then finds first."""
    found = importlib.util.find_spec("matplotlib")
    try:
        Path.cwd()
    except OSError:  # it was deleted: nothing can be read from there, and nobody can go back
        return contextlib.nullcontext()
    if found is None or found.origin is None:
        return contextlib.nullcontext()
    return contextlib.chdir(Path(found.origin).with_name("mpl-data"))


load()
