"""What was aimed at, as ratios of figures from one run of the benchmark."""

from __future__ import annotations

from statistics import mean
from typing import Any, NamedTuple

from benchmarks.conditions import STACKS
from benchmarks.work import CONDITIONS

Figures = dict[str, Any]


class Target(NamedTuple):
    """A ratio: what it says, what it should be at least (or at most), and what it is.

    ``low`` and ``high`` are the smallest and the largest of the ratio over its conditions.
    """

    what: str
    aim: str
    value: float
    low: float
    high: float


def best(figures: Figures, label: str) -> list[float]:
    """Return a contender's best time in every condition."""
    return [figures["conditions"][str(condition)][label]["best"] for condition in CONDITIONS]


def best_stack(figures: Figures) -> str:
    """Return the label of minidl's best stack size: least mean over the conditions."""
    return min((f"minidl {n}" for n in STACKS), key=lambda label: mean(best(figures, label)))


def fastest(figures: Figures, prefix: str) -> list[float]:
    """Return in every condition the best time of the contenders whose labels begin so."""
    table = figures["conditions"].values()
    return [min(v["best"] for k, v in row.items() if k.startswith(prefix)) for row in table]


def has_jax(figures: Figures) -> bool:
    return any(k.startswith("JAX") for row in figures["conditions"].values() for k in row)


def ratio(what: str, aim: str, theirs: list[float], ours: list[float]) -> Target:
    """Return the mean over the conditions of theirs / ours."""
    ratios = [a / b for a, b in zip(theirs, ours, strict=True)]
    return Target(what, aim, mean(ratios), min(ratios), max(ratios))


def step_targets(figures: Figures) -> list[Target]:
    """Return the targets about a training step, where not said each at its best stack size."""
    ours = fastest(figures, "minidl ")
    targets = [
        ratio("torch.nn eager / minidl", "≥ 115", best(figures, "torch.nn"), ours),
        ratio("torch.nn fused / minidl", "≥ 100", best(figures, "torch.nn fused"), ours),
        ratio(
            "torch.func / minidl, both 180",
            "≥ 3",
            best(figures, "torch.func 180"),
            best(figures, "minidl 180"),
        ),
        ratio(
            "torch.nn eager / minidl alone",
            "≥ 4",
            best(figures, "torch.nn"),
            best(figures, "minidl alone"),
        ),
    ]
    if has_jax(figures):
        targets += [
            ratio("JAX / minidl", "≥ 1.4", fastest(figures, "JAX"), ours),
            ratio(
                "JAX / minidl, both 54",
                "≥ 1",
                fastest(figures, "JAX 54 "),
                best(figures, "minidl 54"),
            ),
        ]
    if all("C++ limit" in row for row in figures["conditions"].values()):
        targets.append(ratio("minidl / C++ limit", "≤ 4", ours, best(figures, "C++ limit")))
    return targets


def mixed_target(figures: Figures) -> Target:
    rows = figures["mixed"].values()
    mixed, alike = [row["mixed"] for row in rows], [row["alike"] for row in rows]
    return ratio("mixed stack / alike stacks, both 180", "≤ 1.2", mixed, alike)


def study_targets(figures: Figures) -> list[Target]:
    """Return the targets about whole studies."""
    studies = {(row["runs"], row["jobs"]): row for row in figures["studies"]}
    one, two = studies[180, 1], studies[180, 2]
    evaluation = figures["evaluation"]
    return [
        *(
            single(f"torch.nn, one core / {runs:,} runs, two jobs", aim, torch_nn / row["wall"])
            for (runs, jobs), row in studies.items()
            if jobs == 2
            for aim in ["≥ 140" if runs == 180 else "≥ 195"]
            for torch_nn in [torch_nn_seconds(figures, runs)]
        ),
        single(
            "part of a study that is not training",
            "≤ 4 %",
            100 * (one["wall"] - one["training"]) / one["wall"],
        ),
        single(
            "part of training that is evaluation",
            "≤ 10 %",
            100 * evaluation["evaluation"] / evaluation["whole"],
        ),
        single("one job / two jobs", "≥ 1.85", one["wall"] / two["wall"]),
    ]


def single(what: str, aim: str, value: float) -> Target:
    return Target(what, aim, value, value, value)


def torch_nn_seconds(figures: Figures, runs: int) -> float:
    """Return what the paper's study costs in torch.nn without evaluation, scaled up from steps."""
    steps = [(150 if c.optimizer == "adam" else 300) * 200 for c in CONDITIONS]
    times = best(figures, "torch.nn")
    return sum(n * t for n, t in zip(steps, times, strict=True)) * 1e-6 * runs / len(CONDITIONS)
