"""What a component of each kind is, read from its class: base, methods, arguments, facts.

The same is told in words in CONTRIBUTING.md. Every check raises ValueError that says what is wrong.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from typing import Any

from minidl.data import DataSource
from minidl.metrics import TASKS, Metric
from minidl.module import Module
from minidl.optimizers import Optimizer
from minidl.registry import KINDS
from minidl.schedules import Schedule
from minidl.study.grid.components import arguments, parameters
from minidl.study.grid.data import DataSettings

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
# kind -> the class that a component of it is made from, and how many arguments its methods take
BASES: dict[str, tuple[type, dict[str, int]]] = {
    "activation": (Module, {"forward": 1, "backward": 1}),
    "layer": (Module, {"forward": 1, "backward": 1}),
    "loss": (Module, {"forward": 2, "backward": 2}),
    "optimizer": (Optimizer, {"step": 0}),
    "schedule": (Schedule, {"rate": 2}),
    "data": (DataSource, {"draw": 2}),
    "metric": (Metric, {"totals": 2, "score": 2, "constant": 1}),
}
SUPPLIED = {"optimizer": "param", "init": "d_in, d_out, generator", "layer": "d, generator"}
NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def check_contract(kind: str, name: Any, component: Any) -> None:
    """Raise ValueError unless a component is what its kind promises, as far as can be read."""
    what = f"{kind} {name!r:.60}"
    if not (isinstance(name, str) and NAME.fullmatch(name)):
        raise ValueError(
            f"{what}: a name must be up to 64 letters, digits, '.', '_' or '-', and begin with a "
            "letter"
        )
    check_class(what, kind, component)
    check_arguments(what, kind, component)
    arguments(kind, name)
    for attribute, (holds, must) in FACTS.get(kind, {}).items():
        value = getattr(component, attribute, None)
        if not holds(value):
            raise ValueError(f"{what}: {attribute} must be {must}, got {value!r:.60}")


def check_class(what: str, kind: str, component: Any) -> None:
    """Check what a component is, and that its methods can be called."""
    if kind not in BASES:
        if not callable(component):
            raise ValueError(f"{what} must be a class or a function, got {component!r:.60}")
        return
    base, methods = BASES[kind]
    if not (isinstance(component, type) and issubclass(component, base)):
        raise ValueError(f"{what} must be a class made from {base.__name__}, got {component!r:.60}")
    for method, count in methods.items():
        function = getattr(component, method)
        if function is getattr(base, method, None):
            raise ValueError(f"{what} has no {method}()")
        try:
            inspect.signature(function).bind(*range(count + 1))
        except TypeError as error:
            raise ValueError(
                f"{what}: {method}{inspect.signature(function)} cannot be called with {count} "
                f"arguments: {error}"
            ) from None


def check_arguments(what: str, kind: str, component: Any) -> None:
    """Check that a grid file can give each argument of the constructor by its name."""
    signature, supplied = inspect.signature(component), KINDS[kind].supplied
    given = parameters(component)
    if [p for p in given[:supplied] if p.kind != NAMED[0]] or len(given) < supplied:
        raise ValueError(f"{what} must take ({SUPPLIED[kind]}), got {signature}")
    taken = {"name", *(DataSettings.model_fields if kind == "data" else ())}
    for parameter in given[supplied:]:
        if parameter.kind not in NAMED:
            raise ValueError(f"{what} takes {parameter}; allowed: arguments with names")
        if parameter.name in taken or parameter.name.startswith("_"):
            raise ValueError(f"{what}: no argument can be called {parameter.name!r}")
        if parameter.default is not parameter.empty:
            check_plain(what, parameter.name, parameter.default)


def check_plain(what: str, name: str, default: Any) -> None:
    """Check that a default can stand in a grid file."""
    try:
        json.dumps(default, allow_nan=False)
    except (TypeError, ValueError):
        raise ValueError(
            f"{what}: the default of {name} must be plain data, got {default!r:.60}"
        ) from None


def is_pair(value: Any) -> bool:
    """Whether something is a low and a high bound."""
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and all(isinstance(bound, (int, float)) for bound in value)
        and value[0] < value[1]
    )


def are_tasks(value: Any) -> bool:
    """Whether something is some of the tasks."""
    return isinstance(value, tuple) and value != () and all(task in TASKS for task in value)


def is_text(value: Any) -> bool:
    """Whether something is a line of text."""
    return isinstance(value, str) and value.isprintable()


Fact = tuple[Callable[[Any], bool], str]
TASK_NAMES: Fact = (are_tasks, f"a tuple of {', '.join(TASKS)}")
# kind -> the attributes of its classes that others read: whether one is right, what it must be
FACTS: dict[str, dict[str, Fact]] = {
    "activation": {"range": (lambda v: v is None or is_pair(v), "a tuple (low, high)")},
    "loss": {
        "tasks": (lambda v: v is None or are_tasks(v), TASK_NAMES[1]),
        "domain": (lambda v: v is None or is_pair(v), "a tuple (low, high)"),
    },
    "metric": {  # and what a store keeps of it, which register() has checked
        "title": (is_text, "text"),
        "difference": (is_text, "text"),
        "digits": (lambda v: type(v) is int and 0 <= v <= 15, "a whole number from 0 to 15"),
        "margin": (lambda v: isinstance(v, (int, float)) and v >= 0, "a number of at least 0"),
        "tasks": TASK_NAMES,
    },
}
