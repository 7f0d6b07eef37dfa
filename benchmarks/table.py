"""The figures as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import mean
from typing import Any

from benchmarks.targets import (
    Figures,
    Target,
    best_stack,
    mixed_target,
    step_targets,
    study_targets,
)


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; every column but the first is right-aligned."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    lines = [" | ".join(cells) for cells in (header, rule, *rows)]
    return "\n".join(f"| {line} |" for line in lines)


def report(figures: Figures) -> str:
    """Return all tables of what has been measured."""
    parts = {
        "The machine": ("machine", machine_table),
        "Targets": ("conditions", targets_table),
        "Microseconds per network and step, best (median)": ("conditions", conditions_table),
        "The same as multiples of minidl's best stack": ("conditions", ratio_table),
        "Mixed stacks of 180": ("mixed", mixed_table),
        "Whole studies": ("studies", studies_table),
        "Where a step's time goes": ("where", where_tables),
        "Stack, width and batch": ("curves", curves_tables),
        "Growth": ("growth", growth_table),
        "Large studies": ("large", large_tables),
        "A cluster on this computer": ("cluster", cluster_tables),
    }
    return "\n\n".join(
        f"## {title}\n\n{table(figures)}" for title, (key, table) in parts.items() if key in figures
    )


def machine_table(figures: Figures) -> str:
    return markdown(["what", "is"], [[k, str(v)] for k, v in figures["machine"].items()])


def targets_table(figures: Figures) -> str:
    """Return the targets that can be told from what has been measured."""
    targets = step_targets(figures)
    targets += [mixed_target(figures)] if "mixed" in figures else []
    targets += study_targets(figures) if {"studies", "evaluation"} <= figures.keys() else []
    return markdown(["ratio", "aim", "is", "least – most"], map(target_row, targets))


def target_row(target: Target) -> list[str]:
    spread = "" if target.low == target.high else f"{target.low:.3g} – {target.high:.3g}"
    return [target.what, target.aim, f"{target.value:.3g}", spread]


def labels_of(figures: Figures) -> list[str]:
    return list(dict.fromkeys(k for row in figures["conditions"].values() for k in row))


def conditions_table(figures: Figures) -> str:
    """Return a column for each contender; the last row is the mean over the conditions."""
    labels = labels_of(figures)
    rows = [
        [name, *(cell(row.get(label)) for label in labels)]
        for name, row in figures["conditions"].items()
    ]
    table = figures["conditions"].values()
    means = [[row[label]["best"] for row in table if label in row] for label in labels]
    firsts = [max(row[label]["first"] for row in table if label in row) for label in labels]
    rows.append(["**mean**", *(f"{mean(column):.3g}" for column in means)])
    rows.append(["first call, s, at most", *(f"{first:.2g}" for first in firsts)])
    return markdown(["condition", *labels], rows)


def cell(times: dict[str, float] | None) -> str:
    return f"{times['best']:.3g} ({times['median']:.3g})" if times else "–"


def ratio_table(figures: Figures) -> str:
    labels, ours = labels_of(figures), best_stack(figures)
    rows = [
        [name, *(f"{row[k]['best'] / row[ours]['best']:.3g}" if k in row else "–" for k in labels)]
        for name, row in figures["conditions"].items()
    ]
    return markdown(["condition", *labels], rows)


def mixed_table(figures: Figures) -> str:
    rows = [[name, *numbers(row.values())] for name, row in figures["mixed"].items()]
    return markdown(["optimizer", "mixed", "alike"], rows)


def studies_table(figures: Figures) -> str:
    header = ["runs", "jobs", "wall s", "processor s", "training s", "load"]
    keys = ["runs", "jobs", "wall", "processor", "training", "load"]
    rows = [numbers(study[key] for key in keys) for study in figures["studies"]]
    return markdown(header, rows)


def where_tables(figures: Figures) -> str:
    parts = [[name, *numbers(row["parts"].values())] for name, row in figures["where"].items()]
    tables = [markdown(["µs a network", "forward", "loss", "backward", "optimizer"], parts)]
    for name, row in figures["where"].items():
        rows = [
            [op["operation"], op["shapes"], f"{op['calls']:.0f}", f"{op['share']:.1%}"]
            for op in row["operations"]
        ]
        tables.append(f"{name}:\n\n" + markdown(["operation", "shapes", "calls", "share"], rows))
    return "\n\n".join(tables)


def curves_tables(figures: Figures) -> str:
    tables = []
    for what, lines in figures["curves"].items():
        keys = sorted({key for points in lines.values() for key in points}, key=int)
        rows = [
            [name, *(f"{points[key]:.3g}" if key in points else "" for key in keys)]
            for name, points in lines.items()
        ]
        tables.append(markdown([what, *keys], rows))
    return "\n\n".join(tables)


def growth_table(figures: Figures) -> str:
    rows = [
        [what, value, *numbers((case["seconds"], case["grown_mib"], case["peak_mib"]))]
        for what, cases in figures["growth"].items()
        for value, case in cases.items()
    ]
    return markdown(["what grows", "to", "processor s", "memory taken MiB", "peak MiB"], rows)


def large_tables(figures: Figures) -> str:
    large = figures["large"]
    rows = [[f"{int(runs):,}", *numbers(row.values())] for runs, row in large["studies"].items()]
    grown = markdown(["runs", "wall s", "driver's peak MiB", "store MiB"], rows)
    if "commands" not in large:  # measured before they were
        return grown
    taken = [[f"`{words}`", *numbers(row.values())] for words, row in large["commands"].items()]
    header = [f"command on {large['runs']:,} runs", "processor s", "peak MiB"]
    return f"{grown}\n\n{markdown(header, taken)}"


def cluster_tables(figures: Figures) -> str:
    """Return what docs/cluster.md shows: networks a second and core, and what a driver takes in."""
    paper, trivial, driver = (figures["cluster"][part] for part in ("paper", "trivial", "driver"))
    header = ["the paper's study", "workers", "runs", "seconds", "networks a second and core"]
    speeds = [
        [r["way"], *numbers((r["workers"], r["runs"], r["wall"], rate(r) / r["workers"]))]
        for r in paper
    ]
    taken = [
        [f"trained with {r['way']}", *numbers((r["runs"], r["wall"], rate(r), 1e6 / rate(r) / 60))]
        for r in trivial
    ]
    taken += [
        [f"answers {how}", *numbers((r["runs"], r["wall"], rate(r), 1e6 / rate(r) / 60))]
        for how, r in driver.items()
    ]
    more = ["trivial runs", "how many", "seconds", "runs a second", "minutes for a million"]
    core = max(rate(r) / r["workers"] for r in paper)
    limit = rate(driver["from a cluster"]) / core
    kilobytes = driver["from a cluster"]["grown_mib"] * 1024 / driver["from a cluster"]["runs"]
    said = (
        f"The driver keeps up with some {limit:,.0f} cores that train the paper's networks, and "
        f"takes {kilobytes:.2f} kB of memory a run meanwhile."
    )
    return f"{markdown(header, speeds)}\n\n{markdown(more, taken)}\n\n{said}"


def rate(row: dict[str, Any]) -> float:
    """Return runs a second."""
    return row["runs"] / row["wall"]


def numbers(values: Iterable[Any]) -> list[str]:
    return [f"{value:,}" if isinstance(value, int) else f"{value:.3g}" for value in values]
