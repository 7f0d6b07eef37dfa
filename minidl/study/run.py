"""Running a study: what its store lacks is trained, and stored as soon as it is finished."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import datetime
from itertools import count
from pathlib import Path

from minidl.study.errors import InputError
from minidl.study.files.complaints import shown
from minidl.study.files.moving import rename_inside
from minidl.study.grid.origins import versions
from minidl.study.grid.spec import StudySpec
from minidl.study.jobs.drive import State, Task, Watch, drive
from minidl.study.jobs.executor import Executor
from minidl.study.jobs.in_process import InProcess
from minidl.study.jobs.processes import Processes
from minidl.study.jobs.progress_file import ProgressFile
from minidl.study.result import RunResult
from minidl.study.run_spec import RunSpec, per_cell
from minidl.study.stacks.plan import plan
from minidl.study.store.database import FILE
from minidl.study.store.environment import environment
from minidl.study.store.lock import only_writer
from minidl.study.store.place import check_names, is_absent, make_folder
from minidl.study.store.store import Store, UnstorableError

MOST_JOBS = 10_000  # for more, planning who trains what would take longer than it saves
UNSTORABLE = "cannot be stored: "  # how the error of a run begins that would fail again


def run_study(
    study: StudySpec,
    runs: Sequence[RunSpec],
    folder: Path,
    *,
    jobs: int = 1,
    fresh: bool = False,
    executor: Executor | None = None,
    watch: Watch = lambda _: None,
) -> State:
    """Train those runs of a study that the store in its folder lacks, and store them.

    ``executor`` trains where there is one, for so many jobs, and otherwise this computer.
    A failed run is tried again, unless no store takes it; a finished one never. With ``fresh`` the
    old store is moved aside first. ``watch`` is called with the state a few times a second.

    Raises InputError when the jobs are too few or too many, or the folder or the store cannot be
    used, or does not hold such a study.
    """
    if not (type(jobs) is int and 1 <= jobs <= MOST_JOBS):
        allowed = f"a whole number from 1 to {MOST_JOBS:,}"
        raise InputError(f"jobs must be {allowed}, got {shown(jobs)}")
    make_folder(study, folder)
    with only_writer(folder) as tell:
        if fresh:
            move_aside(folder)
        with Store(folder, create=True) as store:
            state = planned(store, study, runs, jobs)
            facts, progress_file = environment(), ProgressFile(tell)
            if executor is None:
                executor = InProcess() if jobs == 1 else Processes(min(jobs, len(state.waiting)))

            def told(state: State) -> None:
                progress_file(state)
                watch(state)

            with closing(executor):
                drive(
                    state, executor, lambda runs, results: keep(store, runs, results, facts), told
                )
    return state


def planned(store: Store, study: StudySpec, runs: Sequence[RunSpec], jobs: int) -> State:
    """Make a store that of a study, and return what of its runs is to be trained, in stacks.

    Raises InputError when the store cannot be used.
    """
    store.check()
    store.set_study(study)
    errors = store.errors()
    missing = lacking(errors, runs)
    tasks = deque(map(Task, plan(missing, jobs)))
    state = State(len(runs), len(runs) - len(missing), tasks)
    state.unstorable = unstorable(errors, runs)
    return state


def move_aside(folder: Path) -> None:
    """Rename a store, so that a new one can take its place and nothing is lost.

    One without a byte, which a kill can leave, stays where it is.

    Raises InputError when it cannot be renamed.
    """
    check_names(folder, FILE)
    with suppress(InputError), Store(folder):
        pass  # opening it undoes what a kill left half written, which needs the old name
    if is_absent(folder / FILE):
        return
    stem, suffix = FILE.split(".")
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    rename_inside(folder, FILE, (f"{stem}-{stamp}{more}.{suffix}" for more in numbered()))


def numbered() -> Iterator[str]:
    """Yield what tells names of one moment apart: nothing, then -2, -3 and so on."""
    yield ""
    yield from (f"-{number}" for number in count(2))


def missing_from(folder: Path, runs: Sequence[RunSpec]) -> list[RunSpec]:
    """Return the runs that the store in a folder lacks: all of them where there is none."""
    if is_absent(folder / FILE):
        return list(runs)
    with Store(folder) as store:
        return lacking(store.errors(), runs)


def lacking(errors: dict[str, str | None], runs: Sequence[RunSpec]) -> list[RunSpec]:
    """Return the runs that a store lacks, or has as failed, unless they would fail again."""
    return [
        run
        for run in runs
        if run.id not in errors
        or ((error := errors[run.id]) is not None and not is_unstorable(error))
    ]


def unstorable(errors: dict[str, str | None], runs: Sequence[RunSpec]) -> int:
    """Return how many of the runs are trained, but cannot be stored."""
    return sum(is_unstorable(errors.get(run.id)) for run in runs)


def is_unstorable(error: str | None) -> bool:
    """Whether a run's error says that no store takes it."""
    return error is not None and error.startswith(UNSTORABLE)


def made_otherwise(store: Store, runs: Sequence[RunSpec]) -> dict[str, int]:
    """Return the files and packages that stored runs were trained with another version of than the
    one that is loaded, and how many runs.
    """
    recorded = {n: own.get("components", {}) for n, own in store.environments().items()}
    query = "SELECT id, environment_id FROM run WHERE status != 'failed'"
    made_in = dict(store.stream(query))
    found: Counter[str] = Counter()
    for run in runs:
        if (now := own_versions(run)) and run.id in made_in:
            then = recorded[made_in[run.id]]
            found.update(name for name in now if then.get(name) != now[name])
    return dict(found)


@per_cell
def own_versions(run: RunSpec) -> dict[str, str]:
    """Return the versions of what a run computes with that is not minidl's."""
    return versions(run.settings)


def keep(
    store: Store,
    runs: Sequence[RunSpec],
    results: Sequence[RunResult],
    facts: dict[str, object],
) -> None:
    """Move finished runs to the store; raises InputError that says what is lost if it cannot.

    A run that the store refuses for what it is becomes a failed one, and hinders no other.
    """
    try:
        store.add(runs, results, facts, versions)
    except UnstorableError as error:
        if results[0].status == "failed" and len(runs) == 1:  # even without its numbers
            raise
        if len(runs) > 1:
            for run, result in zip(runs, results, strict=True):
                keep(store, [run], [result], facts)
            return
        make_failed(results[0], f"{UNSTORABLE}{error}")
        keep(store, runs, results, facts)
    except InputError as error:
        raise InputError(
            f"{error}; {len(runs)} finished runs could not be written; all earlier ones are safe, "
            "and the same command trains these again"
        ) from None


def make_failed(result: RunResult, error: str) -> None:
    """Turn a result into that of a run that failed, without numbers."""
    result.status, result.error = "failed", error
    result.curve, result.weights, result.snapshots = [], None, {}
    result.diverged_at = result.baseline = result.best_at = result.stopped_at = None
    result.seconds, result.processor_seconds, result.environment = 0.0, None, None
