"""Verdicts for a reader: the word first, then the claim, its intervals, and plain English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from minidl_cli.layout import (
    BAR,
    BEST,
    bar,
    console,
    print_prose,
    print_table,
    print_text,
    print_title,
    scale,
    style_of,
)
from minidl_cli.output import printable

if TYPE_CHECKING:
    from minidl.report.tables.table import Table
    from minidl.report.verdicts.answers import Answer
    from minidl.report.verdicts.claim_verdict import ClaimVerdict
    from minidl.report.verdicts.judgement import Judgement

Ends = dict[str, tuple[float, float]]


def print_tables(tables: Sequence[Table]) -> None:
    """Print tables for a reader, a note that several of them share under the last one only."""
    for number, (table, later) in enumerate(zip(tables, [*tables[1:], None], strict=True)):
        if number:
            print()
        notes = [note for note in table.notes if later is None or note not in later.notes]
        if table.best and not (later and later.best):  # what the mark means is told once
            notes.append(f"{BEST} the best mean of its table")
        prose = "where" if "where" in table.header else None
        print_table(table.title, table.header, table.rows, notes, table.best, prose)


def print_verdicts(judgement: Judgement) -> None:
    """Print the verdict on every claim with its differences and a line of plain English.

    Where nothing is claimed, the verdicts on the published numbers.
    """
    from minidl.report.pages.published import numbers_table
    from minidl.report.words import mixed_note

    if judgement.claims:
        print_title("The claims")
        parts = [part for claim in judgement.claims for part in claim.parts]
        for number, claim in enumerate(judgement.claims, start=1):
            print_claim(number, claim, parts)
    elif judgement.cells:
        print_tables([numbers_table(judgement)])
    else:
        print_prose("Nothing is claimed, and no published number is of these settings.")
    if judgement.mixed:
        print_prose(mixed_note(judgement.mixed))


def print_claim(number: int, claim: ClaimVerdict, every: Sequence[Answer]) -> None:
    """Print one claim, laid out as those of ``every`` part are."""
    from minidl.report.pages.sentences import explain_answer
    from minidl.report.pages.verdicts import readings_text

    print()
    print_verdict(f"{number} ", claim.verdict)
    print_prose(f"“{claim.text}”", indent=2)
    print_differences(claim.parts, every)
    said = [explain_answer(part, at_level=True) for part in claim.parts]
    for sentence in [*dict.fromkeys(said), *readings_text(claim)]:
        print_prose(sentence, indent=2)


def print_verdict(before: str, verdict: str) -> None:
    """Print a verdict in its colour."""
    print_text(Text(before).append(printable(verdict), style=style_of(verdict)))


def print_differences(answers: Sequence[Answer], every: Sequence[Answer]) -> None:
    """Print a line for each difference: its question, the interval as a bar, and its numbers, on
    the scales and in the columns of ``every`` answer.
    """
    from minidl.report.pages.claims import question, shown

    ends, width = scales(every), console().width
    rows = [[printable(question(each)), *shown(each)[:2]] for each in every]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    beside = sum(widths) + BAR + 8 <= width
    for answer in answers:
        asked, difference, interval = printable(question(answer)), *shown(answer)[:2]
        numbers = [f"{difference:>{widths[1]}}", f"{interval:>{widths[2]}}"]
        line = Text(f"  {asked:<{widths[0]}}  " if beside else "    ")
        line.append(bar_of(answer, ends))
        if not beside:
            print_prose(asked, indent=2)
        if not beside and BAR + sum(widths[1:]) + 8 > width:
            print_prose(f"{difference}, {interval}", indent=4)
            print_text(line)
        else:
            print_text(line.append(f"  {'  '.join(numbers)}"))


def bar_of(answer: Answer, ends: Ends) -> Text:
    """Return an answer's interval as a bar on the scale of its unit."""
    found = ends.get(answer.measure.unit)
    if found is None or not answer.n:
        return Text(" " * BAR)
    interval = answer.interval
    return bar(interval.low, answer.difference, interval.high, answer.margin, found)


def scales(answers: Sequence[Answer]) -> Ends:
    """Return a scale for each unit among some answers, which holds all their intervals."""
    values: dict[str, list[float]] = {}
    for a in answers:
        ends = (a.interval.low, a.interval.high, a.difference, a.margin, -a.margin)
        values.setdefault(a.measure.unit, []).extend(ends if a.n else ())
    return {unit: scale(own) for unit, own in values.items()}


def print_answers(answers: Sequence[Answer]) -> None:
    """Print the answers to a question of one's own, and where the difference depends."""
    from minidl.report.pages.claims import cells_table, contrasts_table
    from minidl.report.pages.sentences import explain_answer, notes

    for answer in answers:
        print_verdict("", answer.verdict)
        print_differences([answer], answers)
        print_prose(explain_answer(answer, at_level=True), indent=2)
        print_prose(p_and_seeds(answer), indent=2)
        for note in notes(answer):
            print_prose(note, indent=2)
        print()
    tables = [t for a in answers for t in (contrasts_table(a), cells_table(a)) if t.rows]
    print_tables([with_bars(table) for table in tables])


def p_and_seeds(answer: Answer) -> str:
    """Return on how many seeds an answer rests, and its p-value."""
    from minidl.report.words import counted, p_told

    return f"{counted(answer.n, 'seed')}; {p_told(float(answer.evidence.p))}."


def with_bars(table: Table) -> Table:
    """Return a table of differences with their intervals as bars."""
    from dataclasses import replace

    rows = table.numbers
    known = [value for row in rows for value in (row["low"], row["high"]) if value is not None]
    ends = scale(known)
    numbers = [
        tuple(
            float("nan") if row[key] is None else row[key] for key in ("low", "difference", "high")
        )
        for row in rows
    ]
    bars = [bar(low, mean, high, 0.0, ends).plain for low, mean, high in numbers]
    at = table.header.index("95 % interval") + 1
    shown = [[*own[:at], b, *own[at:]] for own, b in zip(table.rows, bars, strict=True)]
    header = [*table.header[:at], "", *table.header[at:]]
    told = [i for i in range(len(header)) if any(row[i] for row in shown)]
    rows = [[row[i] for i in told] for row in shown]
    return replace(table, header=[header[i] for i in told], rows=rows)
