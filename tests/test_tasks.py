"""Three tasks, each with the metrics and losses that fit it, against scikit-learn's definitions."""

import json
import math

import pytest
import torch
from helpers.studies import minidl, rows_of, write
from torch import Generator

from minidl import (
    MSE,
    R2,
    RMSE,
    Accuracy,
    Dataset,
    DataSource,
    Identity,
    evaluate,
    register,
    stack,
)
from minidl.registry import KINDS
from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study


class Three(DataSource):
    """Three clouds on a line: the answer is which."""

    d_in, d_out, task = 1, 3, "classes"

    def draw(self, n: int, generator: Generator) -> Dataset:
        of = torch.randint(3, (n,), generator=generator)
        x = 4 * of.unsqueeze(-1) + torch.randn(n, 1, generator=generator)
        return Dataset(x, torch.nn.functional.one_hot(of, 3).float())


class Parabola(DataSource):
    """``y = x^2`` with x uniform in [-1, 1]."""

    d_in, d_out, task = 1, 1, "regression"

    def draw(self, n: int, generator: Generator) -> Dataset:
        x = torch.rand(n, 1, generator=generator) * 2 - 1
        return Dataset(x, x * x)


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "data", copy_of("data"))
    register("data", "three")(Three)
    register("data", "parabola")(Parabola)


def copy_of(kind: str):
    kept = type(KINDS[kind])(*KINDS[kind].chosen_by, supplied=KINDS[kind].supplied)
    kept.update(KINDS[kind])
    return kept


def study(data: str, **settings: object) -> str:
    return json.dumps(
        {
            "name": "tasks",
            "data": {"name": data, "train": 90, "test": 60},
            "model": {"hidden": [8], "output": "identity"},
            "epochs": 30,
            "seeds": 2,
            "grid": {"optimizer": [{"name": "adam", "lr": 0.01}]},
            **settings,
        }
    )


@pytest.mark.usefixtures("sources")
def test_classes_are_counted_by_their_largest_output(tmp_path):
    words = ("--grid", write(tmp_path, study("three")), "--out", tmp_path / "r", "--jobs", 1)
    shown = minidl("run", *words).stdout
    assert "train accuracy" in shown
    for row in rows_of(minidl("export", tmp_path / "r").stdout):
        assert 85 < float(row["test_accuracy"]) <= 100  # per output it would never be so low
        predicted = rows_of(minidl("predict", tmp_path / "r", row["id"]).stdout)
        right = sum(point["decision"] == point["target"] for point in predicted)
        assert float(row["test_accuracy"]) == pytest.approx(100 * right / len(predicted))
        assert {"output1", "output2", "output3"} < predicted[0].keys()


@pytest.mark.usefixtures("sources")
def test_a_regression_has_no_accuracy(tmp_path):
    words = (
        "--grid",
        write(tmp_path, study("parabola", epochs=400)),
        "--out",
        tmp_path / "r",
        "--jobs",
        1,
    )
    done = minidl("run", *words)
    assert "accuracy" not in done.stdout
    assert "test R²" in done.stdout
    (row, _) = json.loads(minidl("run", *words, "--json").stdout)["runs"]
    assert row["train_accuracy"] is row["test_accuracy"] is None
    assert 0.5 < row["test_r2"] < 1
    assert row["test_rmse"] == pytest.approx(math.sqrt(row["test_loss"]), rel=1e-5)
    predicted = rows_of(minidl("predict", tmp_path / "r", row["id"]).stdout)
    error = sum((float(p["output"]) - float(p["target"])) ** 2 for p in predicted) / 60
    assert row["test_rmse"] == pytest.approx(math.sqrt(error), rel=1e-4)


@pytest.mark.usefixtures("sources")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            study("parabola", loss="bce"),
            "loss 'bce' does not fit data 'parabola', which is a regression; fitting: huber, mae, ",
        ),
        (
            study("three", loss="bce"),
            "loss 'bce' needs outputs from 0 to 1, which output 'identity' may leave; fitting: ",
        ),
        (
            study("three", activation="softmax"),
            "activation 'softmax' is for model.output, not for hidden layers",
        ),
        (
            study("parabola", model={"output": "softmax"}),
            "output 'softmax' needs several outputs, and data 'parabola' has one; fitting: elu, ",
        ),
        (
            study("three", model={"output": "sigmoid"}, loss="cross_entropy"),
            "loss 'cross_entropy' needs outputs on both sides of 0, where output 'sigmoid' stays ",
        ),
        (
            study("parabola", loss="cross_entropy"),
            "loss 'cross_entropy' does not fit data 'parabola', which is a regression; fitting: ",
        ),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_trained(tmp_path, text, message):
    words = ("--grid", write(tmp_path, text), "--out", tmp_path / "r")
    assert message in minidl("run", *words, code=2).stderr
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("output", ["tanh", "relu", "leaky_relu", "identity"])
def test_bce_is_refused_where_its_output_may_leave_0_to_1(output):
    said = minidl("train", "--loss", "bce", "--set", f"model.output={output}", code=2).stderr
    assert f"which output '{output}' may leave; fitting: sigmoid" in said


def regression(n: int = 257, d: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    y = torch.randn(n, d, generator=generator) * 3 + 100
    return y + torch.randn(n, d, generator=generator), y


def test_regression_metrics_are_those_of_scikit_learn():
    p, y = regression()
    found = evaluate(Identity(), MSE(), Dataset(p, y), [R2(), RMSE()])
    residual, total = (p - y).double().square().sum(0), (y - y.mean(0)).double().square().sum(0)
    assert found["r2"].item() == pytest.approx((1 - residual / total).mean().item(), abs=1e-5)
    assert found["rmse"].item() == pytest.approx((residual.sum() / p.numel()).sqrt().item())


def test_scores_of_a_stack_are_those_of_each_alone():
    sets = [Dataset(*regression(n=230)), Dataset(*reversed(regression(n=230)))]
    metrics = [R2(), RMSE()]
    whole = evaluate(Identity(), MSE(), stack(sets), metrics)
    for i, own in enumerate(sets):
        for name, value in evaluate(Identity(), MSE(), own, metrics).items():
            assert whole[name][i] == value


@pytest.mark.parametrize(
    ("y", "best"),
    [
        (torch.tensor([[0.0], [0.0], [1.0], [0.0]]), 75),
        (torch.tensor([[1.0], [1.0], [1.0], [0.0]]), 75),
        (torch.eye(3)[[0, 1, 1, 2]], 50),
    ],
)
def test_the_best_constant_answer_of_classes_is_the_commonest(y, best):
    assert Accuracy().constant(y) == best


def test_the_best_constant_answer_of_a_regression_is_the_mean():
    _, y = regression()
    mean = y.mean(0).expand_as(y)
    scores = evaluate(Identity(), MSE(), Dataset(mean, y), [R2(), RMSE()])
    assert R2().constant(y).item() == pytest.approx(scores["r2"].item(), abs=1e-5)
    assert RMSE().constant(y).item() == pytest.approx(scores["rmse"].item(), rel=1e-5)


@pytest.mark.parametrize("y", [[[0.5], [1.0]], [[1.0, 1.0], [0.0, 1.0]], [[-1.0], [0.0]]])
def test_targets_that_are_no_classes_have_no_accuracy(y):
    target = torch.tensor(y)
    with pytest.raises(ValueError, match="accuracy needs"):
        evaluate(Identity(), MSE(), Dataset(target, target), [Accuracy()])
    assert set(evaluate(Identity(), MSE(), Dataset(target, target))) == {"loss", "r2", "rmse"}


def thresholds(**settings: object) -> list[float]:
    text = study("disk", **{"seeds": 1} | settings)
    return [run.settings["model"]["threshold"] for run in expand(parse_study(text, "grid.yaml"))]


def test_the_threshold_is_the_cut_of_the_loss_unless_it_is_said():
    losses = {"loss": ["mse", "bce_with_logits", {"name": "hinge", "reduction": "sum"}]}
    assert thresholds(grid=losses) == [0.5, 0, 0]
    said = {"hidden": [8], "output": "identity", "threshold": 0.25}
    assert thresholds(grid=losses, model=said) == [0.25] * 3
    assert thresholds(grid=losses, model=said | {"threshold": None}) == [0.5, 0, 0]
    assert thresholds(grid={**losses, "model.threshold": [None, 1.5]}) == [0.5, 1.5, 0, 1.5, 0, 1.5]
    signs = {"data": [{"name": "disk", "neg_label": -1}], "loss": ["mse", "hinge", "huber"]}
    assert thresholds(grid=signs, model={"output": "tanh"}) == [0, 0, 0]
    rule = {"when": {"model.threshold": 0}, "set": {"epochs": 2}}
    assert thresholds(grid=losses, overrides=[rule]) == [0.5, 0, 0]


def test_logits_and_probabilities_of_one_study_are_right_alike(tmp_path):
    """The same network, once with the sigmoid in the output and once in the loss."""
    text = study(
        "disk",
        include=[
            {"loss": "bce", "model.output": "sigmoid"},
            {"loss": "bce_with_logits", "model.output": "identity"},
        ],
        grid={},
        optimizer={"name": "adam", "lr": 0.01},
    )
    minidl("run", "--grid", write(tmp_path, text), "--out", tmp_path / "r", "--jobs", 1)
    rows = rows_of(minidl("export", tmp_path / "r").stdout)
    assert {row["loss"] for row in rows} == {"bce", "bce_with_logits"}
    for i in range(2):
        bce, logits = (row for row in rows if row["seed"] == str(i))
        assert float(bce["train_loss"]) == pytest.approx(float(logits["train_loss"]), rel=1e-2)
        assert float(bce["test_accuracy"]) == pytest.approx(float(logits["test_accuracy"]), abs=2)
        assert float(bce["train_accuracy"]) > 55
    predicted = rows_of(minidl("predict", tmp_path / "r", rows[-1]["id"]).stdout)
    assert {point["decision"] for point in predicted} == {"0", "1"}
    for point in predicted:
        assert (point["decision"] == "1") == (float(point["output"]) >= 0)


@pytest.mark.usefixtures("sources")
def test_cross_entropy_learns_classes_from_logits(tmp_path):
    text = study("three", loss="cross_entropy", seeds=1)
    words = ("--grid", write(tmp_path, text), "--out", tmp_path / "r", "--jobs", 1)
    (row,) = json.loads(minidl("run", *words, "--json").stdout)["runs"]
    assert row["test_accuracy"] > 85
    assert 0 < row["test_loss"] < 1


@pytest.mark.parametrize("loss", ["bce_with_logits", "hinge"])
@pytest.mark.parametrize("output", ["sigmoid", "softplus"])
def test_probabilities_are_refused_where_logits_are_expected(loss, output):
    said = minidl("train", "--loss", loss, "--set", f"model.output={output}", code=2).stderr
    message = f"loss '{loss}' needs outputs on both sides of 0, where output '{output}' stays on "
    assert f"{message}one; fitting: elu, gelu, hardtanh, identity, " in said
