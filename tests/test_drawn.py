"""What lies beside a store speaks of the study in it, of all its runs, and of nothing else."""

import pytest
from helpers.studies import change, minidl, write
from typer.testing import CliRunner

from minidl.report.figures import PICTURES
from minidl.report.figures.style import Figure
from minidl_cli.app import app

STUDY = """
name: drawn
data: {name: disk, train: 10, test: 10}
model: {hidden: [2]}
epochs: 1
seeds: 2
grid: {activation: [tanh, relu], loss: [mse, bce], optimizer: [sgd, adam]}
"""
REFERENCE = """
title: A paper
claims: [{text: adam wins, parts: [{factor: optimizer, levels: [adam, sgd]}]}]
"""


@pytest.fixture
def study(tmp_path, monkeypatch):
    """Return what runs the study with further words, and the folder of its results."""
    for slow in ("test_points", "decisions", "accuracies"):
        monkeypatch.setitem(PICTURES, slow, lambda _: iter(()))  # and keeps its place
    (tmp_path / "reference.yaml").write_text(REFERENCE)
    grid, out = write(tmp_path, f"{STUDY}reference: reference.yaml\n"), tmp_path / "out"

    def run(*words, code=0):
        line = ("run", "--grid", grid, "--out", out, "--jobs", 1, "-q", *words)
        done = CliRunner().invoke(app, [str(word) for word in line])
        assert done.exit_code == code, done.output
        return done

    return run, out


def names(out):
    return sorted(p.name for p in (out / "figures").iterdir() if p.suffix == ".png")


OF_ALL = [
    *("forest.png", "learning_curves-relu.png", "learning_curves-tanh.png", "paired.png"),
    *("reached.png",),
]


def test_pages_of_another_study_go_and_it_is_said(study):
    run, out = study
    assert "replaced" not in run().stderr
    assert names(out) == OF_ALL
    (out / "figures" / "my own.png").write_bytes(b"mine")
    (out / "figures" / "reached-by-me.png").write_bytes(b"mine, and not in the list")
    changes = ("--set", "activation=[leaky_relu]", "--set", "reference=null", "--fresh")
    said = run(*changes).stderr
    held = f"{out} held study 'drawn' with another grid or other settings; its pages are replaced"
    assert held in said.splitlines()
    assert not (out / "verdicts.md").exists()
    mine = ["my own.png", "reached-by-me.png"]
    assert names(out) == sorted(["learning_curves-leaky_relu.png", "reached.png", *mine])
    said = run("--set", "name=other", "--set", "activation=[tanh]", "--no-figures").stderr
    assert f"{out} held study 'drawn'; its pages are replaced" in said.splitlines()
    assert names(out) == mine
    assert (out / "verdicts.md").exists()


def test_figures_are_drawn_when_their_data_changed_and_only_then(study):
    run, out = study
    drawn = f" figures in {out / 'figures'}"
    assert drawn in run("--only", "optimizer=sgd").stderr
    assert drawn not in run("--only", "optimizer=sgd").stderr
    run("--no-figures")  # trains the rest
    assert drawn in run().stderr
    assert drawn not in run().stderr
    assert drawn in run("--seeds", 1).stderr  # trains nothing, and shows less
    assert drawn not in run("--seeds", 1).stderr
    (out / "figures" / "reached.png").unlink()
    assert drawn in run("--seeds", 1).stderr
    change(out, "DELETE FROM run WHERE seed = 0")
    minidl("figures", out, "--format", "svg")
    assert names(out) == []  # they showed runs that are gone


def test_tables_come_first_and_what_broke_off_is_drawn_again(study, monkeypatch):
    run, out = study
    with monkeypatch.context() as broken:

        def full(*_, **__):
            raise OSError(28, "No space left on device")

        broken.setattr(Figure, "savefig", full)
        done = run(code=2)
    assert "forest.png: cannot be written: No space left on device" in done.stderr
    assert "adam wins" in done.stdout
    assert f"{len(OF_ALL)} figures in {out / 'figures'}" in run().stderr
    assert names(out) == OF_ALL


def test_a_list_of_figures_from_a_stranger_removes_figures_only(study):
    run, out = study
    run("--no-figures")
    (out / "figures").mkdir()
    victim = out.parent / "reached.png"
    victim.write_bytes(b"not yours")
    (out / "figures" / ".drawn.json").write_text(
        '{"digest": "x", "files": ["../reached.png", "../study.sqlite", "gaps.png", 3]}'
    )
    (out / "figures" / "gaps.png").write_bytes(b"old")
    run()
    assert victim.exists()
    assert names(out) == OF_ALL
