"""Data that is drawn, against scikit-learn's definitions and TensorFlow Playground's formulas."""

import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from sklearn import datasets
from torch import Tensor

from minidl import Dataset, DataSource, seeded_generator
from minidl.data.coding import Coded
from minidl.registry import KINDS
from minidl.study.grid.data import resolve_data, source_of
from minidl.study.stacks.build import build_data

DRAWN = [
    name
    for name, source in KINDS["data"].items()
    if isinstance(source, type) and source.train == 1000
]


def generator(seed: int = 0) -> torch.Generator:
    return seeded_generator(seed, "tests")


def draw(name: str, n: int = 200, seed: int = 0, **arguments: Any) -> Dataset:
    return KINDS["data"][name](**arguments).draw(n, generator(seed))


def in_order(x: Tensor, y: Tensor) -> list[list[float]]:
    """Return points with their targets in an order that a shuffling does not change."""
    rows = torch.cat([x.double(), y.double()], dim=-1)
    return sorted([round(number, 4) + 0.0 for number in row] for row in rows.tolist())


@pytest.mark.parametrize(
    ("name", "arguments", "theirs"),
    [
        ("moons", {}, datasets.make_moons),
        ("circles", {}, datasets.make_circles),
        ("circles", {"factor": 0.3}, datasets.make_circles),
    ],
)
@pytest.mark.parametrize("n", [200, 101])
def test_the_same_points_as_scikit_learns(name: str, arguments: dict, theirs: Any, n: int):
    x, label = theirs(n, shuffle=False, **arguments)
    expected = in_order(torch.tensor(x), torch.tensor(label).unsqueeze(-1))
    found = in_order(*draw(name, n, **arguments))
    assert torch.tensor(found) == pytest.approx(torch.tensor(expected), abs=2e-4)


def test_the_same_formula_as_scikit_learns_friedman1():
    x, y = draw("friedman1", n_features=7)
    a, b, c, d, e = x[:, :5].double().T
    expected = 10 * torch.sin(math.pi * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e
    torch.testing.assert_close(y.squeeze(-1).double(), expected, rtol=1e-5, atol=1e-5)
    theirs_x, theirs_y = datasets.make_friedman1(200, n_features=7, random_state=0)
    formula = KINDS["data"]["friedman1"](7).value(torch.tensor(theirs_x), generator())
    torch.testing.assert_close(formula.squeeze(-1), torch.tensor(theirs_y))


def test_blobs_have_the_spread_and_the_centres_of_scikit_learns():
    x, y = draw("blobs", 30_000, centers=3, n_features=4, cluster_std=0.5)
    assert y.sum(dim=0).tolist() == [10_000] * 3
    for k in range(3):
        own = x[y[:, k] == 1]
        assert own.std(dim=0).tolist() == pytest.approx([0.5] * 4, rel=0.03)
        assert own.mean(dim=0).abs().max() < 10
    boxed, _ = draw("blobs", centers=2, center_box=[3, 3], cluster_std=0.0)
    assert boxed.tolist() == [[3, 3]] * 200


def test_linear_classes_are_those_of_make_classification():
    """Two clouds, 2 class_sep apart in at least one direction, which a line can part."""
    x, y = draw("linear", 4000, class_sep=3.0, n_features=3)
    first, second = (x[y.squeeze(-1) == k].mean(dim=0) for k in (0, 1))
    assert (first - second).abs().max().item() == pytest.approx(6, abs=0.3)
    assert first.abs().tolist() == pytest.approx([3, 3, 3], abs=0.3)


def test_linear_regression_is_made_as_make_regression():
    x, y = draw("linear_regression", 500, n_features=5, n_informative=3, bias=7.0)
    design = torch.cat([x, torch.ones(500, 1)], dim=-1).double()
    found = torch.linalg.lstsq(design, y.double()).solution.flatten()
    assert found[3:].tolist() == pytest.approx([0, 0, 7], abs=1e-3)
    assert ((found[:3] > 0) & (found[:3] < 100)).all()


def test_playgrounds_gauss_has_its_variance():
    x, y = draw("gauss", 40_000, noise=0.5)
    for label, centre in ((0, -2), (1, 2)):
        own = x[y.squeeze(-1) == label]
        assert own.mean(dim=0).tolist() == pytest.approx([centre] * 2, abs=0.07)
        assert own.var(dim=0).tolist() == pytest.approx([4, 4], rel=0.05)


def test_playgrounds_circle_is_a_disk_and_a_ring():
    x, y = draw("circle", 2000)
    radius = x.square().sum(dim=-1).sqrt()
    assert y.mean().item() == 0.5
    assert radius[y.squeeze(-1) == 1].max() < 2.5
    ring = radius[y.squeeze(-1) == 0]
    assert ring.min() >= 3.5 - 1e-5
    assert ring.max() <= 5


def test_playgrounds_xor_keeps_from_the_axes():
    x, y = draw("xor", 2000)
    assert x.abs().min() >= 0.3 - 1e-6
    assert x.abs().max() <= 5.3
    assert torch.equal(y.squeeze(-1), (x.prod(dim=-1) >= 0).float())


def test_noise_of_circle_and_xor_is_in_their_labels():
    for name in ("circle", "xor"):
        clean, noisy = draw(name, 2000), draw(name, 2000, noise=0.5)
        assert torch.equal(clean.x, noisy.x)
        assert 0.05 < (clean.y != noisy.y).float().mean() < 0.5


def test_playgrounds_spirals_are_where_its_formula_has_them():
    n = 100
    expected = [
        [i / n * 5 * math.sin(t), i / n * 5 * math.cos(t), float(arm)]
        for arm in (0, 1)
        for i in range(n)
        for t in [1.75 * i / n * 2 * math.pi + arm * math.pi]
    ]
    found = torch.tensor(in_order(*draw("spirals", 2 * n)))
    assert found == pytest.approx(torch.tensor(sorted(expected)), abs=2e-4)


def test_playgrounds_regressions():
    x, y = draw("plane")
    torch.testing.assert_close(y.squeeze(-1), (x[:, 0] + x[:, 1]) / 10)
    bumps = KINDS["data"]["bumps"]()
    points = torch.tensor([[-4.0, 2.5], [0.0, 2.5], [-4.0, -2.5], [5.0, 2.5], [2.0, 6.0]])
    expected = [[1.0], [-1.0], [-1.0], [0.5], [0.0]]
    torch.testing.assert_close(bumps.value(points, generator()), torch.tensor(expected))


def test_checkerboard_alternates():
    x, y = draw("checkerboard", tiles=3)
    for (a, b), (label,) in zip(x.tolist(), y.tolist(), strict=True):
        assert label == (int(a * 3) + int(b * 3)) % 2


def test_modular_is_the_whole_table():
    x, y = KINDS["data"]["modular"](7).table()
    assert (len(x), x.shape[1], y.shape[1]) == (49, 14, 7)
    for row, target in zip(x, y, strict=True):
        a, b = row[:7].argmax().item(), row[7:].argmax().item()
        assert target.argmax().item() == (a + b) % 7
        assert (row.sum(), target.sum()) == (2, 1)


def test_a_teacher_makes_noise_on_training_points_only():
    clean, noisy = ({"noise": noise, "n_features": 3, "hidden": [5]} for noise in (0.0, 0.1))
    (train, test), (noisy_train, noisy_test) = (
        KINDS["data"]["teacher"](**own).parts(4000, 50, generator()) for own in (clean, noisy)
    )
    assert torch.equal(train.x, noisy_train.x)
    assert all(map(torch.equal, test, noisy_test))
    assert (noisy_train.y - train.y).std().item() == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize("name", DRAWN)
def test_what_a_source_says_of_itself_is_what_it_draws(name: str):
    source: DataSource = KINDS["data"][name]()
    train, test = source.parts(60, 40, generator())
    for part, n in ((train, 60), (test, 40)):
        assert (*part.x.shape, *part.y.shape) == (n, source.d_in, n, source.d_out)
        assert part.x.dtype == part.y.dtype == torch.float32
        assert part.x.isfinite().all()
        assert part.y.isfinite().all()
    if source.task == "binary":
        assert {0.0, 1.0} == set(train.y.flatten().tolist())
        assert len(source.classes) == 2
    if source.task == "classes":
        assert (train.y.sum(dim=-1) == 1).all()
        assert len(source.classes) == source.d_out
    if (line := source.boundary()) is not None:
        assert line.shape[-1] == source.d_in


@pytest.mark.parametrize("name", DRAWN)
def test_a_true_boundary_parts_the_classes(name: str):
    """Points on both sides of it, a step away, have different labels where the source can say."""
    line = KINDS["data"][name]().boundary()
    if line is None or name == "disk":
        pytest.skip("has none that is straight")
    x, y = draw(name, 4000)
    segments = [(a, b) for a, b in pairwise(line) if (a + b).isfinite().all()]
    for a, b in segments:
        normal = torch.stack([b[1] - a[1], a[0] - b[0]]).float()
        normal /= normal.norm()
        middle = a + (b - a) * 0.37
        near = (x - middle.float()).norm(dim=-1).argsort()[:100]
        side = ((x[near] - middle.float()) @ normal > 0).float()
        agree = (side == y[near].squeeze(-1)).float().mean().item()
        assert max(agree, 1 - agree) > 0.9


def test_label_noise_draws_a_share_of_the_labels_anew():
    source = KINDS["data"]["moons"]
    clean = source().draw(20_000, generator())
    noisy = source(label_noise=0.4).draw(20_000, generator())
    assert torch.equal(clean.x, noisy.x)
    assert (clean.y != noisy.y).float().mean().item() == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize(("outputs", "neg_label"), [(2, 0), (2, -1), (1, -1)])
def test_classes_take_other_targets_on_request(outputs: int, neg_label: int):
    plain = KINDS["data"]["moons"]()
    coded = Coded(plain, outputs, neg_label)
    (own, _), (found, _) = (source.parts(50, 10, generator()) for source in (plain, coded))
    assert torch.equal(own.x, found.x)
    assert set(found.y.flatten().tolist()) == {float(neg_label), 1.0}
    answer = found.y.argmax(dim=-1) if outputs == 2 else (found.y.squeeze(-1) > 0).long()
    assert torch.equal(answer, own.y.squeeze(-1).long())
    assert coded.task == ("classes" if outputs == 2 else "binary")


def test_a_pinned_seed_holds_the_draw():
    data = resolve_data("data", {"name": "moons", "noise": 0.2, "train": 30, "test": 20})
    pinned = resolve_data("data", {**data, "seed": 7})
    assert not torch.equal(build_data(data, 1)[0].x, build_data(data, 2)[0].x)
    assert torch.equal(build_data(pinned, 1)[0].x, build_data(pinned, 2)[0].x)
    assert torch.equal(build_data(pinned, 1)[0].x, build_data(data, 7)[0].x)


def test_settings_name_the_source_that_they_mean():
    data = resolve_data("data", {"name": "spirals", "arms": 3, "neg_label": -1})
    source = source_of(data)
    assert (source.d_in, source.d_out, source.task, source.neg_label) == (2, 3, "classes", -1)
