"""Names of components as people write them: where they are names, and nowhere else."""

import pytest

from minidl.registry import KINDS
from minidl.report.spelling import AXES, NAMES, ORDINARY, spelled, spelled_for, spelled_in

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
    "relu.py": "relu.py",
    # A full stop is no part of a name.
    "MSE is better than bce. So is adam.": "MSE is better than BCE. So is Adam.",
}

SENTENCES = {
    "adam lies above none in: optimizer=none.": "Adam lies above None in: optimizer=None.",
    "none of the cells differ; he said so.": "none of the cells differ; he said so.",
}


@pytest.mark.parametrize("text", SPELLINGS)
def test_names_are_spelled(text):
    assert spelled(text) == SPELLINGS[text]
    assert spelled(spelled(text)) == SPELLINGS[text]


@pytest.mark.parametrize("text", SENTENCES)
def test_ordinary_words_of_sentences_are_names_only_where_they_are_labels(text):
    assert spelled_in(text, ["adam", "none"]) == SENTENCES[text]
    assert spelled_in("he lies above lecun.", ["he(gain=2.0)", "lecun"]) == "He lies above LeCun."
    without = spelled_in("none diverged with adam. init=he", ["adam"])
    assert without == "none diverged with Adam. init=He"


def test_levels_of_settings_stay_as_they_are():
    assert spelled_for("data.normalize", "none") == "none"
    assert spelled_for("optimizer", "none") == "None"


def test_ordinary_words_are_names():
    assert set(ORDINARY) <= set(NAMES)


def test_only_names_that_there_are_have_a_spelling():
    assert set(NAMES) <= {name for kind in AXES for name in KINDS[kind]}
