"""``python -m benchmarks [section ...]``: measure, keep the figures, print tables, draw pictures.

Sections: conditions, mixed, where, curves, evaluation, studies, growth, large, cluster; all when
none is named.
What was measured earlier is kept in the folder, so a section can be repeated alone.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from benchmarks import (
    cluster,
    conditions,
    curves,
    evaluation,
    growth,
    large_study,
    mixed,
    where,
    whole_study,
)
from benchmarks.machine import machine
from benchmarks.pictures import draw_curves, draw_growth
from benchmarks.table import report

STUDIES = ((10, 1, 2), (10, 2, 2), (100, 2, 1))  # seeds, jobs, how often


def sections(rounds: int) -> dict[str, Callable[[], Any]]:
    """Return what can be measured."""
    return {
        "conditions": lambda: conditions.measure(rounds),
        "mixed": lambda: mixed.measure(rounds),
        "where": where.measure,
        "curves": lambda: {
            "stack": curves.stack_curve(rounds),
            "width": curves.width_curve(rounds),
            "batch": curves.batch_curve(rounds),
        },
        "evaluation": evaluation.measure,
        "studies": lambda: [whole_study.measure(*study) for study in STUDIES],
        "growth": growth.measure,
        "large": large_study.measure,
        "cluster": cluster.measure,
    }


def main() -> None:
    """Measure the wanted sections one after another."""
    known = sections(0)
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("section", nargs="*", metavar="section", help=", ".join(known))
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each timing")
    parser.add_argument("--out", type=Path, default=Path("results/benchmark"), help="folder")
    options = parser.parse_args()
    if unknown := set(options.section) - set(known):
        parser.error(f"{min(unknown)!r} is no section; known: {', '.join(known)}")
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    for label, reason in conditions.absent().items():
        print(f"without {label}: {reason}", file=sys.stderr)
    options.out.mkdir(parents=True, exist_ok=True)
    figures = measured(options.section or list(known), options.rounds, options.out / "figures.json")
    tables = report(figures)
    (options.out / "tables.md").write_text(tables + "\n", encoding="utf-8")
    print(tables)
    if "curves" in figures:
        draw_curves(figures["curves"], options.out)
    if "growth" in figures:
        draw_growth(figures["growth"], options.out)


def measured(names: list[str], rounds: int, path: Path) -> dict[str, Any]:
    """Measure the named sections, and return them with what the file has of the others."""
    figures = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    figures["machine"] = machine()
    for name in names:
        print(f"{name}, load {os.getloadavg()[0]:.1f} ...", file=sys.stderr)
        figures[name] = sections(rounds)[name]()
        path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return figures


if __name__ == "__main__":
    main()
