"""Running a study: what its store lacks is trained, and stored as soon as it is finished."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import datetime
from itertools import count
from pathlib import Path

from minidl.study.errors import InputError
from minidl.study.files.moving import rename_inside
from minidl.study.files.reading import MAX_BYTES, check_size
from minidl.study.grid.spec import StudySpec
from minidl.study.jobs.drive import State, Task, Watch, drive
from minidl.study.jobs.in_process import InProcess
from minidl.study.jobs.processes import Processes
from minidl.study.result import RunResult
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.plan import plan
from minidl.study.store.database import FILE
from minidl.study.store.environment import environment
from minidl.study.store.lock import only_writer
from minidl.study.store.place import check_names
from minidl.study.store.store import Store


def run_study(
    study: StudySpec,
    runs: Sequence[RunSpec],
    folder: Path,
    *,
    jobs: int = 1,
    fresh: bool = False,
    watch: Watch = lambda _: None,
) -> State:
    """Train those runs of a study that the store in its folder lacks, and store them.

    A failed run is tried again, a finished one never. With ``fresh`` the old store is moved aside
    first. ``watch`` is called with the state a few times a second.

    Raises InputError when the folder or the store cannot be used.
    """
    check_size(len(study.to_yaml()), MAX_BYTES, f"study {study.name}: the file as resolved")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made: {error.strerror}") from None
    with only_writer(folder):
        if fresh:
            move_aside(folder)
        with Store(folder, create=True) as store:
            store.check()
            store.set_study(study)
            missing = lacking(store, runs)
            tasks = deque(map(Task, plan(missing, jobs)))
            state = State(len(runs), len(runs) - len(missing), tasks)
            facts = environment()
            executor = InProcess() if jobs == 1 else Processes(min(jobs, len(tasks)))
            with closing(executor):
                drive(
                    state, executor, lambda runs, results: keep(store, runs, results, facts), watch
                )
    return state


def move_aside(folder: Path) -> None:
    """Rename a store, so that a new one can take its place and nothing is lost.

    Raises InputError when it cannot be renamed.
    """
    check_names(folder, FILE)
    with suppress(InputError), Store(folder):
        pass  # opening it undoes what a kill left half written, which needs the old name
    stem, suffix = FILE.split(".")
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    rename_inside(folder, FILE, (f"{stem}-{stamp}{more}.{suffix}" for more in numbered()))


def numbered() -> Iterator[str]:
    """Yield what tells names of one moment apart: nothing, then -2, -3 and so on."""
    yield ""
    yield from (f"-{number}" for number in count(2))


def lacking(store: Store, runs: Sequence[RunSpec]) -> list[RunSpec]:
    """Return the runs that the store lacks, or has as failed."""
    records = store.records()
    return [run for run in runs if run.id not in records or records[run.id].status == "failed"]


def keep(
    store: Store,
    runs: Sequence[RunSpec],
    results: Sequence[RunResult],
    facts: dict[str, object],
) -> None:
    """Move finished runs to the store; raises InputError that says what is lost if it cannot."""
    try:
        store.add(runs, results, facts)
    except InputError as error:
        raise InputError(
            f"{error}; {len(runs)} finished runs could not be written; all earlier ones are safe, "
            "and the same command trains these again"
        ) from None
    for result in results:  # they are in the store: a long study need not hold them in memory too
        result.weights, result.curve = None, result.curve[result.kept :][:1]
