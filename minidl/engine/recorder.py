"""What a function does with tensors, recorded as calls that repeat it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

Run: TypeAlias = Callable[[], Any]

# With more bytes of intermediate results the arithmetic takes far longer than Python.
MAX_BYTES = 2**27

# Functions that tell nothing about a tensor's numbers, that make room for some, and that view
# memory in the shape of another tensor.
METADATA = {"__len__", "dim", "is_contiguous", "is_floating_point", "numel", "size", "stride"}
EMPTY = {"empty", "empty_like", "new_empty"}
ALIKE = {"expand_as", "view_as"}

# Functions that only copy, that take a number as an operand, and that can write into a tensor.
COPIES = {"clone", "contiguous", "double", "float", "to"}
ARITHMETIC = {"add", "div", "mul", "sub"}
WRITERS = {
    *("abs", "add", "addcdiv", "addcmul", "baddbmm", "bmm", "cat", "clamp", "div", "exp", "expm1"),
    *("lerp", "log", "log1p", "matmul", "maximum", "mean", "minimum", "mul", "neg", "reciprocal"),
    *("rsqrt", "sigmoid", "sign", "sqrt", "square", "stack", "sub", "sum", "tanh"),
}
# Functions that do nothing but make their result, or write it where they are told to.
PURE = {*COPIES, *WRITERS, "copy", "__rsub__"}


@dataclass
class Launch:
    """A call that repeats a recorded one.

    ``reads`` and ``writes`` are the memory that it touches. It is ``pure`` when it does nothing but
    write there, and ``fresh`` when nothing was there before.
    """

    run: Run
    reads: set[int]
    writes: set[int]
    pure: bool
    fresh: bool


class Recorder(TorchFunctionMode):
    """Listens to all tensor operations while it is active.

    ``launches`` repeat them on the same memory, if ``repeatable`` is still true at the end.
    ``found`` are the tensors that were there before, ``made`` all that came from operations.
    """

    def __init__(self):
        self.launches: list[Launch] = []
        self.found: dict[int, Tensor] = {}
        self.made: dict[int, Tensor] = {}
        self.taken: dict[int, int] = {}  # where results lie, and their bytes
        self.repeatable = True

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        try:
            result = func(*args, **kwargs)
        except Exception:
            self.give_up()  # somebody may catch it and do something else
            raise
        if self.repeatable:
            self.note(func, args, kwargs, result)
        return result

    def give_up(self) -> None:
        """Discard what was recorded: the step cannot be repeated."""
        self.repeatable = False
        self.launches, self.found, self.made = [], {}, {}

    def note(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        """Record a call, unless it only views memory in another way."""
        name, inputs, outputs = func.__name__, tensors((args, kwargs)), tensors(result)
        asks = name in METADATA or (name == "__get__" and not outputs)
        if asks or (name in COPIES and result is inputs[0]):  # not copied: there was no need to
            return
        self.found |= {id(tensor): tensor for tensor in inputs if id(tensor) not in self.made}
        self.made |= {id(tensor): tensor for tensor in outputs}
        reads, results = memory(inputs), memory(outputs)
        new = {where: n for where, n in results.items() if where not in reads}
        self.taken |= new
        decides = not outputs and result is not None  # a number came out of a tensor
        in_place = not outputs or any(output is tensor for output in outputs for tensor in inputs)
        pure = bool(outputs) and not {name, name.removesuffix("_")}.isdisjoint(PURE)
        if decides or sum(self.taken.values()) > MAX_BYTES:
            self.give_up()
        elif in_place:
            run = partial(func, *map(kept, args), **kwargs)
            writes = set(results) if pure else {*reads, *results}
            self.launches.append(Launch(run, set(reads), writes, pure, fresh=False))
        elif new and name not in EMPTY:
            run = again(func, tuple(map(kept, args)), kwargs, result)
            self.launches.append(Launch(run, set(reads), set(results), pure, fresh=True))
        elif not new and len(inputs) > 1 and name not in ALIKE:
            self.give_up()  # which memory it views depends on a tensor


def kept(part: Any) -> Any:
    """Return an argument as it is now: a list may grow."""
    return part.copy() if isinstance(part, list) else part


def again(
    func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any
) -> Callable[[], Any]:
    """Return a function that repeats a call and puts the result where the first one lies."""
    name = func.__name__
    if name in COPIES:
        return partial(result.copy_, tensors((args, kwargs))[0])
    if name in WRITERS:
        ready = [as_tensor(part, result) if name in ARITHMETIC else part for part in args]
        launch = partial(getattr(torch, name), *ready, **kwargs | {"out": result})
        try:
            launch()
        except TypeError:  # not every form of a function can write
            pass
        else:
            return launch

    def repeat() -> None:
        for old, new in zip(tensors(result), tensors(func(*args, **kwargs)), strict=True):
            old.copy_(new)

    return repeat


def as_tensor(part: Any, like: Tensor) -> Any:
    """Return a number as a tensor: torch turns it into one anyway, which takes most of a call."""
    if isinstance(part, (int, float)) and like.dtype in (torch.float32, torch.float64):
        return torch.tensor(part, dtype=like.dtype)
    return part


def memory(some: Iterable[Tensor]) -> dict[int, int]:
    """Return where the numbers of tensors lie, and how many bytes they take there."""
    storages = [tensor.untyped_storage() for tensor in some]
    return {storage.data_ptr(): storage.nbytes() for storage in storages}


def tensors(thing: Any) -> list[Tensor]:
    """Return the tensors in nested lists, tuples and dictionaries."""
    if isinstance(thing, Tensor):
        return [thing]
    items = thing.values() if isinstance(thing, dict) else thing
    nested = isinstance(thing, (dict, list, tuple))
    return [tensor for item in items for tensor in tensors(item)] if nested else []
