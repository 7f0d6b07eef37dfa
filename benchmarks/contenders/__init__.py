"""One file for each contender, all with the same face.

``missing() -> str | None``
    Why the contender cannot take part here, in a few words; None when it can.
``unfit(condition) -> str | None``
    Why it cannot train this condition; None when it can.
``prepare(work) -> start``
    Builds what is built once. Then ``start()`` sets all networks of the work to their initial
    weights and returns ``run``, and ``run(steps)``, called once, trains them for so many steps and
    returns their weights in the work's form. Only ``run`` is timed. Compiling may happen in the
    first one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from torch import Tensor

from benchmarks.work import Condition, Work

Run: TypeAlias = Callable[[int], list[Tensor]]
Start: TypeAlias = Callable[[], Run]


class Contender(Protocol):
    """What each module in this folder offers, or each instance where a module has several."""

    name: str

    def missing(self) -> str | None: ...

    def unfit(self, condition: Condition) -> str | None: ...

    def prepare(self, work: Work) -> Start: ...


class Always:
    """A contender that needs nothing but torch and knows all conditions."""

    def missing(self) -> str | None:
        return None

    def unfit(self, condition: Condition) -> str | None:  # noqa: ARG002  # the common face
        return None
