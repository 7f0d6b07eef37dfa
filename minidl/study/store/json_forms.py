"""JSON texts of a store: plain data, of the form that is declared for it."""

from __future__ import annotations

import json
import math
import sys
from typing import Any, TypeAlias

from minidl.study.files.complaints import shown

MAX_DEPTH = 20
LARGEST = int(sys.float_info.max)  # a whole number beyond cannot be turned into another

# A type (object: any), a range of whole numbers, a list of one form, a mapping that has at least
# these keys (those with a question mark may be missing), or a tuple of which one form must fit.
Form: TypeAlias = "type | range | list[Form] | dict[str, Form] | tuple[Form, ...] | None"

ANY: Form = object

COMPONENT: Form = {"name": str}
SIZE = range(1, 1_000_001)
PART: Form = {"name": str, "width?": range(1, 10_001)}
STOPPING: Form = {"monitor": (str, None), "patience": SIZE, "min_delta": (float, int)}
SETTINGS: Form = {
    "data": {"name": str, "train": SIZE, "test": range(1_000_001), "normalize": str},
    "model": {
        "hidden": [range(1, 10_001)],
        "output": COMPONENT,
        "threshold": (float, int),
        "dropout?": (float, int, [(float, int)]),
        "layer_norm?": bool,
        "layers?": ([PART], None),
    },
    "activation": COMPONENT,
    "loss": COMPONENT,
    "optimizer": COMPONENT,
    "init": COMPONENT,
    "batch_size": SIZE,
    "epochs": (SIZE, None),
    "updates?": (range(1, 10**9 + 1), None),
    "shuffle?": str,
    "validation?": (float, int, None),
    "early_stopping?": (STOPPING, None),
    "evaluate_every": SIZE,
}
OUTLINE: Form = {
    "name": str,
    "axes": [str],
    "reference": (str, None),
    "seeds": (SIZE, [range(2**63)]),
    "planned_seeds?": (SIZE, None),
    "published?": bool,
}
MAPPING: Form = {}
WORDS = {
    str: "text",
    float: "a number",
    int: "a whole number",
    bool: "true or false",
    None: "nothing",
}


def decode(text: str) -> Any:
    """Return what a JSON text says; raises ValueError when it is not JSON, or not plain data."""
    try:
        found = json.loads(text)
    except RecursionError:
        raise ValueError(f"nested too deeply; allowed: {MAX_DEPTH} levels") from None
    check_plain(found)
    return found


def check_plain(value: Any, depth: int = 0) -> None:
    """Raise ValueError for what is nested too deeply, no number of JSON's, or no text."""
    if depth > MAX_DEPTH:
        raise ValueError(f"nested too deeply; allowed: {MAX_DEPTH} levels")
    if isinstance(value, dict):
        for key, item in value.items():
            check_plain(key, depth + 1)
            check_plain(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            check_plain(item, depth + 1)
    elif isinstance(value, str):
        value.encode()  # UnicodeEncodeError, a ValueError, for half a character
    elif isinstance(value, (int, float)) and not (
        math.isfinite(value) if isinstance(value, float) else abs(value) <= LARGEST
    ):
        raise ValueError("a number is not finite")


def misfit(value: Any, form: Form, at: str = "") -> str | None:
    """Return where a value is not of a form and what it must be, None when it is."""
    if isinstance(form, dict) and isinstance(value, dict):
        parts = (misfit_of_part(value, key, own, at) for key, own in form.items())
        return next(filter(None, parts), None)
    if isinstance(form, list) and isinstance(value, list):
        return next(filter(None, (misfit(item, form[0], at) for item in value)), None)
    fits = (
        any(misfit(value, one) is None for one in form)
        if isinstance(form, tuple)
        else (is_of(value, form))
    )
    return None if fits else f"{at or 'it'} must be {described(form)}, got {shown(value)}"


def misfit_of_part(value: dict[str, Any], key: str, form: Form, at: str) -> str | None:
    """Return what is wrong with one part of a mapping."""
    name = key.removesuffix("?")
    place = f"{at}.{name}".lstrip(".")
    if name not in value:
        return None if name != key else f"{place} is missing"
    return misfit(value[name], form, place)


def is_of(value: Any, form: Form) -> bool:
    """Whether a single value is of a form."""
    if isinstance(form, range):
        return type(value) is int and value in form
    return value is None if form is None else form in (object, type(value))


def described(form: Form) -> str:
    """Return a form in words."""
    if isinstance(form, tuple):
        return " or ".join(map(described, form))
    if isinstance(form, range):
        return f"a whole number from {form[0]:,} to {form[-1]:,}"
    if isinstance(form, (dict, list)):
        return "a mapping" if isinstance(form, dict) else "a list"
    return WORDS[form]
