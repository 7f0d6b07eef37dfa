"""Names of components as people write them: where they are names, and nowhere else."""

import pytest

from minidl.registry import KINDS
from minidl.report.spelling import AXES, NAMES, spelled, spelled_for

SPELLINGS = {
    "sgd(lr=0.2), leaky_relu, mse": "SGD(lr=0.2), LeakyReLU, MSE",
    "bce_with_logits − bce": "BCE with logits − BCE",
    "optimizer=adam, activation=relu": "optimizer=Adam, activation=ReLU",
    "bce_as_printed": "BCE as printed",
    "test accuracy: none − sgd": "test accuracy: None − SGD",
    # Arguments and parts of other words are no names.
    "gain=relu": "gain=relu",
    "normalize=none": "normalize=none",
    "optimizer.adam.lr": "optimizer.adam.lr",
    "the relus": "the relus",
}


@pytest.mark.parametrize("text", SPELLINGS)
def test_names_are_spelled(text):
    assert spelled(text) == SPELLINGS[text]
    assert spelled(spelled(text)) == SPELLINGS[text]


def test_levels_of_settings_stay_as_they_are():
    assert spelled_for("data.normalize", "none") == "none"
    assert spelled_for("optimizer", "none") == "None"


def test_only_names_that_there_are_have_a_spelling():
    assert set(NAMES) <= {name for kind in AXES for name in KINDS[kind]}
