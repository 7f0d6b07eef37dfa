"""A training step that is recorded once and then replayed, without the Python around it.

A small network waits for Python: a step is some fifty tensor operations of a microsecond each, and
calling methods, slicing and making room for results takes as long again. Therefore the first two
steps are computed as written, the second is recorded, and all later ones are replayed: the same
operations in the same order on the same memory, and so the same numbers, bit for bit. CUDA graphs
do this for a GPU.

Only classes that promise to do the same in every step, those that are ``@replayable``, are
replayed. A promise that is seen to be broken (a number that changes, a tensor that is replaced by
another, an ``if`` on what a tensor holds) is not relied upon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import torch
from torch import Generator, Tensor

from minidl.engine.needed import by_change, needed
from minidl.engine.promise import is_replayable
from minidl.engine.recorder import Recorder, memory

Step: TypeAlias = Callable[..., None]

# Types that are compared by value, and what stands for every object that promises nothing.
CONSTANTS = (int, float, str, bytes, torch.dtype, torch.device, Generator, type(None))
UNKNOWN = object()


class Replay:
    """``step(*batch)``, which changes the tensors of ``state`` in place, replayed where possible.

    It is recorded once for each shape of the batch.
    """

    def __init__(self, step: Step, state: Any):
        self.step = step
        self.state = state
        self.programs: dict[torch.Size, Program] = {}
        self.begun: set[torch.Size] = set()
        self.written: set[torch.Size] = set()

    def run(self, batches: Iterable[Sequence[Tensor]]) -> None:
        """Take a step for each batch."""
        with torch.inference_mode():  # in which a replayed step is a fifth faster
            for batch in batches:
                self(*batch)

    def __call__(self, *batch: Tensor) -> None:
        shape = batch[0].shape
        if (program := self.programs.get(shape)) is not None:
            program(*batch)
        else:
            # A step as written may make tensors that stay, and these have to be ordinary ones.
            with torch.inference_mode(False), torch.no_grad():
                self.write(shape, [part.clone() for part in batch])

    def write(self, shape: torch.Size, batch: Sequence[Tensor]) -> None:
        """Compute a step as written: the first or second of its shape, or one not replayable.

        Whatever is made in a first step is there when the second one is recorded.
        """
        if shape in self.written:
            self.step(*batch)
        elif shape not in self.begun:
            self.begun.add(shape)
            self.step(*batch)
        elif (program := self.record(*batch)) is not None:
            self.programs[shape] = program
        else:
            self.written.add(shape)

    def record(self, *batch: Tensor) -> Program | None:
        """Compute a step, and return the program for later ones, None if it cannot be replayed."""
        before = dict(leaves(self.state))
        if UNKNOWN in before.values():
            self.step(*batch)
            return None
        with Recorder() as recorder:
            self.step(*batch)
        after = dict(leaves(self.state))
        program = Program(batch, recorder, before, after)
        return program if recorder.repeatable and program.knows(after) else None

    def refresh(self) -> None:
        """Take account of changes that something other than the step has made since.

        Where the state holds another tensor or number, what was recorded is forgotten. Numbers that
        were changed in place are read again.
        """
        now = dict(leaves(self.state)) if self.programs else {}
        if not all(program.knows(now) for program in self.programs.values()):
            self.programs.clear()
            self.begun.clear()
        for program in self.programs.values():
            program.refresh()


class Program:
    """A recorded step: calls that repeat it, on a batch that is copied to where they expect it.

    ``before`` and ``after`` are what the state held, by its path. Of the tensors before, only those
    that the step uses are kept. Results that neither the state nor a later call reads are not
    computed again; results that are the same in every step are computed once, and in ``refresh``.
    """

    def __init__(
        self,
        inputs: Sequence[Tensor],
        recorder: Recorder,
        before: dict[str, Any],
        after: dict[str, Any],
    ):
        self.inputs = inputs
        held = [leaf for leaf in after.values() if isinstance(leaf, Tensor)]
        launches = needed(recorder.launches, memory([*held, *recorder.found.values()]))
        constants, launches = by_change(launches, memory(inputs))
        self.constants = [launch.run for launch in constants]
        self.launches = [launch.run for launch in launches]
        self.before = {
            path: Tensor if isinstance(leaf, Tensor) and id(leaf) not in recorder.found else leaf
            for path, leaf in before.items()
        }

    def __call__(self, *batch: Tensor) -> None:
        for own, part in zip(self.inputs, batch, strict=True):
            own.copy_(part)
        for launch in self.launches:
            launch()

    def refresh(self) -> None:
        """Compute again what is the same in every step unless it is changed between two steps."""
        for launch in self.constants:
            launch()

    def knows(self, now: dict[str, Any]) -> bool:
        """Whether the state holds what it held, except for tensors that the step does not use."""
        return list(self.before) == list(now) and all(map(same, self.before.values(), now.values()))


def same(leaf: Any, now: Any) -> bool:
    """Whether a leaf is what it was; ``Tensor`` stands for any tensor."""
    if leaf is Tensor:
        return isinstance(now, Tensor)
    constant = isinstance(leaf, CONSTANTS) and type(leaf) is type(now)
    return leaf is now or (constant and leaf == now)


def leaves(thing: Any, path: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Any]]:
    """Yield all that an object holds, down to tensors and numbers, each with the path to it."""
    seen = set() if seen is None else seen
    if isinstance(thing, (Tensor, *CONSTANTS)):
        yield path, thing
    elif type(thing) in (list, tuple):
        for i, item in enumerate(thing):
            yield from leaves(item, f"{path}[{i}]", seen)
    elif type(thing) is dict:
        for key, item in thing.items():
            yield from leaves(item, f"{path}[{key!r}]", seen)
    elif not is_replayable(type(thing)):
        yield path, UNKNOWN
    else:
        yield path, thing
        if id(thing) not in seen:
            seen.add(id(thing))
            for name, item in vars(thing).items():
                yield from leaves(item, f"{path}.{name}", seen)
