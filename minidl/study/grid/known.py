"""The names of the framework's components, read from its source: quicker than loading it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from minidl.registry import KINDS

REGISTERED = re.compile(r'^@register\("(\w+)", "(\w+)"\)', re.MULTILINE)


@cache
def shipped(kind: str) -> frozenset[str]:
    """Return the names of a kind that the framework's own files register."""
    found: set[str] = set()
    core = Path(__file__).parents[2]
    for path in (*core.glob("*.py"), *core.glob("*/*.py")):
        found |= {name for of, name in REGISTERED.findall(path.read_text("utf-8")) if of == kind}
    return frozenset(found)


def names(kind: str) -> set[str]:
    """Return the names of a kind's components: those that ship, and those registered so far."""
    return set(shipped(kind)) | set(KINDS[kind])
