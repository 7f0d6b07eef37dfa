"""The network of a stored run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from minidl import Sequential
from minidl.study.errors import InputError
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.weights import restore


def network_of(run: RunSpec, weights: bytes) -> Sequential:
    """Return a run's network, ready to answer; raises InputError, which names the run, for damaged
    weights.
    """
    with named(run):
        return restore(run.settings, weights)


@contextmanager
def named(run: RunSpec) -> Iterator[None]:
    """Let an InputError name the run whose weights are damaged."""
    try:
        yield
    except InputError as error:
        raise InputError(f"run {run.id}: {error}") from None
