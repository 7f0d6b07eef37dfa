"""Metrics: how a network's outputs are scored, and which tasks each metric fits.

A data set has one of three tasks: ``binary`` (one output, targets 0 and 1), ``classes`` (K outputs,
targets one-hot) and ``regression`` (any targets). A metric adds up ``totals`` over the pieces of a
data set, and turns them into a ``score`` for each replica.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from minidl.registry import KINDS, register

if TYPE_CHECKING:  # a metric's facts are read where torch is not loaded
    from torch import Tensor

TASKS = ("binary", "classes", "regression")


class Metric:
    """A score of outputs ``(*stack, n, d)`` against targets of the same shape.

    ``title`` names it in text, ``unit`` is the unit of a value, ``difference`` that of a difference
    between two, ``digits`` are the decimals of a value in a table. ``better`` says which direction
    is good (``higher`` or ``lower``), ``margin`` is the smallest difference that matters in
    practice, ``target`` the value that counts as reached, None where that depends on the data,
    and ``best`` the value that nothing can surpass.
    """

    title: ClassVar[str]
    unit: ClassVar[str] = ""
    difference: ClassVar[str] = ""
    better: ClassVar[str] = "higher"
    target: ClassVar[float | None] = None
    best: ClassVar[float | None] = None
    digits: ClassVar[int] = 2
    margin: ClassVar[float]
    tasks: ClassVar[tuple[str, ...]]

    def check(self, target: Tensor) -> None:
        """Raise ValueError for targets that it cannot score."""

    def constant(self, target: Tensor) -> Tensor:
        """Return the score ``(*stack,)`` of the best constant answer to some targets."""
        raise NotImplementedError

    def totals(self, output: Tensor, target: Tensor) -> tuple[Tensor, ...]:
        """Return what a piece of the data adds, each ``(*stack, ...)`` and float64."""
        raise NotImplementedError

    def score(self, n: int, *totals: Tensor) -> Tensor:
        """Return the score ``(*stack,)`` of ``n`` points from the sums of their totals."""
        raise NotImplementedError


@register("metric", "accuracy")
class Accuracy(Metric):
    """Percentage of points that are answered correctly. A target of 1 means yes, 0 or -1 no.

    With one output, an output of at least ``threshold`` means yes, otherwise no. With K outputs
    the answer is the class of the largest one (the first of several).
    """

    title = "accuracy"
    unit, difference, digits, margin = "%", "points", 1, 0.5
    target, best = 95.0, 100.0
    tasks = ("binary", "classes")

    def __init__(self, threshold: float | Tensor = 0.5):
        self.threshold = threshold

    def check(self, target: Tensor) -> None:
        yes = target == 1
        if not any(bool((yes | (target == no)).all()) for no in (0, -1)):
            raise ValueError(
                "accuracy needs targets of 0 and 1, or of -1 and 1; a regression has r2 and rmse"
            )
        if target.shape[-1] > 1 and not (yes.sum(dim=-1) == 1).all():
            raise ValueError("accuracy needs one-hot targets where there are several outputs")

    def constant(self, target: Tensor) -> Tensor:
        share = (target == 1).double().mean(dim=-2)
        return 100 * (share.amax(dim=-1) if share.shape[-1] > 1 else larger(share.squeeze(-1)))

    def totals(self, output: Tensor, target: Tensor) -> tuple[Tensor, ...]:
        if target.shape[-1] == 1:
            right = ((output >= self.threshold) == (target == 1)).squeeze(-1)
        else:
            right = output.argmax(dim=-1) == target.argmax(dim=-1)
        return (right.sum(dim=-1).double(),)

    def score(self, n: int, *totals: Tensor) -> Tensor:
        return totals[0] * 100 / n


@register("metric", "r2")
class R2(Metric):
    """``1 - sum (p - y)^2 / sum (y - mean y)^2``: the coefficient of determination.

    1 is perfect, 0 no better than the mean of the targets. With several outputs it is the mean over
    them. Where a target is constant it is NaN, infinite or hugely negative; otherwise it is
    scikit-learn's ``r2_score``.
    """

    title = "R²"
    digits, margin = 3, 0.01
    target, best = 0.95, 1.0
    tasks = ("regression",)

    def constant(self, target: Tensor) -> Tensor:
        return target.new_zeros(target.shape[:-2]).double()

    def totals(self, output: Tensor, target: Tensor) -> tuple[Tensor, ...]:
        p, y = output.double(), target.double()
        return (p - y).square().sum(dim=-2), y.sum(dim=-2), y.square().sum(dim=-2)

    def score(self, n: int, *totals: Tensor) -> Tensor:
        error, total, squares = totals
        spread = (squares - total * total / n).clamp(min=0)  # rounding may make it negative
        return (1 - error / spread).mean(dim=-1)


@register("metric", "rmse")
class RMSE(Metric):
    """``sqrt(mean (p - y)^2)``: the root of the mean squared error, in the targets' own unit."""

    title = "RMSE"
    better, digits, margin = "lower", 4, 0.01
    tasks = ("regression",)

    def constant(self, target: Tensor) -> Tensor:
        return target.double().var(dim=-2, correction=0).mean(dim=-1).sqrt()

    def totals(self, output: Tensor, target: Tensor) -> tuple[Tensor, ...]:
        return ((output.double() - target.double()).square().mean(dim=-1).sum(dim=-1),)

    def score(self, n: int, *totals: Tensor) -> Tensor:
        return (totals[0] / n).sqrt()


def larger(share: Tensor) -> Tensor:
    """Return the larger of a share and its complement."""
    return share.maximum(1 - share)


def metric_called(name: str) -> type[Metric]:
    """Return the metric of a name; for a user's own metric that is not loaded, return one without
    code, with its name as the title.
    """
    facts = {"title": name, "digits": 3, "margin": 0.01, "tasks": ()}
    return KINDS["metric"].get(name) or type(name, (Metric,), facts)


def name_of(metric: Metric) -> str:
    """Return the name that a metric's class is registered under, or else the class's own."""
    names = {component: name for name, component in KINDS["metric"].items()}
    return names.get(type(metric), type(metric).__name__.lower())


def fitting_targets(target: Tensor) -> list[Metric]:
    """Return the metrics that fit some targets: accuracy for 0 and 1, -1 and 1, or one-hot
    targets, otherwise those of a regression.
    """
    try:
        Accuracy().check(target)
    except ValueError:
        return [R2(), RMSE()]
    return [Accuracy()]


def fitting(task: str) -> dict[str, type[Metric]]:
    """Return the registered metrics that fit a task, by name."""
    return {name: metric for name, metric in KINDS["metric"].items() if task in metric.tasks}
