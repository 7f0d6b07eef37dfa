"""What a class promises about its steps, so that the engine may take a shortcut.

A promise is a class's own: a subclass that computes something else has to give it again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary, WeakSet

Class = TypeVar("Class", bound=type)

REPLAYABLE: WeakSet[type] = WeakSet()
ELEMENTWISE: WeakKeyDictionary[type, tuple[str, ...]] = WeakKeyDictionary()


def replayable(cls: Class) -> Class:
    """Promise that every step of a class is the same tensor operations.

    What it carries from step to step (a moment, a counter that is a tensor) is changed in place:
    ``mul_``, ``lerp_``, ``out=``. Then a step is recorded once and replayed (``replay.py``).

    Leave it out where there is a Python counter, an ``if`` on a number, a view that a tensor
    chooses (``rates[t]``), a generator that is seeded again, or anything remembered outside the
    object. Without the promise everything still works, computed as written.
    """
    REPLAYABLE.add(cls)
    return cls


def elementwise(*moments: str) -> Callable[[Class], Class]:
    """Promise that an optimizer's step treats every number by itself, whatever tensor it lies in.

    ``moments`` name the attributes that keep one tensor beside each parameter, if there are any.
    Then parameters, gradients and moments are laid end to end (``flat.py``). A class that looks at
    a whole layer, for a norm say, must not promise this.
    """

    def promise(cls: Class) -> Class:
        ELEMENTWISE[cls] = moments
        return cls

    return promise


def is_replayable(cls: type) -> bool:
    """Whether the class whose code this one runs is ``@replayable``."""
    return behaviour(cls) in REPLAYABLE


def moments_of(cls: type) -> tuple[str, ...] | None:
    """Return the moments of an ``@elementwise`` class, None where it is not one."""
    return ELEMENTWISE.get(behaviour(cls))


def behaviour(component: type) -> type:
    """Return the class that defines what a component computes: the component itself, or its parent
    if the two differ in the constructor alone.
    """
    own = (cls for cls in component.__mro__ if any(not name.startswith("__") for name in vars(cls)))
    return next(own, component)
