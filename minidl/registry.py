"""name -> component, for every kind of component.

One decorator line above a class or function makes it known to grid files, to the command line and
to the tests, which loop over everything that is registered.
"""

from __future__ import annotations

import re
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
    """The kind does not exist, the name is taken, or no store takes it; the message says which."""


SCORE = re.compile(r"(?!loss$)[A-Za-z0-9_]{1,64}", re.ASCII)
LONGEST_UNIT = 20  # bytes


def register(kind: str, name: str) -> Callable[[Component], Component]:
    """Make a component known as ``name`` among its ``kind`` (one of ``KINDS``).

    Raises RegistrationError, a ValueError, when the kind is unknown, the name is taken by another
    component, or a metric has a name, unit or better side that no store takes.
    """
    if kind not in KINDS:
        raise RegistrationError(f"kind {kind!r} is unknown; known: {', '.join(KINDS)}")

    def enter(component: Component) -> Component:
        if kind == "metric":
            check_storable(name, component)
        if KINDS[kind].setdefault(name, component) is not component:
            raise RegistrationError(f"{kind} {name!r} is registered already: {KINDS[kind][name]}")
        return component

    return enter


def check_storable(name: str, metric: Any) -> None:
    """Raise RegistrationError unless stores take a metric's scores, which they keep by its name,
    each with its unit and the side that is better.
    """
    if isinstance(name, str) and not SCORE.fullmatch(name):
        raise RegistrationError(
            f"metric {name!r:.60}: its name must be up to 64 letters, digits or '_', and not loss"
        )
    unit, better = getattr(metric, "unit", ""), getattr(metric, "better", "higher")
    if not is_unit(unit):
        raise RegistrationError(
            f"metric {name!r:.60}: unit must be text of at most {LONGEST_UNIT} bytes, "
            f"got {unit!r:.60}"
        )
    if better not in ("higher", "lower"):
        raise RegistrationError(
            f"metric {name!r:.60}: better must be higher or lower, got {better!r:.60}"
        )


def is_unit(value: Any) -> bool:
    """Whether something is a line of text, and short."""
    return isinstance(value, str) and value.isprintable() and len(value.encode()) <= LONGEST_UNIT


def as_printed(component: Callable[..., Any]) -> str | None:
    """Return the paper's wrong sentence that a component copies, if any."""
    return getattr(component, "printed", None)
