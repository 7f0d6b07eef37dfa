"""Functions that round every number in the same way, wherever it lies in a tensor."""

from __future__ import annotations

from torch import Tensor

# The number of elements that torch's loops take at a time, or a multiple of it.
WHOLE = 64


def sigmoid(x: Tensor) -> Tensor:
    """``1 / (1 + exp(-x))``, in a new tensor.

    ``torch.sigmoid`` is several times as fast as ``torch.tanh`` or ``torch.exp``, but the last
    elements, which fill no whole vector register, take another path and round differently. Here
    those elements are padding, so a network's numbers do not depend on its place in a stack.
    """
    n = x.numel()
    room = x.new_empty(n + -n % WHOLE)
    y = room[:n].view(x.shape)
    y.copy_(x)
    room.sigmoid_()
    return y
