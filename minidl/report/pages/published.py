"""The published numbers beside our runs, as tables: cell by cell, and all cells together."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from minidl.report.measures import MEASURES
from minidl.report.statistics.intervals import Interval
from minidl.report.tables.table import Table
from minidl.report.verdicts.agreement import Agreement
from minidl.report.verdicts.judgement import Judgement
from minidl.report.verdicts.together import Together
from minidl.report.words import counted, decimal, name_cell, p_text, plain, unsigned

AGREEMENT = ["published", "mean", "expected, 95 %", "seeds", "verdict"]


def numbers_table(judgement: Judgement) -> Table:
    """Return the published numbers beside our runs of their cells."""
    axes = list(dict.fromkeys(axis for found in judgement.cells for axis in found.labels))
    return Table(
        "Cell by cell",
        [*axes, "measure", *AGREEMENT],
        [
            [*(found.labels.get(axis, "–") for axis in axes), *agreement_row(found)]
            for found in judgement.cells
        ],
        [],
        [
            {axis: found.labels.get(axis) for axis in axes} | agreement_numbers(found)
            for found in judgement.cells
        ],
    )


def agreement_row(found: Agreement) -> list[str]:
    """Return a published number's comparison as texts."""
    digits = MEASURES[found.measure].digits - 1
    return [
        MEASURES[found.measure].title,
        published(found, digits),
        decimal(found.summary.mean, digits) if found.summary.n else "–",
        range_of(found.near, digits),
        str(found.summary.n),
        found.verdict,
    ]


def published(found: Agreement, digits: int) -> str:
    """Return a published number as a text: ``93.8``, ``93.77 ± 2.63 (32 runs)``."""
    own = found.reported
    if own.sd is None:
        return unsigned(own.mean, digits)
    mean, sd = decimal(own.mean, digits + 1), decimal(own.sd, digits + 1)
    return f"{mean} ± {sd} ({own.runs} runs)"


def range_of(interval: Interval, digits: int) -> str:
    """Return an interval of scores as a text."""
    if not isfinite(interval.low):
        return "–"
    return f"{unsigned(interval.low, digits)} to {unsigned(interval.high, digits)}"


def agreement_numbers(found: Agreement) -> dict[str, Any]:
    """Return a published number's comparison as plain data."""
    return {
        "measure": found.measure,
        "published": found.published,
        "published_sd": found.reported.sd,
        "published_runs": found.reported.runs,
        "published_values": found.reported.values and list(found.reported.values),
        "mean": plain(found.summary.mean),
        "sd": plain(found.summary.sd),
        "ratio": found.ratio if found.ratio is None else plain(found.ratio),
        "low": plain(found.near.low),
        "high": plain(found.near.high),
        "far_low": plain(found.far.low),
        "far_high": plain(found.far.high),
        "n": found.summary.n,
        "p": plain(found.p),
        "rank_p": plain(found.rank_p),
        "beyond": found.beyond,
        "verdict": found.verdict,
    }


def together_table(groups: Sequence[Together]) -> Table:
    """Return the means of the published numbers beside ours, group by group."""
    axes = list(dict.fromkeys(axis for group in groups for axis in group.labels))
    pairs = [(group, found) for group in groups for found in group.agreements]
    return Table(
        "All cells together",
        [*axes, "measure", *AGREEMENT, "p", "as far out", "rank p"],
        [
            [
                *(group.labels.get(axis, "–") for axis in axes),
                *agreement_row(found),
                p_text(found.p),
                f"{found.beyond} of {found.summary.n}",
                p_text(found.rank_p),
            ]
            for group, found in pairs
        ],
        [note for group in groups for note in together_notes(group)],
        [
            {
                **{axis: group.labels.get(axis) for axis in axes},
                **agreement_numbers(found),
                "cells": group.cells,
                "left_out": group.left_out,
            }
            for group, found in pairs
        ],
    )


def together_notes(group: Together) -> list[str]:
    """Return what a group's means leave out."""
    name = f"{name_cell(group.labels)}: " if group.labels else ""
    lines = []
    if group.cells < group.published_cells:
        lines.append(f"{name}{group.cells} of the {group.published_cells} published cells.")
    if group.left_out:
        without = counted(len(group.left_out), "seed")
        lines.append(f"{name}without {without} of which a run is missing.")
    return lines
