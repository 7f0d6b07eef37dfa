"""Networks trained again, to see them learn, where a store holds no weights from during training.

Nothing of it is believed before the weights at the end are those of the store, bit for bit; nothing
is written, no file is opened that only the store names. What is estimated to take more than a
minute is not begun, and after two it ends with the epoch that is in training.
"""

from __future__ import annotations

import math
import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from minidl.report.networks.showable import has_snapshots, showable, shown
from minidl.report.results import Results
from minidl.report.words import counted
from minidl.study import length
from minidl.study.files.printable import printable
from minidl.study.grid.named_files import only_reading
from minidl.study.jobs.attempt import attempt
from minidl.study.jobs.executor import TrainingError
from minidl.study.jobs.progress import Progress
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.needs import memory, size, summary
from minidl.study.stacks.plan import WEIGHT, cost, plan, weights
from minidl.study.store.environment import environment
from minidl.study.store.merge import same_weights
from minidl.study.store.store import Store

LONGEST = 60.0  # seconds that it may take, as far as they can be told before
DEADLINE = 120.0  # seconds after which it ends, whatever was told before
REASON = 200  # characters of an error that are told
OTHER_BITS = "other machines and versions round otherwise"


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
        if has_snapshots(results, store) or not (cells := showable(results)):
            return Again()
        runs = next(filter(None, (shown(cells, store, s) for s in results.study.seeds)), [])
        if not runs:
            return Again()
        stacks = plan(runs, 1)
        if note := too_much(stacks, results.folder, runs[0].seed):
            return Again(notes=[note])
        causes: list[str] = []
        taken = dict(trained(stacks, store, on_epoch, causes))
    return Again(taken, [told(len(runs), len(taken), causes)])


def too_much(stacks: list[list[RunSpec]], folder: Path, seed: int) -> str | None:
    """Return why stacks are not trained, with what can be done, None where they can be.

    The clock is looked at after each epoch only, so a single one must not take long either: it does
    not, where all of them do not.
    """
    again = f"To train the networks of seed {seed} again would"
    if (needed := summary(stacks)["memory"]) > memory():
        return (
            f"{again} need about {size(needed)} of memory, and this machine has {size(memory())}: "
            "they are shown as they were in the end."
        )
    seconds = sum(map(estimate, stacks))
    return f"{again} take about {too_long(folder, seed, seconds)}" if seconds > LONGEST else None


def estimate(stack: list[RunSpec]) -> float:
    """Estimate the seconds that a stack takes, with its evaluations, before and after all too."""
    settings = stack[0].settings
    looks = 1 + math.ceil(length.epochs(settings) / settings["evaluate_every"])
    points = settings["data"]["train"] + settings["data"]["test"]
    asked = sum(WEIGHT * weights(run.settings) / 5 for run in stack)  # for each point
    return max(0.0, (cost(stack) + looks * points * asked) / 1e6)


def trained(
    stacks: list[list[RunSpec]],
    store: Store,
    on_epoch: Callable[[int, int], None],
    causes: list[str],
) -> Iterator[tuple[str, dict[int, bytes]]]:
    """Train stacks; yield what each network was like meanwhile, if it ends as the stored one.

    What else became of one is added to ``causes``.
    """
    end, done = time.monotonic() + DEADLINE, 0
    every = sum(length.epochs(stack[0].settings) for stack in stacks)
    late = f"it took longer than {DEADLINE:g} seconds"
    for stack in stacks:
        progress = Progress()

        def tick(before: int = done, progress: Progress = progress) -> None:
            on_epoch(min(before + progress.epoch, every - 1), every)
            if time.monotonic() > end:
                causes.append(late)
                raise TimeoutError(late)

        try:
            results = attempt(stack, progress, tick)
        except TrainingError as error:
            if late in causes:
                break
            causes.append(f"training failed: {printable(str(error)):.{REASON}}")
            results = []
        for result in results:
            if same_weights(store.weights(result.id), result.weights):
                yield result.id, result.snapshots
            else:
                causes.append(OTHER_BITS)
        done += length.epochs(stack[0].settings)
    on_epoch(every, every)


def told(tried: int, same: int, causes: Sequence[str]) -> str:
    """Return what became of networks that were trained again, and why not all are the same."""
    facts = environment()
    here = f"with torch {facts['torch']} on {facts['processor']}"
    why = "; ".join(dict.fromkeys(causes))
    if not same:
        return (
            f"Trained again {here}, no network came out with the bits of the store: {why}. So they "
            "are shown as they were in the end."
        )
    line = (
        "The store holds no weights from while its networks were trained. They were trained again "
        f"on {datetime.now(UTC):%Y-%m-%d}, {here}, and came out with the same bits"
    )
    if same < tried:
        line += f", {same} of {tried}; the others are shown as they were in the end: {why}"
    return f"{line}."


def too_long(folder: Path, seed: int, seconds: float) -> str:
    """Return how long it would take, and how it is done."""
    own, other = folder / "study.yaml", f"{folder}-again"
    words = ["minidl", "run", str(own), "--only", f"seed={seed}", "--set", f"snapshots=[{seed}]"]
    minutes = counted(max(1, round(seconds / 60)), "minute")
    return (
        f"{minutes}: {shlex.join([*words, '--out', other])}, and then "
        f"{shlex.join(['minidl', 'import', str(folder), other])}."
    )
