"""minidl: a mini deep-learning framework built on tensor operations alone.

Read it in this order: module, linear, layers, activations, losses, optimizers, schedules,
data, metrics, stopping, training, replicas. They build on init, random, counter and registry, and
on the engine, which changes no number: to follow the code it is enough to know that ``product(a,
b, plus=c)`` is ``a @ b + c``, that ``laid_out(x)`` is ``x``, that ``@replayable`` and
``@elementwise`` are promises that make a step faster, and that a ``Replay`` of a step is that step.

``minidl.run`` and ``minidl.read`` run and read whole studies from Python.
"""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minidl.everything import *  # noqa: F403  # this exports the same names
    from minidl.report.opened import read as read
    from minidl.report.opened import run as run
    from minidl.study.errors import InputError as InputError

    __version__: str

STUDIES = ("InputError", "__version__", "read", "run")  # besides the framework's own names


def __getattr__(name: str) -> Any:
    """Load the framework when a name is first used: reading a store does not wait for torch."""
    if name in STUDIES:
        return of_studies(name)
    import minidl.everything  # noqa: F401

    everything = sys.modules["minidl.everything"]
    if not hasattr(everything, name):
        raise AttributeError(f"module 'minidl' has no attribute {name!r}")
    return getattr(everything, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *STUDIES, *__getattr__("__all__")})


def of_studies(name: str) -> Any:
    """Return a name that the framework itself does not know."""
    if name == "__version__":
        from importlib.metadata import version

        return version("minidl")
    if name == "InputError":
        from minidl.study.errors import InputError

        return InputError
    from minidl.report import opened

    return getattr(opened, name)
