"""What training records, and when: batches, epochs, losses, accuracies, divergence."""

import pytest
import torch
from torch import Tensor

from minidl import (
    MSE,
    Accuracy,
    Dataset,
    GradientDescent,
    History,
    Identity,
    Linear,
    Module,
    Sequential,
    Sigmoid,
    disk,
    evaluate,
    seeded_generator,
    stack,
    train,
)
from minidl.optimizers import Optimizer


def layer() -> Linear:
    return Linear(2, 1, generator=seeded_generator(0, "weights"))


def order() -> torch.Generator:
    return seeded_generator(0, "batches")


def small_train(model: Module, data: Dataset, **arguments) -> History:
    settings = {"epochs": 1, "batch_size": 5, "generator": order()}
    return train(model, MSE(), GradientDescent(model.param()), data, **settings | arguments)


class Breaks(Optimizer):
    """Makes a weight of replica r NaN in step ``when[r]``, and changes nothing else."""

    def __init__(self, model: Module, when: dict[int, int], to: float = torch.nan):
        super().__init__(model.param(), lr=1.0)
        self.when, self.to, self.steps = when, to, 0

    def step(self) -> None:
        self.steps += 1
        for replica, when in self.when.items():
            if self.steps == when:
                self.param[0][0][replica, 0, 0] = self.to


@pytest.mark.parametrize("to", [torch.nan, torch.inf, -torch.inf])
def test_diverged_at_is_the_epoch_of_the_first_weight_that_is_not_finite(to: float):
    model, data = stack([(layer(), disk(4, seeded_generator(0, "data")))] * 3)
    seen: list[list[int]] = []
    train(
        model,
        MSE(),
        Breaks(model, {0: 1, 2: 5}, to),  # two steps an epoch: in epochs 1 and 3
        data,
        epochs=4,
        batch_size=2,
        generator=[seeded_generator(i, "batches") for i in range(3)],
        on_epoch=lambda _, history: seen.append(history.diverged_at.tolist()),
    )
    assert seen == [[1, 0, 0], [1, 0, 0], [1, 0, 3], [1, 0, 3]]


@pytest.mark.parametrize(
    ("epochs", "every", "expected"),
    [(7, 3, [3, 6, 7]), (6, 3, [3, 6]), (2, 10, [2]), (3, 1, [1, 2, 3])],
)
def test_what_is_recorded_when(epochs: int, every: int, expected: list[int]):
    data, test = disk(30, seeded_generator(0, "data")).split(20)
    history = small_train(layer(), data, epochs=epochs, evaluate_every=every, test=test)
    assert history.epochs == expected
    for column in (history.train_loss, history.train_accuracy, history.test_loss):
        assert len(column) == len(expected)
        assert all(entry.shape == () and entry.dtype == torch.float64 for entry in column)


def test_the_last_record_is_the_evaluation_of_the_trained_network():
    data, test = disk(50, seeded_generator(0, "data")).split(20)
    model = layer()
    history = small_train(model, data, epochs=3, evaluate_every=2, test=test)
    for part, points in (("train", data), ("test", test)):
        for name, value in evaluate(model, MSE(), points).items():
            assert history.curves[f"{part}_{name}"][-1] == value
    assert history.train_loss[0] != history.train_loss[1]


def test_without_a_test_set_nothing_is_recorded_of_it():
    history = small_train(layer(), disk(20, seeded_generator(0, "data")))
    assert len(history.train_loss) == 1
    assert history.test_loss == history.test_accuracy == []


def test_on_epoch_is_called_after_every_epoch_with_the_history_so_far():
    calls: list[tuple[int, list[int]]] = []
    small_train(
        layer(),
        disk(20, seeded_generator(0, "data")),
        epochs=5,
        evaluate_every=2,
        on_epoch=lambda epoch, history: calls.append((epoch, list(history.epochs))),
    )
    assert calls == [(1, []), (2, [2]), (3, [2]), (4, [2, 4]), (5, [2, 4, 5])]


class Watched(Identity):
    """Remembers how many points each batch had, and how large their gradients were."""

    def __init__(self):
        self.sizes: list[int] = []
        self.gradients: list[Tensor] = []

    def backward(self, gradient: Tensor) -> Tensor:
        self.sizes.append(len(gradient))
        self.gradients.append(gradient)
        return gradient


@pytest.mark.parametrize(
    ("n", "size", "sizes"), [(7, 3, [3, 3, 1]), (6, 3, [3, 3]), (2, 5, [2]), (3, 1, [1, 1, 1])]
)
def test_every_point_trains_once_an_epoch(n: int, size: int, sizes: list[int]):
    watched = Watched()
    data = disk(n, seeded_generator(0, "data"))
    small_train(Sequential(layer(), watched), data, epochs=2, batch_size=size)
    assert watched.sizes == sizes * 2


def test_a_smaller_last_batch_is_averaged_over_its_own_points():
    watched, data = Watched(), Dataset(torch.zeros(7, 2), torch.ones(7, 1))
    model = Sequential(layer(), watched)
    model.param()[1][0].zero_()  # inputs and bias are zero, so the output is, at first
    train(model, MSE(), Breaks(model, {}), data, epochs=1, batch_size=3, generator=order())
    assert [gradient.sum().item() for gradient in watched.gradients] == pytest.approx([-2] * 3)


@pytest.mark.parametrize("n", [1, 99, 100, 101, 250])
def test_evaluation_is_the_mean_over_all_points(n: int):
    data, model = disk(n, seeded_generator(0, "data")), Sequential(layer(), Sigmoid())
    output = model.forward(data.x)
    loss, accuracy = evaluate(model, MSE(), data, [Accuracy(0.45)]).values()
    torch.testing.assert_close(loss, (output - data.y).double().square().mean(), rtol=1e-6, atol=0)
    assert accuracy.item() == pytest.approx(
        ((output >= 0.45) == (data.y == 1)).double().mean().item() * 100
    )


def test_an_output_at_the_threshold_means_inside():
    outputs, targets = [0.5, 0.5, 0.49, torch.nan], [1.0, 1.0, 0.0, 1.0]
    data = Dataset(torch.tensor(outputs)[:, None], torch.tensor(targets)[:, None])
    assert evaluate(Identity(), MSE(), data)["accuracy"] == 75
    assert evaluate(Identity(), MSE(), data, [Accuracy(0.6)])["accuracy"] == 25
    assert evaluate(Identity(), MSE(), data, [Accuracy(0.4)])["accuracy"] == 50


def test_a_threshold_for_each_replica():
    points = Dataset(torch.tensor([[0.3], [0.6]]), torch.tensor([[0.0], [1.0]]))
    data, metric = stack([(points, Accuracy(t)) for t in (0.5, 0.2, 0.7)])
    assert evaluate(Identity(), MSE(), data, [metric])["accuracy"].tolist() == [100, 50, 50]


@pytest.mark.parametrize("argument", ["epochs", "batch_size", "evaluate_every"])
def test_nothing_trains_less_than_once(argument: str):
    with pytest.raises(ValueError, match="at least 1"):
        small_train(layer(), disk(20, seeded_generator(0, "data")), **{argument: 0})
