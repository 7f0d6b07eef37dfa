"""Everything that a grid file can name, with arguments, defaults and a line of what it is."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from typing import Any

from minidl.registry import KINDS
from minidl.study.grid.components import arguments, components
from minidl.study.grid.data import DataSettings, default_sizes
from minidl.study.grid.origins import origin


def catalogue() -> list[dict[str, Any]]:
    """Return a row for every component: kind, name, arguments with their defaults, a line of what
    it is, and where it comes from.
    """
    return [
        {
            "kind": kind,
            "name": name,
            "arguments": defaults(kind, name),
            "summary": summary(component),
            "origin": origin(kind, name),
        }
        for kind in KINDS
        for name, component in sorted(components(kind).items())
    ]


def defaults(kind: str, name: str) -> dict[str, Any]:
    """Return the arguments of a component with their defaults, "..." where there is none."""
    own = arguments(kind, name).model_fields
    common = DataSettings.model_fields if kind == "data" else {}
    found = {
        argument: "..." if field.is_required() else field.default
        for argument, field in {**common, **own}.items()
    }
    return found | (default_sizes(components(kind)[name], {}) if kind == "data" else {})


def summary(component: Any) -> str:
    """Return the first paragraph of a docstring as a line."""
    paragraph = docstring(component).split("\n\n")[0]
    return " ".join(paragraph.replace("``", "").split())


def docstring(thing: Any) -> str:
    """Return a docstring, from the source where ``python -OO`` has dropped it; "" if none."""
    found = inspect.getdoc(thing)
    if found or not sys.flags.optimize > 1:
        return found or ""
    definition = ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]
    assert isinstance(definition, (ast.ClassDef, ast.FunctionDef))
    return ast.get_docstring(definition) or ""
