"""How a table is written: as Markdown, HTML, CSV, LaTeX and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from html import escape

from minidl.report.tables.table import Table
from minidl.study.errors import InputError
from minidl.study.files.cells import as_cell
from minidl.study.files.complaints import unknown
from minidl.study.files.printable import printable


def to_markdown(tables: Sequence[Table]) -> str:
    """Return the tables as GitHub's Markdown."""
    return "\n".join(map(markdown_table, tables))


def markdown_table(table: Table) -> str:
    """Return one table as Markdown; what is not an axis is aligned right."""
    texts = [name for name in table.header if isinstance(table.numbers[0].get(name), str)]
    lines = [
        table.header,
        ["---" if name in texts else "---:" for name in table.header],
        *table.rows,
    ]
    escaped = [[printable(field).replace("|", "\\|") for field in line] for line in lines]
    rows = [f"| {' | '.join(line)} |" for line in escaped]
    return "\n".join(
        [
            f"### {printable(table.title)}",
            "",
            *rows,
            "",
            *(f"- {printable(note)}" for note in table.notes),
            "",
        ]
    )


def to_html(tables: Sequence[Table]) -> str:
    """Return the tables as HTML, with no style of its own."""
    return "\n".join(map(html_table, tables))


def html_table(table: Table) -> str:
    """Return one table as HTML; what is not an axis is aligned right."""
    texts = [isinstance(table.numbers[0].get(name), str) for name in table.header]
    sides = ["left" if is_text else "right" for is_text in texts]
    rows = [("th", table.header), *(("td", row) for row in table.rows)]
    lines = [
        "".join(
            f'<{cell} style="text-align: {side}">{escape(printable(field))}</{cell}>'
            for field, side in zip(row, sides, strict=True)
        )
        for cell, row in rows
    ]
    return "\n".join(
        [
            "<table>",
            f"<caption>{escape(printable(table.title))}</caption>",
            *(f"<tr>{line}</tr>" for line in lines),
            "</table>",
            *(f"<p>{escape(printable(note))}</p>" for note in table.notes),
            "",
        ]
    )


def to_latex(tables: Sequence[Table]) -> str:
    """Return the tables as LaTeX, to be set with the booktabs package."""
    return "\n".join(["% needs \\usepackage{booktabs}", *map(latex_table, tables)])


def latex_table(table: Table) -> str:
    """Return one table as a LaTeX float, its notes below."""
    columns = "".join("l" if name in table.numbers[0] else "r" for name in table.header)
    header, *rows = (
        " & ".join(map(escape_latex, line)) + r" \\" for line in (table.header, *table.rows)
    )
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{escape_latex(table.title.partition(': ')[2])}}}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            header,
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            *(rf"\par\footnotesize {escape_latex(note)}" for note in table.notes),
            r"\end{table}",
            "",
        ]
    )


LATEX = str.maketrans(
    {character: f"\\{character}" for character in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    | {"|": r"\textbar{}", "<": r"\textless{}", ">": r"\textgreater{}"}
    | {"±": r"$\pm$", "–": "--"}
)


def escape_latex(text: str) -> str:
    """Return a text with LaTeX's special characters escaped."""
    return text.translate(LATEX)


def to_csv(tables: Sequence[Table]) -> str:
    """Return the numbers of all tables as one CSV, unrounded, empty where there is none."""
    rows = [row for table in tables for row in table.numbers]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: as_cell(value) for key, value in row.items()} for row in rows)
    return text.getvalue()


def to_json(tables: Sequence[Table]) -> str:
    """Return the tables as one JSON object, numbers unrounded, null where there is none."""
    shown = [
        {"title": table.title, "rows": table.numbers, "notes": table.notes} for table in tables
    ]
    return json.dumps({"tables": shown}, indent=2, ensure_ascii=False) + "\n"


FORMATS: dict[str, Callable[[Sequence[Table]], str]] = {
    "md": to_markdown,
    "html": to_html,
    "csv": to_csv,
    "latex": to_latex,
    "json": to_json,
}


def render(tables: Sequence[Table], format: str) -> str:
    """Return the tables as the text of a file; raises InputError for a format not in FORMATS."""
    if format not in FORMATS:
        raise InputError(f"--format: {unknown('format', format, FORMATS)}")
    return FORMATS[format](tables)
