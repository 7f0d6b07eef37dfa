"""What a network answers, drawn: K classes, curves of one input, lines along an axis of numbers."""

import math

import numpy as np
import pytest
import torch
from helpers.figure_store import draw, scattered, train, write
from helpers.studies import minidl
from matplotlib.colors import to_rgb
from matplotlib.contour import ContourSet
from safetensors.torch import load
from test_figures import check_legend
from torch import Generator

from minidl import Dataset, DataSource, Identity, Linear, Sequential, Sigmoid, register
from minidl.registry import KINDS
from minidl.report.figures import draw_figures
from minidl.report.figures.accuracies import accuracies
from minidl.report.figures.decisions import decisions
from minidl.report.figures.fits import fits
from minidl.report.figures.points import test_points as draw_test_points
from minidl.report.figures.style import CLASSES, own_settings
from minidl.report.figures.surface import Surface
from minidl.report.figures.sweeps import spans_decades, sweeps
from minidl.report.results import read_results
from minidl.study.stacks.build import build_data
from minidl.study.store.store import Store


class Corners(DataSource):
    """Four clouds, one for each class."""

    d_in, d_out, task = 2, 4, "classes"
    classes = ("a", "b", "c", "d")

    def draw(self, n: int, generator: Generator) -> Dataset:
        of = torch.randint(4, (n,), generator=generator)
        angle = of * math.pi / 2
        middle = 2 * torch.stack([angle.cos(), angle.sin()], dim=-1)
        x = middle + torch.randn(n, 2, generator=generator)
        return Dataset(x, torch.nn.functional.one_hot(of, 4).float())


class Wave(DataSource):
    """``sin(6 x)`` with x uniform in [0, 1]."""

    d_in, d_out, task = 1, 1, "regression"

    def truth(self, x):
        return torch.sin(6 * x)

    def draw(self, n: int, generator: Generator) -> Dataset:
        x = torch.rand(n, 1, generator=generator)
        return Dataset(x, self.truth(x) + 0.1 * torch.randn(n, 1, generator=generator))


class Wide(Corners):
    """Data that no plane shows."""

    d_in = 5

    def draw(self, n: int, generator: Generator) -> Dataset:
        x, y = super().draw(n, generator)
        return Dataset(torch.cat([x, x, x[:, :1]], dim=-1), y)


@pytest.fixture(scope="module", autouse=True)
def sources():
    names = {"corners": Corners, "wave": Wave, "wide": Wide}
    for name, source in names.items():
        register("data", name)(source)
    yield
    for name in names:
        del KINDS["data"][name]


SMALL = "epochs: 20, seeds: 2, optimizer: {name: adam, lr: 0.02}"
CORNERS = (
    f"{{name: c, data: {{name: corners, train: 80, test: 60, normalize: train}}, {SMALL}, "
    "model: {hidden: [6], output: OUTPUT}, grid: {activation: [tanh]}}"
)


@pytest.mark.parametrize("output", ["identity", "sigmoid"])
def test_k_classes_are_drawn_by_the_largest_output(tmp_path, output):
    folder = train(tmp_path, CORNERS.replace("OUTPUT", output))
    (figure,) = draw(decisions, folder)[0].values()
    (cell,) = read_results(folder).cells
    record = cell.records[0]
    with Store(folder) as store:
        w = load(store.weights(record.id))

    def outputs(x):
        found = torch.tanh(x @ w["0.weight"] + w["0.bias"]) @ w["2.weight"] + w["2.bias"]
        return found.sigmoid() if output == "sigmoid" else found

    axes = figure.axes[0]
    _, test = build_data(record.settings["data"], 0)
    truth, answers = test.y.argmax(dim=-1), outputs(test.x).argmax(dim=-1)
    wrong = truth != answers
    assert {tuple(p) for p in scattered(axes, "wrong").tolist()} == {
        tuple(p) for p in test.x[wrong].tolist()
    }
    assert int(wrong.sum()) == round(60 * (100 - record.final["test_accuracy"]) / 100)
    for number, name in enumerate("abcd"):
        own = test.x[~wrong & (truth == number)]
        np.testing.assert_array_equal(scattered(axes, name), own)
    check_surface(axes, outputs, output)


def check_surface(axes, outputs, output):
    """Every pixel has the colour of the answer, as deep as the network is sure; the lines lie where
    two classes are equal."""
    (image,) = axes.get_images()
    pixels = np.asarray(image.get_array())
    height, width, _ = pixels.shape
    x = torch.linspace(*axes.get_xlim(), width)
    y = torch.linspace(*axes.get_ylim(), height)
    at = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)
    found = outputs(at)
    share = found / found.sum(-1, keepdim=True) if output == "sigmoid" else found.softmax(-1)
    depth = (0.5 * (share.amax(dim=-1) - 0.25) / 0.75).numpy()[..., None]
    colors = np.array([to_rgb(color) for color, _ in CLASSES])[found.argmax(dim=-1)]
    expected = 1 - depth * (1 - colors)
    close = np.isclose(pixels, expected, atol=1e-4).all(axis=-1)
    assert close.mean() > 0.999  # but for points on a line
    lines = [c for c in axes.collections if isinstance(c, ContourSet)]
    lines = [line for line in lines if max(line.get_linewidths()) > 0.5]  # not other seeds'
    assert len(lines) == 4
    for line in lines:
        at = torch.tensor(np.concatenate([p.vertices for p in line.get_paths()])).float()
        top = outputs(at).topk(2).values
        torch.testing.assert_close(top[:, 0], top[:, 1], atol=0.02, rtol=0)


SETTINGS = {"data": {"name": "disk"}, "model": {"threshold": 0.25}}


def test_confidence_runs_from_the_threshold_to_the_end_of_the_range():
    layer = Linear(1, 1, generator=Generator())
    bounded = Surface(SETTINGS, Sequential(layer, Sigmoid()))
    outputs = np.array([[0.0], [0.125], [0.25], [0.625], [1.0]])
    np.testing.assert_allclose(bounded.confidence(outputs), [1, 0.5, 0, 0.5, 1])
    assert bounded.classes(outputs).tolist() == [0, 0, 1, 1, 1]
    logits = np.array([[-2.75], [0.25], [3.25]])
    unbounded = Surface(SETTINGS, Sequential(layer, Identity()))
    sure = 2 * torch.tensor(3.0).sigmoid().item() - 1
    np.testing.assert_allclose(unbounded.confidence(logits), [sure, 0, sure], rtol=1e-6)


WAVE = (
    f"{{name: w, data: {{name: wave, train: 40, test: 30, normalize: own}}, {SMALL}, "
    "model: {hidden: [6], output: identity}, grid: {activation: [tanh, relu]}}"
)


def test_a_regression_of_one_input_has_its_curve_its_points_and_the_truth(tmp_path):
    folder = train(tmp_path, WAVE)
    assert draw(decisions, folder)[0] == draw(draw_test_points, folder)[0] == {}
    (figure,) = draw(fits, folder, seed=1)[0].values()
    settings = read_results(folder).cells[0].runs[0].settings["data"]
    _, test = build_data(settings, 1)
    _, raw = build_data({**settings, "normalize": "none"}, 1)
    for axes, cell in zip(figure.axes, read_results(folder).cells, strict=True):
        lines = {line.get_label(): line for line in axes.get_lines()}
        points = next(line for line in axes.get_lines() if line.get_marker() == "o")
        np.testing.assert_array_equal(points.get_xydata(), torch.cat([test.x, test.y], dim=-1))
        with Store(folder) as store:
            w = load(store.weights(cell.records[1].id))
        act = torch.tanh if cell.labels["activation"] == "tanh" else torch.relu
        x, y = torch.tensor(lines["network"].get_xydata().T).float()
        own = act(x[:, None] @ w["0.weight"] + w["0.bias"]) @ w["2.weight"] + w["2.bias"]
        torch.testing.assert_close(own[:, 0], y)
        x, y = lines["truth"].get_xydata().T
        scaled = x * raw.x.std().item() + raw.x.mean().item()
        np.testing.assert_allclose(np.sin(6 * scaled), y, atol=1e-4)
        assert f"test {cell.records[1].final['test_r2']:.3f}" in axes.get_title()
        assert axes.get_title().count("R²") == 1
    assert figure.axes[0].get_ylabel() == "$y$"


def test_other_data_has_no_such_picture_and_no_note_about_it(tmp_path):
    text = CORNERS.replace("corners", "wide").replace("OUTPUT", "sigmoid")
    folder = train(tmp_path, text)
    notes = []
    names = [p.name for p in draw_figures(folder, tmp_path / "out", on_note=notes.append)]
    assert names == ["learning_curves.png", "accuracies.png", "reached.png"]
    assert notes == []


RATES = (
    "{name: rates, seeds: 3, data: {name: disk, train: 10, test: 10}, model: {hidden: [2]}, "
    "grid: {activation: [tanh, relu], optimizer: [sgd, adam], optimizer.lr: VALUES}}"
)


def test_a_numeric_axis_is_drawn_as_lines_on_its_scale(tmp_path):
    rates = [0.0001, 0.001, 0.01, 0.1]
    text = RATES.replace("VALUES", str(rates))

    def value(run):
        return 90 + math.log10(run.cell["optimizer.lr"]) + run.seed

    folder = write(tmp_path, text, lambda run: {1: value(run)})
    assert draw(accuracies, folder)[0] == {}
    (figure,) = draw(sweeps, folder)[0].values()
    assert [axes.get_title() for axes in figure.axes] == ["tanh", "ReLU"]
    for axes in figure.axes:
        assert (axes.get_xscale(), axes.get_xlabel()) == ("log", "optimizer.lr")
        lines = {line.get_label(): line for line in axes.get_lines()}
        assert list(lines) == ["sgd", "adam"]
        for name, line in lines.items():
            np.testing.assert_allclose(line.get_xdata(), rates)
            np.testing.assert_allclose(line.get_ydata(), [87, 88, 89, 90])
            dots = scattered(axes, f"seeds {name}")
            assert sorted(dots[:, 1].tolist()) == sorted(
                86 + a + b for a in range(4) for b in range(3)
            )
    assert figure.axes[0].get_ylabel() == "test accuracy (%)"
    check_legend(figure)


def test_a_hundred_values_of_an_axis_are_one_sheet(tmp_path):
    text = RATES.replace("VALUES", str([round(0.001 * i, 3) for i in range(1, 127)]))
    text = text.replace("[tanh, relu], optimizer: [sgd, adam]", "[tanh]")
    folder = write(tmp_path / "store", text, lambda run: {1: 90.0 + run.seed})
    (figure,) = draw(sweeps, folder)[0].values()
    with own_settings():
        figure.savefig(tmp_path / "x.png")
    assert figure.get_size_inches().max() < 4
    (line,) = figure.axes[0].get_lines()
    assert len(line.get_xdata()) == 126
    assert figure.axes[0].get_xscale() == "linear"  # 0.001, 0.002, ...: even steps


def test_runs_far_outside_are_left_out_in_words(tmp_path):
    text = RATES.replace("VALUES", "[1, 2, 3]")
    folder = write(
        tmp_path,
        text,
        lambda run: {
            1: 0.0
            if run.labels["activation"] == "relu"
            and run.seed == 2
            and run.cell["optimizer.lr"] == 3
            and run.labels["optimizer"] == "sgd"
            else 99.0 + run.seed / 10
        },
    )
    (figure,) = draw(sweeps, folder)[0].values()
    assert figure.axes[0].get_ylim()[0] > 80
    note = figure.legends[0].get_title().get_text()
    assert note == "1 of 36 runs lie outside the frame."


@pytest.mark.parametrize(
    ("values", "log"),
    [
        ([0.001, 0.003, 0.01, 0.03, 0.1], True),
        ([1, 2, 4, 8, 16], True),
        ([1, 2, 4, 8], False),
        (list(range(1, 40)), False),
        ([0, 0.001, 0.01, 0.1], False),
        ([10, 20, 50, 100, 200, 500, 1000], True),
    ],
)
def test_an_axis_is_logarithmic_where_its_values_span_decades(values, log):
    assert spans_decades(values) is log


def test_a_diverged_network_has_no_surface(tmp_path):
    text = CORNERS.replace("OUTPUT", "identity").replace("lr: 0.02", "lr: 1e38")
    folder = train(tmp_path, text)
    (figure,) = draw(decisions, folder)[0].values()
    assert not figure.axes[0].get_images()
    assert "diverged" in figure.axes[0].get_title()
    assert minidl("status", folder).exit_code == 0
