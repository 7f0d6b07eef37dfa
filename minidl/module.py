"""The paper's Module (section 3), and the container that chains modules into a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import NamedTuple, ParamSpec, TypeAlias, TypeVar

from torch import Tensor

from minidl.engine.layout import dimensions, laid_out
from minidl.engine.promise import replayable

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Param: TypeAlias = "list[tuple[Tensor, Tensor]]"


class Weight(NamedTuple):
    """A pair of ``param()`` that penalties act on: a weight matrix, not a bias, gain or shift."""

    value: Tensor
    gradient: Tensor


class Module:
    """A differentiable function: it computes, and it carries gradients back.

    Every tensor has the shape ``(*stack, n, d)``: ``stack = ()`` is one network, ``stack = (R,)``
    is R independent networks that are trained in step.

    ``training`` is True in a training step and False inside ``minidl.evaluate``, for modules that
    behave differently in the two, such as dropout.
    """

    training = True

    def forward(self, *input: Tensor) -> Tensor:
        """Compute the output, and keep what ``backward`` will need."""
        raise NotImplementedError

    def __call__(self, *input: Tensor) -> Tensor:
        return self.forward(*input)

    def __repr__(self) -> str:
        """Return the class and the shapes of the parameters: ``Linear(2×25, 1×25)``."""
        return f"{type(self).__name__}({', '.join(dimensions(value) for value, _ in self.param())})"

    def backward(self, *gradwrtoutput: Tensor) -> Tensor:
        """Turn the loss's gradient at the output of the last ``forward`` into that at its input.

        The gradients of the parameters are *set*, not added to: each call describes one batch.
        """
        raise NotImplementedError

    def param(self) -> Param:
        """Return the parameters as (value, gradient) pairs; the tensors stay the same objects.

        Weight decay acts on the pairs that are a ``Weight``.
        """
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
    """``f(x) = m_k(... m_2(m_1(x)))``: one module after another.

    Each module gets a contiguous tensor, as it does in a stack of different modules, so sums over
    it round the same alone and in a stack.

    Raises ValueError when a module occurs twice: what it keeps for ``backward`` is of its last
    ``forward`` alone.
    """

    def __init__(self, *modules: Module):
        seen: set[int] = set()
        for module in modules:
            own = set(map(id, modules_in(module, set())))
            if own & seen:
                name = type(module).__name__
                raise ValueError(
                    f"{name} occurs twice in a network, which needs one for each place"
                )
            seen |= own
        self.modules = list(modules)

    def __repr__(self) -> str:
        return "\n  ".join(["Sequential(", *map(repr, self.modules)]) + "\n)"

    def forward(self, x: Tensor) -> Tensor:
        x = laid_out(x)
        for module in self.modules:
            x = laid_out(module.forward(x))
        return x

    def backward(self, gradient: Tensor) -> Tensor:
        gradient = laid_out(gradient)
        for module in reversed(self.modules):
            gradient = laid_out(module.backward(gradient))
        return gradient

    def param(self) -> Param:
        return [pair for module in self.modules for pair in module.param()]


def evaluating(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Set ``training`` to False in all modules that a function is given, while it runs."""

    @wraps(function)
    def evaluate(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        modules = list(modules_in([*args, *kwargs.values()], set()))
        held = [vars(module).copy() for module in modules]
        for module in modules:
            module.training = False
        try:
            return function(*args, **kwargs)
        finally:
            for module, before in zip(modules, held, strict=True):
                del module.training  # attributes as before: a recorded step stays valid
                if "training" in before:
                    module.training = before["training"]

    return evaluate


def modules_in(thing: object, seen: set[int]) -> Iterator[Module]:
    """Yield every module in modules, lists, tuples and dictionaries, once."""
    if isinstance(thing, Module) and id(thing) not in seen:
        seen.add(id(thing))
        yield thing
        yield from modules_in(vars(thing), seen)
    elif isinstance(thing, (list, tuple, dict)):
        for part in thing.values() if isinstance(thing, dict) else thing:
            yield from modules_in(part, seen)
