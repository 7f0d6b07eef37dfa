"""The page as one text: plain data, put into a template that escapes it."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from minidl.report.html.answer import answer_block, pairs_block, spread_text
from minidl.report.html.curves import curves_data
from minidl.report.html.matters import matters
from minidl.report.html.networks import networks_data
from minidl.report.html.pack import Numbers, packed
from minidl.report.html.runs import (
    COMMAND,
    cells_data,
    made_block,
    runs_data,
    scores_data,
    state_text,
)
from minidl.report.html.scores import shaded_tables
from minidl.report.html.sweeps import sweep_data
from minidl.report.results import Results
from minidl.report.tables.scores import axes_of
from minidl.report.tables.table import Table
from minidl.report.verdicts.judgement import Judgement
from minidl.report.words import mixed_note
from minidl.study.files.printable import printable_lines
from minidl.study.result import headline
from minidl.study.store.store import Store

if TYPE_CHECKING:
    from minidl.report.networks.again import Again

FACE = Path(__file__).parent / "face"
PLACE = '<script type="text/plain" id="data">'  # of the data; no escaped text can look so
SCRIPTS = (
    *("load", "page", "scale", "chart", "curves", "sweeps", "pairs", "run", "seeds", "runs"),
    *("forms", "weights", "forward", "answers", "contour", "canvas", "planes", "fits"),
    *("epochs", "gallery", "controls", "inside", "start"),
)


def render_page(
    results: Results,
    tables: list[Table],
    judgement: Judgement | None,
    *,
    watched: bool = False,
    again: Again | None = None,
) -> str:
    """Return the page ``report.html``: one file that loads nothing and sends nothing.

    One that is ``watched`` is written again and again: it opens itself anew every ten seconds.
    ``again`` are networks that were trained once more, for their weights from during training.
    """
    score = headline(results.scores) if results.scores else None
    pairs, numbers = pairs_block(results, score) if score else None, Numbers()
    with Store(results.folder) as store:
        records, environments = store.records(), store.environments()
        data = {
            "axes": axes_of(results),
            "seeds": results.study.seeds,
            "headline": score,
            "scores": scores_data(results),
            "cells": cells_data(results),
            "runs": runs_data(results, records),
            "curves": curves_data(results, store),
            "networks": networks_data(results, store, numbers, again),
            "environments": environments,
            "sweep": sweep_data(results, score) if score else None,
            "pairs": pairs["seeds"] if pairs else [],
            "command": COMMAND,
            "watched": watched,
        }
    return fill(
        name=results.study.name,
        reference=None if judgement is None else judgement.reference.title,
        state=state_text(results, records),
        mixed=mixed_note(len(results.mixed)) if results.mixed else "",
        answer=answer_block(judgement),
        waiting=judgement is None and results.study.reference is not None,
        spread=spread_text(results, score) if score else "No run has ended yet.",
        pairs=pairs,
        matters=matters(results, score) if score else None,
        tables=shaded_tables(results, tables, judgement),
        made=made_block(results, records, environments),
        watched=watched,
        data=packed(data, numbers),
    )


def fill(data: str, **blocks: Any) -> str:
    """Put blocks into the template, which escapes them, and the data, base 64, in its place."""
    script = "\n".join((FACE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    script = f'"use strict";\n(async () => {{\n{script}\n}})();\n'
    style = (FACE / "page.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(FACE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("page.html").render(
        **blocks,
        script=Markup(script),  # our own files: the page's policy holds them by their digest
        style=Markup(style),
        policy=policy(script, style),
    )
    return printable_lines(text).replace(PLACE, PLACE + data, 1)


def policy(script: str, style: str) -> str:
    """Return the content security policy: our script and our style, by digest, and nothing else."""
    return (
        f"default-src 'none'; script-src '{digest(script)}'; style-src '{digest(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def digest(text: str) -> str:
    """Return a text's digest as a policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
