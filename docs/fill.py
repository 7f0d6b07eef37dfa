"""Puts the code that runs into the pages that show it.

A comment ``<!-- code: package.module.Class.function ... -->`` names what the block of Python below
it shows, and ``<!-- file: configs/paper.yaml -->`` the file that a block of YAML shows.
``python docs/fill.py`` writes the blocks; a test checks that nothing is left to write.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[1]
CODE = re.compile(r"(<!-- code: (.*?) -->)(?:\n+```python\n.*?```)?", re.DOTALL)
FILE = re.compile(r"(<!-- file: (.*?) -->)(?:\n+```yaml\n.*?```)?", re.DOTALL)


def filled(page: str) -> str:
    """Return a page with the sources and the files that it names, each below its comment."""
    page = CODE.sub(lambda found: f"{found[1]}\n\n```python\n{sources(found[2])}```", page)
    return FILE.sub(
        lambda found: f"{found[1]}\n\n```yaml\n{(ROOT / found[2]).read_text('utf-8')}```", page
    )


def sources(names: str) -> str:
    """Return the sources of functions and classes, named in full, with two lines between them."""
    return "\n\n".join(dedent(inspect.getsource(pkgutil.resolve_name(n))) for n in names.split())


if __name__ == "__main__":
    for path in Path(__file__).parent.rglob("*.md"):
        if (before := path.read_text("utf-8")) != (after := filled(before)):
            path.write_text(after, "utf-8")
