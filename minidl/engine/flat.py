"""One long tensor instead of many: what an optimizer changes, laid end to end.

A step is the same few elementwise operations on every parameter. On one tensor of all numbers each
operation is started once, not once per weight and bias; small networks mostly wait for such starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from minidl.engine.promise import moments_of


def flatten(optimizer: Any) -> None:
    """Lay the parameters of an optimizer end to end, and likewise its gradients and moments.

    The layers keep their tensors, which become views. A hyper-parameter stays one number where all
    replicas agree, and is repeated for every number of its replica where they do not. The numbers
    stay the same, bit for bit. An optimizer whose class is not ``@elementwise``, or that clips the
    gradients of a whole replica, stays as it is.
    """
    moments = moments_of(type(optimizer))
    if moments is None or not optimizer.param or optimizer.clip_norm is not None:
        return
    values, gradients = zip(*optimizer.param, strict=True)
    shapes = [value.shape for value in values]
    for name, held in vars(optimizer).items():
        if name in (*moments, *optimizer.beside):
            setattr(optimizer, name, [end_to_end(held)] if held else [])
        else:
            setattr(optimizer, name, repeat_each(held, shapes))
    optimizer.shapes = [tuple(shape) for shape in shapes]
    optimizer.param = [(end_to_end(values), end_to_end(gradients))]


def repeat_each(held: Any, shapes: Sequence[Sequence[int]]) -> Any:
    """Return an attribute with its hyper-parameters, alone or in a list, repeated as needed."""
    if isinstance(held, Tensor):
        return repeat(held, shapes)
    if isinstance(held, list) and all(isinstance(rate, Tensor) for rate in held):
        return [repeat(rate, shapes) for rate in held]
    return held


def repeat(rate: Tensor, shapes: Sequence[Sequence[int]]) -> Tensor:
    """Turn a hyper-parameter ``(*stack, 1, 1)`` into one number ``(1,)`` or one for each number."""
    if (rate == rate.flatten()[0]).all():
        return rate.flatten()[:1]
    return torch.cat([rate.expand(*shape).flatten() for shape in shapes])


def end_to_end(tensors: Sequence[Tensor]) -> Tensor:
    """Return the numbers of all tensors in one, and make the tensors views of it."""
    flat = torch.cat([tensor.flatten() for tensor in tensors])
    pieces = flat.split([tensor.numel() for tensor in tensors])
    for tensor, piece in zip(tensors, pieces, strict=True):
        tensor.set_(piece.view_as(tensor))  # pyright: ignore[reportArgumentType]  # stub lacks it
    return flat
