import math

import numpy as np
import pytest
import torch
from helpers.figure_store import FLAT, STUDY, draw, drawn, legend_note, scattered, train, write
from matplotlib.contour import ContourSet
from matplotlib.path import Path as Outline
from safetensors.torch import load
from scipy import stats

from minidl.report.figures.accuracies import accuracies
from minidl.report.figures.decisions import decisions
from minidl.report.figures.gaps import gaps
from minidl.report.figures.learning import learning_curves
from minidl.report.figures.material import read_material
from minidl.report.figures.points import test_points as draw_test_points
from minidl.report.figures.reached import reached
from minidl.report.figures.style import own_settings
from minidl.report.spelling import spelled
from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.stacks.build import build_data
from minidl.study.store.store import Store


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return train(tmp_path_factory.mktemp("small"), STUDY)


@pytest.fixture
def material(folder):
    with Store(folder) as store, own_settings():
        yield read_material(store, folder, 1)


def test_the_test_points_carry_their_true_labels(material):
    (figure,) = drawn(draw_test_points, material).values()
    _, test = build_data(material.cells[0].runs[0].settings["data"], 1)
    inside = test.y[:, 0] == 1
    np.testing.assert_array_equal(scattered(figure.axes[0], "inside"), test.x[inside])
    np.testing.assert_array_equal(scattered(figure.axes[0], "outside"), test.x[~inside])


@pytest.mark.parametrize("normalize", ["none", "train", "own"])
def test_the_true_circle_separates_the_points_in_their_own_units(tmp_path, normalize):
    text = FLAT.replace("seeds", f"data: {{name: disk, normalize: {normalize}}}, seeds")
    figures, _ = draw(draw_test_points, write(tmp_path, text, lambda _: {1: 50.0}))
    axes = figures[""].axes[0]
    (circle,) = (line for line in axes.get_lines() if line.get_label() == "true boundary")
    outline = Outline(np.asarray(circle.get_xydata()))
    assert outline.contains_points(scattered(axes, "inside")).mean() > 0.995
    assert outline.contains_points(scattered(axes, "outside")).mean() < 0.005


def test_each_decision_panel_shows_its_own_network(material):
    figures = drawn(decisions, material)
    assert list(figures) == ["tanh", "relu"]
    boundaries = 0
    for page, cells in material.pages().items():
        panels = figures[page].axes
        titles = [axes.get_title() for axes in panels]
        for cell in cells:
            record = cell.records[1]
            name = spelled(material.name(cell, without=["activation"]))
            train, test = record.final["train_accuracy"], record.final["test_accuracy"]
            accuracies = f"train {train:.1f}, test {test:.1f} %"
            axes = panels[titles.index(f"{name}\n{accuracies}")]
            boundaries += check_panel(axes, material, record)
    assert boundaries > 3


def is_own(boundary):
    """Whether a boundary is that of the network that is shown: those of other seeds are thin."""
    return max(boundary.get_linewidths()) > 0.5


def check_panel(axes, material, record):
    """Compare what is drawn with a network computed from the stored weights in plain torch, and
    return how many boundaries there are."""
    weights = load(material.store.weights(record.id))
    hidden = torch.tanh if record.settings["activation"]["name"] == "tanh" else torch.relu

    def output(x):
        middle = hidden(x @ weights["0.weight"] + weights["0.bias"])
        return torch.sigmoid(middle @ weights["2.weight"] + weights["2.bias"])[:, 0]

    _, test = build_data(record.settings["data"], record.seed)
    answers, truth = output(test.x) >= 0.5, test.y[:, 0] == 1
    wrong = scattered(axes, "wrong")
    assert len(wrong) == round(60 * (100 - record.final["test_accuracy"]) / 100) > 0
    assert {tuple(p) for p in wrong.tolist()} == {
        tuple(p) for p in test.x[answers != truth].tolist()
    }
    right = answers == truth
    np.testing.assert_array_equal(scattered(axes, "inside"), test.x[right & answers])
    np.testing.assert_array_equal(scattered(axes, "outside"), test.x[right & ~answers])
    contours = [c for c in axes.collections if isinstance(c, ContourSet) and is_own(c)]
    assert bool(contours) == (0 < answers.sum() < len(answers))
    for contour in contours:
        at = torch.tensor(np.concatenate([p.vertices for p in contour.get_paths()])).float()
        torch.testing.assert_close(output(at), torch.full((len(at),), 0.5), atol=0.01, rtol=0)
    return len(contours)


def test_a_missing_network_is_an_empty_panel_that_says_so(folder, tmp_path):
    (tmp_path / "study.sqlite").write_bytes((folder / "study.sqlite").read_bytes())
    gone = next(run for run in expand(parse_study(STUDY, "small")) if run.seed == 1)
    with Store(tmp_path) as store, store.connection:
        store.connection.execute("DELETE FROM run WHERE id = ?", (gone.id,))
    figures, notes = draw(decisions, tmp_path, seed=1)
    missing = [a for a in figures["tanh"].axes if a.get_title().endswith("\nmissing")]
    assert [axes.get_title() for axes in missing] == ["MSE, SGD(lr=0.2)\nmissing"]
    assert not missing[0].collections
    assert notes == ["networks: tanh, mse, sgd(lr=0.2), seed 1 is missing"]
    assert not any("missing" in axes.get_title() for axes in figures["relu"].axes)


def test_learning_curves_are_means_with_their_t_intervals(material):
    figures = drawn(learning_curves, material)
    for page, cells in material.pages().items():
        grid = np.array(figures[page].axes).reshape(-1, 2)
        for i, loss in enumerate(("mse", "bce")):
            own = [cell for cell in cells if cell.values["loss"] == loss]
            for j, part in enumerate(("train", "test")):
                assert grid[2 * i, j].get_title() == f"{loss.upper()}: {part}"
                check_bands(grid[2 * i, j], material, own, f"{part}_loss")
                check_bands(grid[2 * i + 1, j], material, own, f"{part}_accuracy")


def check_bands(axes, material, cells, metric):
    assert len(axes.get_lines()) == len(axes.collections) == len(cells)
    for line, shade, cell in zip(axes.get_lines(), axes.collections, cells, strict=True):
        curves = [material.curves[record.id] for record in cell.records.values()]
        values = np.array([[point[metric] for point in curve] for curve in curves])
        assert line.get_label() == cell.labels["optimizer"]
        np.testing.assert_array_equal(line.get_xdata(), [10, 20, 30])
        np.testing.assert_allclose(line.get_ydata(), values.mean(axis=0), rtol=1e-12)
        low, high = stats.t.interval(0.95, 2, loc=values.mean(axis=0), scale=stats.sem(values))
        drawn = shade.get_paths()[0].vertices
        for epoch, bounds in zip([10, 20, 30], np.transpose([low, high]), strict=True):
            at = drawn[drawn[:, 0] == epoch, 1]
            np.testing.assert_allclose([at.min(), at.max()], bounds, rtol=1e-9)


def test_every_seed_is_a_dot_beside_the_mean_and_the_paper(material):
    (figure,) = drawn(accuracies, material).values()
    axes = figure.axes[0]
    rows = {text.get_position()[1]: text.get_text() for text in axes.get_yticklabels()}
    means = [line for line in axes.get_lines() if len(line.get_xdata()) == 3]
    papers = [line for line in axes.get_lines() if line.get_marker() == "D"]
    for cell, mean in zip(material.cells, means, strict=True):
        values = list(cell.metric("test_accuracy").values())
        np.testing.assert_array_equal(scattered(axes, material.name(cell))[:, 0], values)
        low, high = stats.t.interval(0.95, 2, loc=np.mean(values), scale=stats.sem(values))
        np.testing.assert_allclose(mean.get_xdata(), [low, np.mean(values), high], rtol=1e-12)
        assert rows[mean.get_ydata()[0]] == spelled(material.name(cell, without=["activation"]))
    shown = [material.published.of(cell.runs[0])["test_accuracy"] for cell in material.cells]
    tanh, relu = [94.0, 93.1, 93.2, 92.4], [94.3, 94.2, 93.8, 94.0]  # mse, bce; sgd, adam
    assert [line.get_xdata()[0] for line in papers] == shown == [*tanh, *relu]


def test_missing_and_diverged_runs_are_seen(tmp_path):
    status = {("mse", 1): "diverged", ("bce", 2): None, ("bce", 0): "failed"}
    write(
        tmp_path,
        FLAT,
        lambda run: {1: 90.0 + run.seed},
        lambda run: status.get((run.cell["loss"], run.seed), "done"),
    )
    figures, _ = draw(accuracies, tmp_path)
    axes = figures[""].axes[0]
    assert scattered(axes, "tanh, mse")[:, 0].tolist() == [90.0, 92.0]
    (crosses,) = (c for c in axes.collections if c.get_label() == "diverged")
    assert crosses.get_offsets()[:, 0].tolist() == [91.0]
    assert scattered(axes, "tanh, bce")[:, 0].tolist() == [91.0]
    for picture in (accuracies, learning_curves, reached):
        figures, _ = draw(picture, tmp_path)
        assert legend_note(figures[""]) == "Missing: tanh, BCE (seeds 0, 2)."


def test_nan_losses_are_left_out_of_the_mean(tmp_path):
    write(
        tmp_path,
        FLAT,
        lambda run: {1: 1.0 + run.seed, 2: math.nan if run.seed == 2 else 0.5},
        lambda run: "diverged" if run.seed == 2 else "done",
    )
    figures, _ = draw(learning_curves, tmp_path)
    line = figures[""].axes[0].get_lines()[0]
    np.testing.assert_array_equal(line.get_ydata(), [2.0, 0.5])


def test_the_share_of_runs_that_have_reached_the_target(tmp_path):
    curves = {
        0: {10: 96.0, 20: 96.0, 30: 96.0, 40: 96.0},
        1: {10: 96.0, 20: 94.9, 30: 95.0, 40: 95.0},  # held for two evaluations only
        2: {10: 50.0, 20: 95.0, 30: 97.0, 40: 98.0},
    }
    write(tmp_path, FLAT, lambda run: curves[run.seed])
    figures, _ = draw(reached, tmp_path)
    line = figures[""].axes[0].get_lines()[0]
    assert line.get_drawstyle() == "steps-post"
    np.testing.assert_array_equal(line.get_xdata(), [0, 10, 20, 30, 40])
    np.testing.assert_allclose(line.get_ydata(), np.array([0, 1, 2, 2, 2]) * 100 / 3)
    assert line.get_label() == "MSE: 2 of 3 runs"


def test_gaps_are_each_seeds_mean_over_the_published_cells(material):
    (figure,) = drawn(gaps, material).values()
    (axes,) = figure.axes
    numbers = {i: material.published.of(c.runs[0]) for i, c in enumerate(material.cells)}
    held = [(material.cells[i], found) for i, found in numbers.items() if found]
    assert len(held) == len(material.cells)
    train, test = ("train_accuracy", "test_accuracy")
    by_seed = [
        np.mean([cell.metric(train)[seed] - cell.metric(test)[seed] for cell, _ in held])
        for seed in material.results.study.seeds
    ]
    (dots,) = axes.collections
    assert list(np.asarray(dots.get_offsets())[:, 0]) == pytest.approx(by_seed)
    *_, published = [line.get_xdata() for line in axes.get_lines()]
    assert list(published) == pytest.approx([np.mean([n[train] - n[test] for _, n in held])])
