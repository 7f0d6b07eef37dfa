"""Components in settings: a name, or ``{name: ..., argument: ...}``, checked and completed.

The constructor is the only judge. Its signature says which arguments there are, of which type, with
which defaults; a call with them says whether the values are allowed.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable
from functools import cache, reduce
from operator import or_
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from minidl.registry import KINDS, Kind
from minidl.study.errors import InputError
from minidl.study.files.complaints import first_complaint, shown, unknown
from minidl.study.grid.blame import own_line, told
from minidl.study.grid.installed import load_installed


def components(kind: str) -> Kind:
    """Return the components of a kind, loading the framework that registers them, and packages.

    Raises InputError when an installed package's components cannot be loaded.
    """
    import minidl.everything  # noqa: F401  # takes a second, which who only reads need not wait

    load_installed()
    return KINDS[kind]


def forget_arguments() -> None:
    """Forget what signatures said: a person's own component may have become another one."""
    arguments.cache_clear()
    _resolve.cache_clear()


def probe(kind: str) -> tuple[Any, ...]:
    """Return the least that shows whether a constructor takes its settings."""
    import torch

    supplied = {
        "optimizer": ([],),
        "init": (1, 1, torch.Generator()),
        "layer": (1, torch.Generator()),
    }
    return supplied.get(kind, ())


@cache
def arguments(kind: str, name: str) -> type[BaseModel]:
    """Return the model of a component's own arguments, read from its constructor's signature."""
    component = components(kind)[name]
    from torch import Tensor

    both = (base_of(component), component)
    functions = [each.__init__ if isinstance(each, type) else each for each in both]
    hints = {
        k: h for f in functions for k, h in get_type_hints(f, None, {"Tensor": Tensor}).items()
    }
    fields: dict[str, Any] = {
        parameter.name: (
            plain(hints.get(parameter.name, Any)),
            ... if parameter.default is parameter.empty else parameter.default,
        )
        for parameter in parameters(component)[KINDS[kind].supplied :]
    }
    strict = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, validate_default=True)
    return create_model(name, __config__=strict, **fields)


def base_of(component: Any) -> Any:
    """Return the class behind all that a component is made from; a function is its own."""
    return component.__mro__[-2] if isinstance(component, type) else component


def parameters(component: Any) -> list[inspect.Parameter]:
    """Return a constructor's parameters. A last ``**common`` stands for those that the class behind
    all of its kind has by keyword only, if there are any.
    """
    own = list(inspect.signature(component).parameters.values())
    if not own or own[-1].kind is not inspect.Parameter.VAR_KEYWORD:
        return own
    names = {parameter.name for parameter in own}
    common = [
        parameter
        for parameter in inspect.signature(base_of(component)).parameters.values()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and parameter.name not in names
    ]
    return [*own[:-1], *common] if common else own


def plain(hint: Any) -> Any:
    """Drop from ``float | Tensor`` what a settings file cannot hold."""
    from torch import Tensor

    options = [option for option in get_args(hint) if option is not Tensor]
    return reduce(or_, options) if Tensor in get_args(hint) and options else hint


def resolve(kind: str, value: Any, also: Iterable[str] = ()) -> dict[str, Any]:
    """Return ``{name, every argument}`` for a component's name or mapping.

    ``also`` are keys of its mapping that are checked elsewhere. Raises ValueError when the name or
    an argument is unknown, of a wrong type or not allowed.
    """
    settings = {"name": value} if isinstance(value, str) else value
    if not isinstance(settings, dict) or not isinstance(settings.get("name"), str):
        raise ValueError(f"{kind} must be a name or a mapping with a name, got {shown(value)}")
    name = settings["name"]
    if name not in components(kind):
        raise ValueError(unknown(kind, name, KINDS[kind]))
    known = [*arguments(kind, name).model_fields, *also]
    if surplus := [key for key in settings if key not in known and key != "name"]:
        raise ValueError(unknown(f"argument of {kind} {name!r}", surplus[0], known))
    try:
        return json.loads(_resolve(kind, json.dumps(settings)))
    except TypeError:
        raise ValueError(f"{kind} {name!r} must be plain data, got {shown(value)}") from None


@cache
def _resolve(kind: str, text: str) -> str:
    given = json.loads(text)
    name = given.pop("name")
    try:
        complete = arguments(kind, name).model_validate(given).model_dump()
    except ValidationError as error:
        raise ValueError(f"{kind} {name!r}: {first_complaint(error)[1]}") from None
    try:
        KINDS[kind][name](*probe(kind), **complete)
    except Exception as error:  # whatever it is, it comes of these arguments
        raise ValueError(f"{kind} {name!r}: {reason(error)}") from None
    return json.dumps({"name": name, **complete})


def reason(error: Exception) -> str:
    """Return why a constructor refused its arguments, on one line: the words of a ValueError, and
    otherwise the error's name too, with the line where it is a fault in a person's own file.
    """
    if isinstance(error, ValueError):
        return str(error)
    line = own_line(error)
    return told(error) if line is None else f"{line}: {told(error)}"


def make(kind: str, settings: dict[str, Any], *supplied: Any) -> Any:
    """Build the component of resolved settings, passing what the framework supplies first.

    Raises InputError when it is unknown: stored settings may speak of a component that is gone.
    """
    if settings["name"] not in components(kind):
        raise InputError(unknown(kind, settings["name"], KINDS[kind]))
    own = {key: value for key, value in settings.items() if key != "name"}
    try:
        return KINDS[kind][settings["name"]](*supplied, **own)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise InputError(f"{kind} {settings['name']!r}: {reason(error)}") from None
