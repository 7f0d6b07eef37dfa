"""Stores for the tests of figures, trained or made up, and what is read back from axes."""

import numpy as np

from minidl.report.figures.material import read_material
from minidl.report.figures.style import own_settings
from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.result import RunResult
from minidl.study.stacks.plan import plan
from minidl.study.stacks.train import train_stack
from minidl.study.store.store import Store

# Small and quick, and long enough for the networks to have a boundary.
STUDY = """
name: small
reference: paper
data: {name: disk, train: 100, test: 60}
model: {hidden: [8]}
epochs: 30
evaluate_every: 10
seeds: 3
grid:
  activation: [tanh, relu]
  loss: [mse, bce]
  optimizer: [{name: sgd, lr: 0.2}, adam]
overrides:
  - {when: {optimizer: adam}, set: {optimizer.lr: 0.02}}
"""
SCORES = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
FLAT = "{name: flat, reference: paper, seeds: 3, grid: {activation: [tanh], loss: [mse, bce]}}"


def train(folder, text):
    """Train a study and return its folder."""
    study = parse_study(text, "trained")
    with Store(folder, create=True) as store:
        store.set_study(study)
        for runs in plan(expand(study), 1):
            store.add(runs, train_stack(runs), environment={})
    return folder


def write(folder, text, curve_of, status=lambda _: "done"):
    """Build a store by hand: ``curve_of(run)`` is epoch -> value of all four metrics; a run whose
    status is None is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    study = parse_study(text, "constructed")
    runs = [run for run in expand(study) if status(run) is not None]
    with Store(folder, create=True) as store:
        store.set_study(study)
        store.add(runs, [constructed(run, curve_of(run), status(run)) for run in runs], {})
    return folder


def constructed(run, curve, status):
    rows = [{"epoch": e} | dict.fromkeys(SCORES, value) for e, value in curve.items()]
    return RunResult(run.id, status, 0.1, rows)


def draw(picture, folder, seed=None):
    """Draw one picture; return its figures by their part, and the notes."""
    with Store(folder) as store, own_settings():
        material = read_material(store, folder, seed)
        return drawn(picture, material), material.notes


def drawn(picture, material):
    """Draw all sheets of a picture; return its figures by their part."""
    return {part: draw_sheet() for part, draw_sheet in picture(material)}


def scattered(axes, label):
    """Return the points that were scattered under a label."""
    found = [c.get_offsets() for c in axes.collections if c.get_label() == label]
    return np.concatenate(found)


def legend_note(figure):
    return " ".join(figure.legends[0].get_title().get_text().split())
