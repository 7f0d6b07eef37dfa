"""What tests share: one torch thread, as in a worker of a study, and a small trained study."""

import shutil
from pathlib import Path

import pytest
import torch
from helpers.studies import TINY, train

import minidl.everything  # noqa: F401  # registers the components that tests loop over
from minidl.engine.arithmetic import flushes_denormals

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _arithmetic_is_given_back():
    """A test that leaves denormals flushed to zero changes what those after it compute."""
    yield
    flushed = flushes_denormals()
    torch.set_flush_denormal(False)
    assert not flushed


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """The folder of a small study, trained once for the tests of a file."""
    return train(TINY, tmp_path_factory.mktemp("trained"))


@pytest.fixture
def copy(trained, tmp_path) -> Path:
    """A copy of it, which the test may change."""
    return Path(shutil.copytree(trained, tmp_path / "copy"))
