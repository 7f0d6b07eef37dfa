"""What the shell offers for a value: read from files and stores, and never by loading torch."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import typer

from minidl_cli.places import RESULTS, found, is_study, studies_in

Offer = Callable[[typer.Context, str], Iterable[str]]


def offers(values: Offer) -> Callable[[typer.Context, str], list[str]]:
    """Keep those values that begin as what was typed; whatever goes wrong, offer nothing."""

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        with suppress(Exception):  # a shell that waits for an answer is no place for an error
            return sorted(v for v in set(values(ctx, incomplete)) if v.startswith(incomplete))
        return []

    return complete


def words() -> list[str]:
    """Return what was typed so far: the shells' own scripts pass it in one variable or the other.

    Typer's context does not hold it while an option still lacks its value.
    """
    return shlex.split(os.environ.get("_TYPER_COMPLETE_ARGS") or os.environ.get("COMP_WORDS", ""))


def folder() -> Path:
    """Return the study's folder among the words, which may name it."""
    return next(path for path in (found(Path(word)) for word in words()[2:]) if is_study(path))


def after(option: str) -> str:
    """Return the value of an option among the words."""
    return words()[words().index(option) + 1]


@offers
def studies(_ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """The studies that ship, and grid files."""
    from minidl.study.files.shipped import shipped_configs

    yield from (path.stem for path in shipped_configs().glob("*.yaml"))
    yield from map(str, Path(incomplete).parent.glob("*.yaml"))


@offers
def folders(_ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Folders that hold a study, here and under results/, where the name is enough."""
    near = Path(incomplete).parent
    for pattern in ("*/study.sqlite", "results/*/study.sqlite"):
        yield from (str(path.parent) for path in near.glob(pattern))
    yield from (path.name for path in studies_in(RESULTS))


@offers
def run_ids(_ctx: typer.Context, _incomplete: str) -> Iterable[str]:
    """The ids of the runs in the folder that was typed before."""
    from minidl.study.store.store import Store

    with Store(folder()) as store:
        return [row["id"] for row in store.select("SELECT id FROM run")]


@offers
def factors(_ctx: typer.Context, _incomplete: str) -> Iterable[str]:
    """The axes of the study in the folder that was typed before."""
    from minidl.study.store.store import Store

    with Store(folder()) as store:
        return [row["axis"] for row in store.select("SELECT DISTINCT axis FROM level")]


@offers
def levels(_ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """The levels of the factor that was typed before, one after another with commas."""
    from minidl.study.store.store import Store

    typed = incomplete.rpartition(",")[0]
    query = "SELECT DISTINCT label FROM level WHERE axis = ?"
    with Store(folder()) as store:
        found = store.select(query, (after("--factor"),))
    return [f"{typed},{row['label']}" if typed else row["label"] for row in found]


@offers
def measures(_ctx: typer.Context, _incomplete: str) -> Iterable[str]:
    """What can be compared."""
    from minidl.report.measures import MEASURES

    return MEASURES


@offers
def measure_list(_ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """What a table can show, one after another with commas."""
    from minidl.report.measures import MEASURES

    typed = incomplete.rpartition(",")[0]
    return [f"{typed},{name}" if typed else name for name in MEASURES]


@offers
def scores(_ctx: typer.Context, _incomplete: str) -> Iterable[str]:
    """The scores that a run can have."""
    from minidl.report.measures.scores import SCORES

    return SCORES


def components(kind: str) -> Callable[[typer.Context, str], list[str]]:
    """Return what offers the names of one kind of component."""

    @offers
    def named(_ctx: typer.Context, _incomplete: str) -> Iterable[str]:
        from minidl.study.grid.known import names

        return names(kind)

    return named


@offers
def settings(_ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """``KEY=`` for every setting, and after it the names of a component."""
    from minidl.registry import CHOSEN, KINDS
    from minidl.study.grid.data import DataSettings
    from minidl.study.grid.known import names
    from minidl.study.grid.settings import ModelSettings, RunSettings

    key = incomplete.partition("=")[0]
    yield from (f"{name}=" for name in RunSettings.model_fields)
    yield from (f"data.{name}=" for name in DataSettings.model_fields)
    yield from (f"model.{name}=" for name in ModelSettings.model_fields)
    kind = CHOSEN.get(key, key)
    yield from (f"{key}={name}" for name in (names(kind) if kind in KINDS else ()))
