"""What is wrong with a value, in words: what it must be, and what came."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a reader of stores, who only complains, needs neither pydantic nor YAML
    from pydantic import ValidationError

    from minidl.study.files.yaml_file import KeyPath, Places

BRANCH = re.compile(r"(int|float|str|bool|literal\[.*)$")  # a type's name, as pydantic has it
LONGEST = 60  # characters of a wrong value that a message shows

# pydantic's name of a mistake -> what the value must be, in the words of someone who writes YAML
MUST = {
    "string_type": "be text",
    "string_too_short": "not be empty",
    "int_type": "be a whole number",
    "float_type": "be a number",
    "bool_type": "be true or false",
    "list_type": "be a list",
    "dict_type": "be a mapping",
    "model_type": "be a mapping",
    "finite_number": "be finite",
    "greater_than": "be greater than {gt:,}",
    "greater_than_equal": "be at least {ge:,}",
    "less_than": "be less than {lt:,}",
    "less_than_equal": "be at most {le:,}",
    "too_short": "hold at least {min_length} value",
    "too_long": "hold at most {max_length} values",
    "literal_error": "be {expected}",
}


def shown(value: object) -> str:
    """Return a value as a message shows it: in the words of YAML, and cut short."""
    words = {None: "nothing", True: "true", False: "false"}
    text = words[value] if value is None or isinstance(value, bool) else repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def unknown(what: str, name: object, known: Iterable[str]) -> str:
    """Return the message about a name that is not among the known ones."""
    known = sorted(known)
    close = difflib.get_close_matches(str(name)[:LONGEST], known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"{what} {shown(name)} is unknown; known: {', '.join(known) or '(none)'}{hint}"


def explain(error: ValidationError, places: Places) -> str:
    """Return pydantic's first complaint as one line: where, what is allowed, what came."""
    path, text = first_complaint(error)
    while path and path not in places:
        path = path[:-1]
    return f"{places.get(path, places[()])}: {text}"


def first_complaint(error: ValidationError) -> tuple[KeyPath, str]:
    """Return the path of keys to the first wrong value, and what is wrong with it.

    A validator's own ValueError says everything itself, and is passed on as it is.
    """
    first: Any = error.errors(include_url=False)[0]
    path = tuple(first["loc"])
    context = first.get("ctx", {})
    cause = context.get("error")
    if first["type"] == "unknown_key":
        of = f"key of {'.'.join(map(str, path))}" if path else "key"
        return (*path, context["key"]), unknown(of, context["key"], context["known"])
    if cause is not None:
        return (*path, context["key"]) if "key" in context else path, str(cause)
    name = ".".join(map(str, path))
    if first["type"] == "missing":
        return path, f"{name} is missing"
    if musts := alternatives(error):
        path = path[:-1]
        name = ".".join(map(str, path))
        return path, f"{name} must {', or '.join(musts)}, got {shown(first['input'])}"
    must = MUST.get(first["type"])
    said = f"must {must.format(**context)}" if must else f"is wrong: {first['msg']}"
    return path, f"{name} {said}, got {shown(first['input'])}"


def alternatives(error: ValidationError) -> list[str]:
    """Return what the first wrong value must be, where it may be of several types; [] otherwise.

    pydantic complains once for each type, and ends the path with the type's name.
    """
    first, *rest = error.errors(include_url=False)
    if not BRANCH.match(str(first["loc"][-1:] and first["loc"][-1])):
        return []
    alike = [first, *(other for other in rest if other["loc"][:-1] == first["loc"][:-1])]
    return [MUST[e["type"]].format(**e.get("ctx", {})) for e in alike if e["type"] in MUST]
