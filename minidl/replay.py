"""A training step that is recorded once and then replayed, without the Python around it.

A small network waits for Python: a step is some fifty tensor operations of a microsecond each, and
calling methods, slicing and making room for results takes as long again. So the first two steps are
computed as written, the second is recorded, and all later ones are replayed: the same operations in
the same order on the same memory, and so the same numbers, bit for bit. CUDA graphs do this for a
GPU.

Only what is known to be the same again is replayed. What a step remembers in Python (a counter, a
tensor that is replaced by another) would stand still in a replay, and where a step looks at a
number, the number may decide what comes next: such a step is computed as written every time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from minidl.recorder import Recorder, leaves

# With more bytes of intermediate results the arithmetic takes far longer than Python.
MAX_BYTES = 2**27


class Replay:
    """``step(*batch)``, which changes the tensors of ``state`` in place, replayed where it can be.

    It is recorded once for each shape of the batch.
    """

    def __init__(self, step: Callable[..., None], state: Any):
        self.step = step
        self.state = state
        self.programs: dict[torch.Size, Callable[..., None]] = {}

    def __call__(self, *batch: Tensor) -> None:
        program = self.programs.get(batch[0].shape)
        if program is None:
            self.step(*batch)  # whatever is made in a first step is there when it is recorded
            self.programs[batch[0].shape] = self.record
        else:
            program(*batch)

    def record(self, *batch: Tensor) -> None:
        """Compute a step, and keep what it does for the next one where that is safe."""
        inputs = [part.clone() for part in batch]
        before = dict(leaves(self.state))
        with Recorder() as recorder:
            self.step(*inputs)
        program = Program(inputs, recorder, before)
        safe = recorder.repeatable and recorder.bytes() <= MAX_BYTES
        safe = safe and program.knows(dict(leaves(self.state)))
        self.programs[batch[0].shape] = program if safe else self.step

    def refresh(self) -> None:
        """Forget what was recorded if the state was changed since by other means than the step."""
        now = dict(leaves(self.state))
        programs = [p for p in self.programs.values() if isinstance(p, Program)]
        if not all(program.knows(now) for program in programs):
            self.programs.clear()


class Program:
    """A recorded step: calls that repeat it, on a batch that is copied to where they expect it.

    ``before`` is what the state held before the step, with the way to it.
    """

    def __init__(self, inputs: Sequence[Tensor], recorder: Recorder, before: dict[str, Any]):
        self.inputs = inputs
        self.launches = recorder.launches
        self.found = recorder.found
        self.before = before

    def __call__(self, *batch: Tensor) -> None:
        for own, part in zip(self.inputs, batch, strict=True):
            own.copy_(part)
        for launch in self.launches:
            launch()

    def knows(self, now: dict[str, Any]) -> bool:
        """Tell whether the state holds what it held, but for tensors that the step does not use."""
        return self.before.keys() == now.keys() and all(
            self.still(leaf, now[path]) for path, leaf in self.before.items()
        )

    def still(self, leaf: Any, now: Any) -> bool:
        return leaf is now or (
            id(leaf) not in self.found if isinstance(leaf, Tensor) else leaf == now
        )
