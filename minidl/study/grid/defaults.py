"""The defaults of settings, read from the framework's source: quicker than loading it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

from minidl.registry import CHOSEN
from minidl.study.grid.data import DataSettings
from minidl.study.grid.matching import look_up
from minidl.study.grid.settings import ModelSettings, RunSettings
from minidl.study.later import ARGUMENTS, PENALTIES

UNKNOWN = object()
COMPUTED = ("model.threshold", "data.train", "data.test")  # their defaults depend on others


def default(settings: dict[str, Any], key: str) -> Any:
    """Return what a dotted key of some settings is unless it is said, ``UNKNOWN`` if that is not
    known here: of somebody's own component, or where it depends on others.
    """
    parent, _, last = key.rpartition(".")
    if key in COMPUTED:
        return UNKNOWN
    if last == "name":
        above, _, last = parent.rpartition(".")
        chosen = form_of(above).get(last)
        return chosen["name"] if isinstance(chosen, dict) else UNKNOWN
    own = form_of(parent)
    if parent in CHOSEN:
        kind, name = CHOSEN[parent], str((look_up(settings, parent) or {}).get("name"))
        own = own | (PENALTIES if kind == "optimizer" else {})
        own = own | arguments(kind, name) | ARGUMENTS.get((kind, name), {})
    return own.get(last, UNKNOWN)


def differs(settings: dict[str, Any], key: str, value: Any) -> bool:
    """Whether a setting is known to be other than its default."""
    usual = default(settings, key)
    return usual is not UNKNOWN and value != usual


def form_of(parent: str) -> dict[str, Any]:
    """Return the defaults of the settings below a key, those of a run for ""."""
    form = {"": RunSettings, "model": ModelSettings, "data": DataSettings}.get(parent)
    fields = {} if form is None else form.model_fields
    return {name: field.default for name, field in fields.items() if not field.is_required()}


@cache
def arguments(kind: str, name: str) -> dict[str, Any]:
    """Return the arguments of a component that ships, each with its default where it is plain."""
    core = Path(__file__).parents[2]
    for path in (*core.glob("*.py"), *core.glob("*/*.py")):
        text = path.read_text("utf-8")
        if f'@register("{kind}", "{name}")' in text:
            return read_arguments(ast.parse(text), kind, name)
    return {}


def read_arguments(module: ast.Module, kind: str, name: str) -> dict[str, Any]:
    """Return the plain defaults of a component's constructor, from its module's source."""
    classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    for node in module.body:
        decorators = getattr(node, "decorator_list", [])
        if not any(ast.unparse(each) == f"register({kind!r}, {name!r})" for each in decorators):
            continue
        if isinstance(node, ast.FunctionDef):
            return plain_defaults(node.args)
        while isinstance(node, ast.ClassDef):
            own = [f for f in node.body if getattr(f, "name", "") == "__init__"]
            if own and isinstance(own[0], ast.FunctionDef):
                return plain_defaults(own[0].args)
            node = next((classes.get(ast.unparse(base)) for base in node.bases), None)
    return {}


def plain_defaults(form: ast.arguments) -> dict[str, Any]:
    """Return those defaults of a signature that are plain data."""
    ordered = [*form.posonlyargs, *form.args]
    pairs = [*zip(ordered[len(ordered) - len(form.defaults) :], form.defaults, strict=True)]
    pairs += [(a, d) for a, d in zip(form.kwonlyargs, form.kw_defaults, strict=True) if d]
    found = {}
    for argument, value in pairs:
        try:
            found[argument.arg] = ast.literal_eval(value)
        except ValueError:
            continue
    return found
