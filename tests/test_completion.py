"""What the shell is offered for a value, by the command itself and without torch."""

import os
import subprocess
import sys

import pytest
from helpers.studies import TINY, train, undisturbed

ASK = """
import sys
sys.argv = ["minidl"]
from minidl_cli.main import main
try:
    main()
finally:
    print("torch" in sys.modules, file=sys.stderr)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return train(TINY, tmp_path_factory.mktemp("completion") / "tiny")


def offered(*words: object) -> set[str]:
    """Return what is offered for the last word."""
    typed = ["minidl", *map(str, words)]
    environment = {
        **os.environ,
        "_MINIDL_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(typed),
        "COMP_CWORD": str(len(typed) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, capture_output=True, text=True
    )
    assert done.stderr.strip() == "False", done.stderr
    return set(done.stdout.split())


def test_studies_components_and_settings():
    assert {"paper", "smoke", "test_gap"} <= offered("run", "--grid", "")
    assert {"tanh", "tanh_as_printed"} <= offered("train", "--act", "ta")
    assert {"sgd", "adam", "none"} <= offered("train", "--opt", "")
    assert {"model.hidden=", "model.output="} <= offered("run", "--set", "model.")
    assert "optimizer=adam" in offered("run", "--only", "optimizer=a")


def test_what_a_study_holds(folder):
    run_id = next(iter(undisturbed(TINY)))
    assert run_id in offered("show", folder, run_id[:3])
    assert offered("compare", folder, "--factor", "") == {"activation", "loss", "optimizer"}
    assert offered("compare", folder, "--factor", "loss", "--levels", "") == {"mse", "bce"}
    assert "test_accuracy" in offered("compare", folder, "--measure", "test_a")


def test_nothing_is_offered_where_there_is_nothing(tmp_path):
    assert offered("show", tmp_path / "none", "a") == set()
