"""Many networks as one: the leading axis of every tensor counts the replicas.

``stack([a, b, c])`` works on anything that is built alike: networks, losses, optimizers, data sets,
or tuples of them. Tensors are stacked; numbers that differ become a ``(R, 1, 1)`` tensor, which
broadcasts; modules of different kinds (tanh here, ReLU there) become ``Replicas``. A network is
therefore written, built and tested once, alone, and a stack is only a shape.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from types import FunctionType, ModuleType
from typing import Any

import torch
from torch import Generator, Tensor

from minidl.data.source import Dataset
from minidl.engine.promise import behaviour, replayable
from minidl.module import Module

# Types that have attributes but are not taken apart.
WHOLE = (type, FunctionType, ModuleType, partial)


@replayable
class Replicas(Module):
    """Different modules for different replicas: one child for each slice of the leading axis."""

    def __init__(self, children: Sequence[Module], sizes: Sequence[int]):
        self.children = list(children)
        self.sizes = list(sizes)

    def forward(self, *input: Tensor) -> Tensor:
        parts = zip(*(whole.split(self.sizes) for whole in input), strict=True)
        outputs = [child.forward(*part) for child, part in zip(self.children, parts, strict=True)]
        return torch.cat(outputs)

    def backward(self, *gradwrtoutput: Tensor) -> Tensor:
        parts = zip(*(whole.split(self.sizes) for whole in gradwrtoutput), strict=True)
        return torch.cat([c.backward(*part) for c, part in zip(self.children, parts, strict=True)])


def stack(objects: Sequence[Any]) -> Any:
    """Join R objects that are built alike into one with a leading axis of R.

    An object that occurs twice inside the originals (a weight that the network and its optimizer
    both hold) occurs twice in the result. The originals are not changed.

    Numbers that differ get torch's default dtype, and flags that differ become a tensor of flags.
    Generators become a list, from which ``minidl.random.per_replica`` draws. Lists, tuples and
    dictionaries are joined part by part, and anything else that is equal (flags, sets, functions)
    stays as it is. Raises ValueError where the originals differ in more than that, and when there
    are none.

    Points that all replicas share (one tensor in every ``Dataset``) stay one tensor, expanded.
    """
    if not objects:
        raise ValueError("a stack needs at least one object")
    return _stack(list(objects), {})


def _stack(originals: list[Any], memo: dict[tuple[int, ...], Any]) -> Any:
    key = tuple(map(id, originals))
    if key not in memo:
        memo[key] = _join(originals, memo)
    return memo[key]


def _join(originals: list[Any], memo: dict[tuple[int, ...], Any]) -> Any:
    first = originals[0]
    if isinstance(first, Dataset):
        return Dataset(*map(_join_points, zip(*originals, strict=True)))
    if isinstance(first, Tensor):
        return _join_tensors(originals)
    if isinstance(first, Generator):
        return list(originals)
    if isinstance(first, (list, tuple)):
        items = [_stack(list(column), memo) for column in zip(*originals, strict=True)]
        return type(first)(*items) if hasattr(first, "_fields") else type(first)(items)
    if isinstance(first, dict):
        return _join_dictionaries(originals, memo)
    if not hasattr(first, "__dict__") or isinstance(first, WHOLE):
        return _join_constants(originals)
    if len(set(map(_computes, originals))) > 1:
        return _join_slices(originals, memo)
    if any(vars(original).keys() != vars(first).keys() for original in originals):
        raise ValueError(f"cannot share a stack: {type(first).__name__} with other attributes")
    joined = copy.copy(first)
    for name in vars(first):
        setattr(joined, name, _stack([vars(original)[name] for original in originals], memo))
    return joined


def _join_tensors(originals: Sequence[Tensor]) -> Tensor:
    if len(shapes := {tuple(original.shape) for original in originals}) > 1:
        raise ValueError(f"cannot share a stack: tensors of the shapes {sorted(shapes)}")
    return torch.stack(list(originals))


def _join_points(originals: Sequence[Tensor]) -> Tensor:
    """Share points that all replicas have: unlike parameters, they are only read, never changed."""
    first = originals[0]
    if all(original is first for original in originals):
        return first.expand(len(originals), *first.shape)
    return _join_tensors(originals)


def _join_dictionaries(originals: list[Any], memo: dict[tuple[int, ...], Any]) -> dict[Any, Any]:
    keys = [list(original) for original in originals]
    if any(set(own) != set(keys[0]) for own in keys):
        raise ValueError(f"cannot share a stack: dictionaries with the keys {keys}")
    return {key: _stack([original[key] for original in originals], memo) for key in keys[0]}


def _join_constants(originals: list[Any]) -> Any:
    first = originals[0]
    if all(type(original) is type(first) and original == first for original in originals):
        return first
    if all(isinstance(original, bool) for original in originals):
        return torch.tensor(originals).view(-1, 1, 1)
    if not all(isinstance(o, (int, float)) and not isinstance(o, bool) for o in originals):
        raise ValueError(f"cannot be stacked, because they differ: {originals}")
    if all(original == first for original in originals):
        return first
    return torch.tensor(originals, dtype=torch.get_default_dtype()).view(-1, 1, 1)


def _computes(original: Any) -> tuple[Any, ...]:
    """Return what decides which operations an object computes: its class and its strings."""
    texts = {name: value for name, value in vars(original).items() if isinstance(value, str)}
    return behaviour(type(original)), *sorted(texts.items())


def _join_slices(originals: list[Any], memo: dict[tuple[int, ...], Any]) -> Replicas:
    if any(not isinstance(module, Module) or module.param() for module in originals):
        raise ValueError(f"cannot share a stack: {sorted({type(o).__name__ for o in originals})}")
    slices = [list(alike) for _, alike in groupby(originals, _computes)]
    return Replicas([_stack(alike, memo) for alike in slices], [len(alike) for alike in slices])
