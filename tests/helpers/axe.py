"""What axe-core says of a page: a line for each thing that it finds wrong."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any


@cache
def script() -> str:
    """Return axe-core, as a package of Python's brings it along."""
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def complaints(page: Any) -> list[str]:
    """Return what is wrong with a page, each with where."""
    page.evaluate(script())
    found = page.evaluate("axe.run().then(result => result.violations)")
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:150]} {node['failureSummary'][:300]}"
        for rule in found
        for node in rule["nodes"]
    ]
