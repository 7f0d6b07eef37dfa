"""scikit-learn's MLPClassifier, one network after another."""

from __future__ import annotations

import importlib.util
import warnings
from typing import Any

import torch
from torch import Tensor

from benchmarks.contenders import Run, Start
from benchmarks.work import Condition, Work


class SklearnMLP:
    """It has no leaky ReLU, and cross-entropy as its only loss."""

    name = "scikit-learn"

    def missing(self) -> str | None:
        return None if importlib.util.find_spec("sklearn") else "scikit-learn is not installed"

    def unfit(self, condition: Condition) -> str | None:
        if condition.loss != "bce":
            return "no MSE"
        return "no leaky ReLU" if condition.activation == "leaky_relu" else None

    def prepare(self, work: Work) -> Start:
        def start() -> Run:
            classifiers = [build(work, r) for r in range(work.networks)]

            def run(steps: int) -> list[Tensor]:
                trained = [train(c, work, r, steps) for r, c in enumerate(classifiers)]
                return [torch.stack(column) for column in zip(*trained, strict=True)]

            return run

        return start


def build(work: Work, r: int) -> Any:
    """Return network r with its initial weights, which a first call has to make room for."""
    from sklearn.neural_network import MLPClassifier

    condition = work.condition
    classifier = MLPClassifier(
        work.widths[1:-1],
        activation=condition.activation,
        solver="adam" if condition.optimizer == "adam" else "sgd",
        # Its velocity is undampened, and the learning rate is a part of it.
        learning_rate_init=condition.lr * (1 - condition.momentum),
        momentum=condition.momentum,
        nesterovs_momentum=False,
        alpha=0.0,
        batch_size=work.batch_size,
        max_iter=1,
        shuffle=False,
    )
    x, y = (part[0, r].numpy() for part in work.batches)
    classifier.partial_fit(x, y[:, 0], classes=[0.0, 1.0])
    classifier.coefs_ = [weight[r].clone().numpy() for weight in work.weights[::2]]
    classifier.intercepts_ = [bias[r, 0].clone().numpy() for bias in work.weights[1::2]]
    return classifier.set_params(warm_start=True)


def train(classifier: Any, work: Work, r: int, steps: int) -> list[Tensor]:
    """Fit once, which goes through the batches in their order."""
    from sklearn.exceptions import ConvergenceWarning

    x, y = (part[:steps, r].flatten(0, 1).numpy() for part in work.batches)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # one pass is all that is wanted
        classifier.fit(x, y[:, 0])
    layers = zip(classifier.coefs_, classifier.intercepts_, strict=True)
    return [torch.as_tensor(part) for coef, bias in layers for part in (coef, bias[None])]
