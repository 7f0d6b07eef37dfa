"""Names of components as people write them: in pictures and on the page, which nobody types from.

Terminal, Markdown, CSV and JSON keep the registered names: they go into commands and grid files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

NAMES = {
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "selu": "SELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "mse": "MSE",
    "bce": "BCE",
    "mae": "MAE",
    "huber": "Huber",
    "bce_with_logits": "BCE with logits",
    "cross_entropy": "cross-entropy",
    "sgd": "SGD",
    "adam": "Adam",
    "adamw": "AdamW",
    "nadam": "NAdam",
    "adagrad": "Adagrad",
    "rmsprop": "RMSprop",
    "adadelta": "Adadelta",
    "xavier": "Xavier",
    "he": "He",
    "lecun": "LeCun",
    "tanh": "tanh",
    "none": "None",
}
AXES = ("activation", "loss", "optimizer", "init")  # whose levels are names of components
ORDINARY = ("he", "none")  # which are words of any sentence, too
# A name alone, or one that an axis is given: `optimizer=adam`, but `gain=relu` is an argument.
BEFORE = "|".join([r"(?<![\w=.$\\])", *(rf"(?<=\b{axis}=)" for axis in AXES)])
NAME = re.compile(rf"(?:{BEFORE})({'|'.join(NAMES)})(_as_printed)?(?![\w=]|\.\w)")


def spelled(text: str) -> str:
    """Return a label with the names of components as people write them: ReLU, MSE, Adam."""
    return NAME.sub(lambda found: NAMES[found[1]] + (" as printed" if found[2] else ""), text)


def spelled_for(axis: str, text: str) -> str:
    """Return a label that names levels of an axis as people write them, where they are names of
    components: ``normalize: none`` is a setting, and stays.
    """
    return spelled(text) if axis in AXES else text


def spelled_in(text: str, labels: Iterable[str]) -> str:
    """Return sentences about some labels with the names of components as people write them.

    Words that are ordinary ones are names only where a label begins so, or an axis is given them.
    """
    begun = {found[0] for label in labels if (found := re.match(r"\w+", label))}

    def written(found: re.Match[str]) -> str:
        rest, given = text[found.end() :], text[: found.start()].endswith("=")
        named = given or (found[1] in begun and not rest.startswith(" of "))
        return spelled(found[0]) if named or found[1] not in ORDINARY else found[0]

    return NAME.sub(written, text)
