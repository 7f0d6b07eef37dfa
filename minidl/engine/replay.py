"""A training step that is recorded once and then replayed, without the Python around it.

A small network waits for Python: a step is some fifty tensor operations of a microsecond each, and
calling methods, slicing and making room for results takes as long again. So the first two steps are
computed as written, the second is recorded, and all later ones are replayed: the same operations in
the same order on the same memory, and so the same numbers, bit for bit. CUDA graphs do this for a
GPU.

Only what promises to be the same again is replayed: classes that are ``capturable`` (see
``minidl.module.Module``). A promise that is seen to be broken (a number that changes, a tensor that
is replaced by another, an ``if`` on what a tensor holds) is not relied upon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import torch
from torch import Generator, Tensor

from minidl.engine.recorder import Recorder
from minidl.replicas import behaviour

Step: TypeAlias = Callable[..., None]

# What is compared as it is, and what stands for all that promises nothing.
CONSTANTS = (int, float, str, bytes, torch.dtype, torch.device, Generator, type(None))
UNKNOWN = object()


class Replay:
    """``step(*batch)``, which changes the tensors of ``state`` in place, replayed where it can be.

    It is recorded once for each shape of the batch.
    """

    def __init__(self, step: Step, state: Any):
        self.step = step
        self.state = state
        self.programs: dict[torch.Size, Step | None] = {}

    def __call__(self, *batch: Tensor) -> None:
        shape = batch[0].shape
        if shape not in self.programs:
            self.programs[shape] = None
            self.step(*batch)  # whatever is made in a first step is there when it is recorded
        elif (program := self.programs[shape]) is not None:
            program(*batch)
        else:
            self.programs[shape] = self.record(*batch)

    def record(self, *batch: Tensor) -> Step:
        """Compute a step, and return what computes the next one."""
        before = dict(leaves(self.state))
        if UNKNOWN in before.values():
            self.step(*batch)
            return self.step
        inputs = [part.clone() for part in batch]
        with Recorder() as recorder:
            self.step(*inputs)
        program = Program(inputs, recorder, before)
        safe = recorder.repeatable and program.knows(dict(leaves(self.state)))
        return program if safe else self.step

    def refresh(self) -> None:
        """Forget what was recorded if the state was changed since by other means than the step."""
        programs = [p for p in self.programs.values() if isinstance(p, Program)]
        if programs:
            now = dict(leaves(self.state))
            if not all(program.knows(now) for program in programs):
                self.programs.clear()


class Program:
    """A recorded step: calls that repeat it, on a batch that is copied to where they expect it.

    ``before`` is what the state held before, with the way to it; of tensors only those that the
    step uses.
    """

    def __init__(self, inputs: Sequence[Tensor], recorder: Recorder, before: dict[str, Any]):
        self.inputs = inputs
        self.launches = recorder.launches
        self.before = {
            path: Tensor if isinstance(leaf, Tensor) and id(leaf) not in recorder.found else leaf
            for path, leaf in before.items()
        }

    def __call__(self, *batch: Tensor) -> None:
        for own, part in zip(self.inputs, batch, strict=True):
            own.copy_(part)
        for launch in self.launches:
            launch()

    def knows(self, now: dict[str, Any]) -> bool:
        """Tell whether the state holds what it held, but for tensors that the step does not use."""
        return list(self.before) == list(now) and all(map(same, self.before.values(), now.values()))


def same(leaf: Any, now: Any) -> bool:
    """Tell whether a leaf is what it was; ``Tensor`` stands for any tensor."""
    if leaf is Tensor:
        return isinstance(now, Tensor)
    constant = isinstance(leaf, CONSTANTS) and type(leaf) is type(now)
    return leaf is now or (constant and leaf == now)


def leaves(thing: Any, path: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Any]]:
    """Yield all that an object holds, down to tensors and numbers, each with the way to it."""
    seen = set() if seen is None else seen
    if isinstance(thing, (Tensor, *CONSTANTS)):
        yield path, thing
    elif type(thing) in (list, tuple):
        for i, item in enumerate(thing):
            yield from leaves(item, f"{path}[{i}]", seen)
    elif type(thing) is dict:
        for key, item in thing.items():
            yield from leaves(item, f"{path}[{key!r}]", seen)
    elif not vars(behaviour(type(thing))).get("capturable"):
        yield path, UNKNOWN
    else:
        yield path, thing
        if id(thing) not in seen:
            seen.add(id(thing))
            for name, item in vars(thing).items():
                yield from leaves(item, f"{path}.{name}", seen)
