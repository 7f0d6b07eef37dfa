"""Networks trained again, to see them learn, where a store holds no weights from during training.

Nothing of it is believed before the weights at the end are those of the store, bit for bit; nothing
is written, no file is opened that only the store names, and it takes a minute or two at most.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from minidl.report.networks.points import has_plane, is_curve
from minidl.report.results import Results
from minidl.report.words import counted
from minidl.study import length
from minidl.study.errors import InputError
from minidl.study.grid.components import resolve
from minidl.study.grid.data import source_of
from minidl.study.grid.named_files import only_reading
from minidl.study.jobs.attempt import attempt
from minidl.study.jobs.executor import TrainingError
from minidl.study.jobs.progress import Progress
from minidl.study.later import SETTINGS
from minidl.study.run_spec import RunSpec, id_of, what_counts
from minidl.study.stacks.needs import memory, summary
from minidl.study.stacks.plan import WEIGHT, cost, plan, weights
from minidl.study.stacks.weights import restore
from minidl.study.store.environment import environment
from minidl.study.store.merge import same_weights
from minidl.study.store.store import Store

LONGEST = 60.0  # seconds that it may take, as far as they can be told before
DEADLINE = 120.0  # seconds after which it ends, whatever was told before
COMPONENTS = ("activation", "loss", "optimizer", "init", "schedule")


@dataclass
class Again:
    """Weights from during training by run and epoch, of networks that came out with the same bits.

    ``notes`` say what was done, or how it can be.
    """

    snapshots: dict[str, dict[int, bytes]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def train_again(
    results: Results, on_epoch: Callable[[int, int], None] = lambda _done, _all: None
) -> Again:
    """Train the networks of one seed again that a page can show, unless it has what it needs.

    ``on_epoch`` is told how many epochs are done, and of how many.
    """
    with Store(results.folder) as store, only_reading():
        ids = {run.id for run in results.study.runs}
        if any(row["run_id"] in ids for row in store.select("SELECT run_id FROM snapshot")):
            return Again()
        runs = next(filter(None, (shown(results, store, s) for s in results.study.seeds)), [])
        if not runs:
            return Again()
        stacks = plan(runs, 1)
        seconds = sum(map(estimate, stacks))
        if seconds > LONGEST or summary(stacks)["memory"] > memory():
            return Again(notes=[too_long(results.folder, runs[0].seed, seconds)])
        taken = dict(trained(stacks, store, on_epoch))
    return Again(taken, told(len(runs), len(taken)))


def shown(results: Results, store: Store, seed: int) -> list[RunSpec]:
    """Return the runs of a seed whose networks can be shown and trained here."""
    found = []
    for cell in results.cells:
        run = next((run for run in cell.runs if run.seed == seed), None)
        if run is not None and seed in cell.records and cell.records[seed].status == "done":
            try:
                found += complete(run, store.weights(run.id))
            except (InputError, ValueError, ArithmeticError):  # of components that are not here
                continue
    return found


def complete(run: RunSpec, stored: bytes | None) -> Iterator[RunSpec]:
    """Yield a run with all settings that there are today, if its network can be shown.

    Raises InputError, ValueError or ArithmeticError for settings, or weights, that no study of
    today gives.
    """
    settings = deepcopy(run.settings)
    for key, default in SETTINGS.items():
        *rooms, last = key.split(".")
        place: Any = settings
        for room in rooms:
            place = place[room]
        place.setdefault(last, default)
    for kind in COMPONENTS:
        settings[kind] = resolve(kind, settings[kind])
    source = source_of(settings["data"])
    if stored is not None and (has_plane(source) or is_curve(source)):
        restore(settings, stored)
        length.epochs(settings)  # for what it raises
        if id_of(what_counts(settings), run.seed) == run.id:
            yield replace(run, settings=settings, snapshots=True, shared={})


def estimate(stack: list[RunSpec]) -> float:
    """Estimate the seconds that a stack takes, with its evaluations."""
    settings = stack[0].settings
    looks = length.epochs(settings) / settings["evaluate_every"]
    points = settings["data"]["train"] + settings["data"]["test"]
    asked = sum(WEIGHT * weights(run.settings) / 5 for run in stack)  # for each point
    return (cost(stack) + looks * points * asked) / 1e6


def trained(
    stacks: list[list[RunSpec]], store: Store, on_epoch: Callable[[int, int], None]
) -> Iterator[tuple[str, dict[int, bytes]]]:
    """Train stacks; yield what each network was like meanwhile, if it ends as the stored one."""
    end, done = time.monotonic() + DEADLINE, 0
    every = sum(length.epochs(stack[0].settings) for stack in stacks)
    for stack in stacks:
        progress = Progress()

        def tick(before: int = done, progress: Progress = progress) -> None:
            on_epoch(min(before + progress.epoch, every - 1), every)
            if time.monotonic() > end:
                raise TimeoutError("it takes longer than was told")

        try:
            results = attempt(stack, progress, tick)
        except TrainingError:
            results = []
        for result in results:
            if same_weights(store.weights(result.id), result.weights):
                yield result.id, result.snapshots
        done += length.epochs(stack[0].settings)
    on_epoch(every, every)


def told(tried: int, same: int) -> list[str]:
    """Return what became of networks that were trained again."""
    facts = environment()
    here = f"with torch {facts['torch']} on {facts['processor']}"
    if not same:
        return [
            f"Trained again {here}, no network came out with the bits of the store: other machines "
            "and versions round otherwise. So they are shown as they were in the end."
        ]
    line = (
        "The store holds no weights from while its networks were trained. They were trained again "
        f"on {datetime.now(UTC):%Y-%m-%d}, {here}, and came out with the same bits"
    )
    if same < tried:
        line += f", {same} of {tried}; the others are shown as they were in the end"
    return [f"{line}."]


def too_long(folder: Path, seed: int, seconds: float) -> str:
    """Return how long it would take, and how it is done."""
    own, other = folder / "study.yaml", f"{folder}-again"
    words = ["minidl", "run", str(own), "--only", f"seed={seed}", "--set", f"snapshots=[{seed}]"]
    minutes = counted(max(1, round(seconds / 60)), "minute")
    return (
        f"To train the networks of seed {seed} again would take about {minutes}: "
        f"{shlex.join([*words, '--out', other])}, and then "
        f"{shlex.join(['minidl', 'import', str(folder), other])}."
    )
