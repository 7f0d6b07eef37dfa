"""Which of a step's launches have to run again: in every step, once an epoch, or never."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from minidl.engine.recorder import Launch


def needed(launches: Sequence[Launch], read: Iterable[int]) -> list[Launch]:
    """Return the launches, except those that only make results that nothing reads.

    ``read`` is the memory that is read after the step. Going backward, a launch is needed when it
    writes what is read later, or when it may do more than write.
    """
    live, kept = set(read), []
    for launch in reversed(launches):
        if not launch.pure or launch.writes & live:
            live |= launch.reads
            kept.append(launch)
    return kept[::-1]


def by_change(
    launches: Sequence[Launch], given: Iterable[int]
) -> tuple[list[Launch], list[Launch]]:
    """Split the launches into those with the same result in every step and the others.

    ``given`` is the memory of the batch. A result changes when it is made from a batch, from a
    result that changes, or from something that a launch writes in place: a parameter, a moment.
    """
    changing, before = set(given), -1
    while len(changing) > before:
        before = len(changing)
        for launch in launches:
            if not (launch.pure and launch.fresh) or launch.reads & changing:
                changing |= launch.writes
    constant = [launch for launch in launches if not launch.writes & changing and launch.fresh]
    kept = set(map(id, constant))
    return constant, [launch for launch in launches if id(launch) not in kept]
