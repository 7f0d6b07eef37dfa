"""What a function does with tensors, noted down as calls that do it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import BuiltinFunctionType, FunctionType
from typing import Any, TypeAlias

import torch
from torch import Generator, Tensor
from torch.overrides import TorchFunctionMode

Launch: TypeAlias = Callable[[], Any]

# What tells nothing of a tensor's numbers, and what makes room for some.
METADATA = {"__len__", "dim", "is_contiguous", "is_floating_point", "numel", "size", "stride"}
EMPTY = {"empty", "empty_like", "new_empty"}

# What only copies, what takes a number for an operand, and what can write into a given tensor.
COPIES = {"clone", "contiguous", "double", "float", "to"}
ARITHMETIC = {"add", "div", "mul", "sub"}
WRITERS = {
    *("abs", "add", "addcdiv", "addcmul", "baddbmm", "bmm", "cat", "clamp", "div", "exp", "expm1"),
    *("lerp", "log", "log1p", "matmul", "maximum", "mean", "minimum", "mul", "neg", "reciprocal"),
    *("rsqrt", "sigmoid", "sign", "sqrt", "square", "stack", "sub", "sum", "tanh"),
}

# What is compared as it is. Everything else is searched for these.
CONSTANTS = (int, float, str, bytes, type, torch.dtype, type(None))
LEAVES = (Tensor, Generator, BuiltinFunctionType, FunctionType, *CONSTANTS)


class Recorder(TorchFunctionMode):
    """Listens to all tensor operations while it is active.

    ``launches`` repeat them on the same memory. ``found`` are tensors that were there before,
    ``made`` all that came from operations.
    """

    def __init__(self):
        self.launches: list[Launch] = []
        self.found: dict[int, Tensor] = {}
        self.made: dict[int, Tensor] = {}
        self.repeatable = True

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        self.note(func, args, kwargs, result)
        return result

    def note(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        """Note a call, unless it only looks at memory in another way."""
        inputs, outputs = tensors((args, kwargs)), tensors(result)
        if func.__name__ in METADATA or (func.__name__ == "__get__" and not outputs):
            return
        self.found |= {id(tensor): tensor for tensor in inputs if id(tensor) not in self.made}
        self.made |= {id(tensor): tensor for tensor in outputs}
        if func.__name__ in EMPTY:
            return
        if not outputs and result is not None:
            self.repeatable = False
        elif not outputs or any(output is tensor for output in outputs for tensor in inputs):
            self.launches.append(partial(func, *args, **kwargs))
        elif not memory(outputs).keys() <= memory(inputs).keys():
            self.launches.append(again(func, args, kwargs, result))

    def bytes(self) -> int:
        """Return how much memory the results of the operations take."""
        return sum(memory(self.made.values()).values())


def again(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> Launch:
    """Return what repeats a call and puts the result where it was put the first time."""
    if func.__name__ in COPIES:
        return partial(result.copy_, args[0])
    if func.__name__ in WRITERS:
        if func.__name__ in ARITHMETIC:
            args = tuple(as_tensor(part, result) for part in args)
        return partial(getattr(torch, func.__name__), *args, **kwargs | {"out": result})

    def launch() -> None:
        for old, new in zip(tensors(result), tensors(func(*args, **kwargs)), strict=True):
            old.copy_(new)

    return launch


def as_tensor(part: Any, like: Tensor) -> Any:
    """Return a number as the tensor that it is turned into anyway, which takes most of a call."""
    return torch.tensor(part, dtype=like.dtype) if isinstance(part, (int, float)) else part


def memory(some: Iterable[Tensor]) -> dict[int, int]:
    """Return where the numbers of tensors lie, and how many bytes they take there."""
    storages = [tensor.untyped_storage() for tensor in some]
    return {storage.data_ptr(): storage.nbytes() for storage in storages}


def tensors(thing: Any) -> list[Tensor]:
    """Return the tensors in nested lists, tuples and dictionaries."""
    return [leaf for _, leaf in leaves(thing) if isinstance(leaf, Tensor)]


def leaves(thing: Any, path: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Any]]:
    """Yield all that an object holds, down to tensors and numbers, each with the way to it."""
    seen = set() if seen is None else seen
    if isinstance(thing, LEAVES):
        yield path, thing
    elif isinstance(thing, (list, tuple)):
        for i, item in enumerate(thing):
            yield from leaves(item, f"{path}.{i}", seen)
    elif isinstance(thing, dict):
        for key, item in thing.items():
            yield from leaves(item, f"{path}.{key}", seen)
    elif not hasattr(thing, "__dict__"):
        yield path, object()  # equal to nothing: who knows what it remembers
    elif id(thing) not in seen:
        seen.add(id(thing))
        yield from leaves(vars(thing), path, seen)
