"""A store is read without torch, and without the code of any component."""

import subprocess
import sys

import pytest
from helpers.studies import TINY, train, undisturbed

READ = """
import sys
sys.argv = ["minidl", *sys.argv[1:]]
from minidl_cli.main import main
try:
    main()
finally:
    loaded = {"torch", "minidl.activations", "minidl.everything"} & set(sys.modules)
    print("LOADED", *sorted(loaded), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return train(TINY, tmp_path_factory.mktemp("reading"))


def loaded_by(*arguments: object) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", READ, *map(str, arguments)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stderr.strip().splitlines()[-1].split()[1:]


def test_reading_commands_load_neither_torch_nor_components(whole):
    first, second = list(undisturbed(TINY))[:2]
    factor = ("--factor", "loss", "--levels", "mse,bce")
    for command in (
        ("status", whole),
        ("show", whole, first),
        ("diff", f"{whole}/{first}", second),
        ("export", whole, "--curves"),
        ("tables", whole),
        ("compare", whole, *factor),
        ("verdicts", whole, "--reference", "paper"),
    ):
        assert loaded_by(*command) == [], command
