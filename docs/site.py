"""Gathers the pages of the site: ``make docs``.

The site's folders are the project's, so the links of a page lead to the same places in both. Three
pages of reference are made from the program itself, the notebook becomes a page, and the studies
that are quickly trained have their reports beside the pages that tell of them.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer
from typer.cli import get_docs_for_click
from typer.main import get_command

import minidl
from minidl.study.grid.catalogue import catalogue
from minidl.study.grid.spec import StudySpec
from minidl_cli.app import app

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "build" / "pages"
STORES = ROOT / "build" / "studies"  # what is trained stays there for the next time
REPORTS = {  # the studies to train, by their files, and the page that tells of each
    "docs/examples/moons.yaml": "docs/tutorial.md",
    "configs/smoke.yaml": "docs/report.md",
    "configs/paper.yaml": "docs/paper.md",
    "configs/ee559_2021.yaml": "docs/studies/ee559.md",
    "configs/double_descent.yaml": "docs/studies/double_descent.md",
}
SHOWN = [
    "*.md",
    "LICENSE",
    "Dockerfile",
    "docs/**/*.md",
    "docs/*.py",
    "docs/examples/*",
    "docs/*.ipynb",
    "docs/**/*.png",
    "docs/**/*.webp",
    "configs/**/*.yaml",
    "results/reference/**/*.*",
    "minidl/engine/README.md",
    "minidl/study/store/*.sql",
]


def gather() -> None:
    """Copy what the site shows, and write what it is made from."""
    shutil.rmtree(PAGES, ignore_errors=True)
    for pattern in SHOWN:
        for path in ROOT.glob(pattern):
            copy = PAGES / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    (PAGES / "README.md").rename(PAGES / "index.md")
    for page in PAGES.rglob("*.md"):
        page.write_text(page.read_text("utf-8").replace("tour.ipynb)", "tour.md)"), "utf-8")
    write("docs/tour.md", notebook(json.loads((ROOT / "docs/tour.ipynb").read_text("utf-8"))))
    write("docs/reference/commands.md", commands())
    write("docs/reference/components.md", components())
    write("docs/reference/settings.md", settings())
    for grid, page in REPORTS.items():
        report(ROOT / grid, PAGES / page)


def write(name: str, text: str) -> None:
    """Write one page."""
    (PAGES / name).parent.mkdir(parents=True, exist_ok=True)
    (PAGES / name).write_text(text, "utf-8")


def report(grid: Path, page: Path) -> None:
    """Train what is missing of a study, and link its report below the heading of a page."""
    study = minidl.run(grid, STORES / grid.stem, jobs=os.cpu_count() or 1)
    out = PAGES / "reports" / f"{grid.stem}.html"
    out.parent.mkdir(exist_ok=True)
    study.report(out)
    heading, text = page.read_text("utf-8").split("\n", 1)
    told = f"Open the report of {grid.name}: {len(study.runs)} networks in one file"
    link = f"[{told}]({os.path.relpath(out, page.parent)})"
    page.write_text(f"{heading}\n\n**{link}**\n{text}", "utf-8")


def commands() -> str:
    """Return every command with its arguments and options."""
    command = get_command(app)
    return get_docs_for_click(obj=command, ctx=typer.Context(command), name="minidl")


def components() -> str:
    """Return every component with its arguments, kind by kind."""
    rows = catalogue()
    lines = ["# Components", "", "What `minidl list` prints: whatever a grid file can name."]
    for kind in dict.fromkeys(row["kind"] for row in rows):
        lines += ["", f"## {kind}", "", *table("name", "arguments", "what it is")]
        lines += [
            line_of(f"`{row['name']}`", in_code(row["arguments"]), row["summary"])
            for row in rows
            if row["kind"] == kind
        ]
    return "\n".join(lines) + "\n"


def settings() -> str:
    """Return every key of a grid file, from its schema."""
    lines = ["# Keys of a grid file", "", "What they mean together is in [grid.md](../grid.md)."]
    schema = StudySpec.model_json_schema()
    for title, own in {"A study": schema, **schema["$defs"]}.items():
        if keys := own.get("properties"):
            lines += ["", f"## {title}", "", own.get("description", ""), ""]
            lines += table("key", "default", "what it is")
            lines += [
                line_of(f"`{key}`", json.dumps(value.get("default", "…")), text_of(value))
                for key, value in keys.items()
            ]
    return "\n".join(lines) + "\n"


def text_of(value: dict[str, Any]) -> str:
    return value.get("description", value.get("title", ""))


def in_code(arguments: dict[str, Any]) -> str:
    return ", ".join(f"`{name}={value}`" for name, value in arguments.items())


def table(*header: str) -> list[str]:
    return [line_of(*header), line_of(*("---" for _ in header))]


def line_of(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def notebook(cells: dict[str, Any]) -> str:
    """Return a notebook as a page: its texts, its code, and what that showed."""
    return "\n\n".join(part for cell in cells["cells"] for part in parts(cell)) + "\n"


def parts(cell: dict[str, Any]) -> Iterable[str]:
    """Yield the Markdown of one cell."""
    text = "".join(cell["source"])
    yield text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```"
    for output in cell.get("outputs", []):
        data = output.get("data", {"text/plain": output.get("text", "")})
        if "image/png" in data:
            yield f"![a plot](data:image/png;base64,{''.join(data['image/png']).strip()})"
        elif "text/html" in data:
            yield "".join(data["text/html"])
        else:
            yield f"```text\n{''.join(data['text/plain'])}\n```"


if __name__ == "__main__":
    gather()
