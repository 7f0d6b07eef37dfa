"""name -> component, for every kind of component.

One decorator line above a class or function makes it known to grid files, to the command line and
to the tests, which loop over everything that is registered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Component = TypeVar("Component", bound=Callable[..., Any])


class Kind(dict[str, Any]):
    """The components of one kind, by name.

    ``chosen_by`` are the settings of a study that name one; none if no setting does.
    ``supplied`` is how many arguments the framework itself passes before the settings.
    """

    def __init__(self, *keys: str, supplied: int = 0):
        super().__init__()
        self.chosen_by = keys
        self.supplied = supplied


KINDS: dict[str, Kind] = {
    "activation": Kind("activation", "model.output"),
    "layer": Kind(supplied=2),  # the number of inputs, a generator; a model's list names them
    "loss": Kind("loss"),
    "optimizer": Kind("optimizer", supplied=1),  # the parameters
    "schedule": Kind("schedule"),
    "init": Kind("init", supplied=3),  # d_in, d_out, generator
    "data": Kind("data"),
    "metric": Kind(),  # the data's task says which
}
# setting -> the kind of the component that it names
CHOSEN = {key: name for name, kind in KINDS.items() for key in kind.chosen_by}


class RegistrationError(ValueError):
    """The kind does not exist, or the name is taken; the message says which."""


def register(kind: str, name: str) -> Callable[[Component], Component]:
    """Make a component known as ``name`` among its ``kind`` (one of ``KINDS``).

    Raises RegistrationError, a ValueError, when the kind is unknown or the name is taken by another
    component.
    """
    if kind not in KINDS:
        raise RegistrationError(f"kind {kind!r} is unknown; known: {', '.join(KINDS)}")

    def enter(component: Component) -> Component:
        if KINDS[kind].setdefault(name, component) is not component:
            raise RegistrationError(f"{kind} {name!r} is registered already: {KINDS[kind][name]}")
        return component

    return enter


def as_printed(component: Callable[..., Any]) -> str | None:
    """Return the paper's wrong sentence that a component copies, if any."""
    return getattr(component, "printed", None)
