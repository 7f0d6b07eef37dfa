"""Planning a study before its first run, so that its page can show that it was."""

from __future__ import annotations

from pathlib import Path

from minidl.study.errors import InputError
from minidl.study.grid.spec import StudySpec
from minidl.study.store.lock import only_writer
from minidl.study.store.place import make_folder
from minidl.study.store.preregistration import Preregistration
from minidl.study.store.store import Store


def preregister(study: StudySpec, seeds: int, folder: Path) -> Preregistration:
    """Write a study, its reference and its planned number of seeds into a store without runs.

    A plan that is there already is replaced, as long as nothing has been run.

    Raises InputError when the store holds a run, the study names no reference or does not fit into
    a store, or the folder cannot be used.
    """
    if study.reference is None:
        raise InputError(
            f"study {study.name}: names no reference; a plan needs the claims that it will decide"
        )
    make_folder(study, folder)
    with only_writer(folder), Store(folder, create=True) as store:
        store.check()
        if count := len(store.records()):
            runs = "one run" if count == 1 else f"{count:,} runs"
            raise InputError(f"{folder}: holds {runs} already; a plan is made before the first run")
        store.set_study(study)
        return store.preregister(seeds)
