"""The paper's Module (section 3), and the container that chains modules into a network."""

from __future__ import annotations

from typing import TypeAlias

from torch import Tensor

from minidl.engine.promise import replayable

Param: TypeAlias = "list[tuple[Tensor, Tensor]]"


class Module:
    """A differentiable function: it computes, and it carries gradients back.

    Every tensor has the shape ``(*stack, n, d)``: ``stack = ()`` is one network, ``stack = (R,)``
    is R independent networks that are trained in step.
    """

    def forward(self, *input: Tensor) -> Tensor:
        """Compute the output, and keep what ``backward`` will need."""
        raise NotImplementedError

    def backward(self, *gradwrtoutput: Tensor) -> Tensor:
        """Turn the loss's gradient at the output of the last ``forward`` into that at its input.

        The gradients of the parameters are *set*, not added to: each call describes one batch.
        """
        raise NotImplementedError

    def param(self) -> Param:
        """Return the parameters as (value, gradient) pairs; the tensors stay the same objects."""
        return []

    def update(self, lr: float | Tensor) -> None:
        """Take a plain gradient step: ``value <- value - lr * gradient`` (the paper's "None")."""
        for value, gradient in self.param():
            value.sub_(lr * gradient)

    def zero_grad(self) -> None:
        """Set every gradient to zero."""
        for _, gradient in self.param():
            gradient.zero_()


@replayable
class Sequential(Module):
    """``f(x) = m_k(... m_2(m_1(x)))``: one module after another."""

    def __init__(self, *modules: Module):
        self.modules = list(modules)

    def forward(self, x: Tensor) -> Tensor:
        for module in self.modules:
            x = module.forward(x)
        return x

    def backward(self, gradient: Tensor) -> Tensor:
        for module in reversed(self.modules):
            gradient = module.backward(gradient)
        return gradient

    def param(self) -> Param:
        return [pair for module in self.modules for pair in module.param()]
