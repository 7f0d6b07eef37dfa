"""The tutorial, typed line by line: each command works, and shows what the page says it shows."""

import re
import shutil
from pathlib import Path

import pytest
from helpers.in_process import minidl
from safetensors.torch import load_file

DOCS = Path(__file__).parents[1] / "docs"
STEP = re.compile(
    r"^    minidl ([^\n]*)$|^<!-- output -->\n\n```text\n(.*?)```", re.MULTILINE | re.DOTALL
)


def bare(text: str) -> str:
    """A text without its numbers, frames and spaces: what does not depend on a processor."""
    return re.sub(r"[\W\d_]+", " ", re.sub(r"\d+(\.\d+)?", "", text)).strip()


def test_every_command_shows_what_the_page_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(DOCS / "examples" / "moons.yaml", tmp_path)
    said, shown = "", 0
    for command, output in STEP.findall((DOCS / "tutorial.md").read_text()):
        if command:
            said = minidl(*command.replace(" --open", "").split()).stdout
        else:
            assert bare(said) == bare(output)
            shown += 1
    assert shown == 4
    assert (tmp_path / "results" / "moons" / "report.html").exists()


def test_its_network_has_as_many_weights_as_it_says(tmp_path):
    out = tmp_path / "network.safetensors"
    minidl("train", "--opt", "adam", "--epochs", "1", "--save", str(out))
    weights = sum(tensor.numel() for tensor in load_file(out).values())
    assert f"this one has {weights:,}" in (DOCS / "tutorial.md").read_text()


def test_its_typing_error_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grid = (DOCS / "examples" / "moons.yaml").read_text().replace("adam", "adma")
    Path("moons.yaml").write_text(grid)
    assert (
        "moons.yaml:3: optimizer 'adma' is unknown"
        in minidl("validate", "moons.yaml", code=2).stderr
    )


@pytest.mark.parametrize("text", ["a 1.5 b", "a  23.0 b", "│ a 1 │ b │"])
def test_numbers_and_frames_make_no_difference(text):
    assert bare(text) == "a b"
