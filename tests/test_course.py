"""How long training lasts, and in which order the points come: epochs, updates, shuffle."""

from functools import partial

import pytest
import torch
from helpers.studies import contents, minidl, rows_of, write
from helpers.studies import train as train_study

from minidl import MSE, SGD, Dataset, Linear, batches, seeded_generator, train
from minidl.study.grid.expand import expand
from minidl.study.grid.load import load_study, parse_study
from minidl.study.later import identity
from minidl.study.run import run_study
from minidl.study.stacks.train import train_stack

POINTS = Dataset(torch.arange(7.0).view(7, 1), torch.zeros(7, 1))
STUDY = """
name: course
data: {name: disk, train: 22, test: 10}
model: {hidden: [3]}
batch_size: 5
evaluate_every: 2
"""


def drawn(shuffle: str, size: int = 3) -> list[list[float]]:
    generator = seeded_generator(0, "batches")
    return [x.flatten().tolist() for x, _ in batches(POINTS, size, generator, shuffle)]


def test_never_shuffled_is_the_order_that_came():
    assert drawn("never") == [[0, 1, 2], [3, 4, 5], [6]]


def test_shuffled_has_every_point_once():
    assert sorted(n for batch in drawn("epoch") for n in batch) == list(range(7))
    assert drawn("epoch") != drawn("never")


def test_with_replacement_every_batch_is_whole_and_points_come_again():
    assert [len(batch) for batch in drawn("replacement")] == [3, 3, 3]
    (many,) = drawn("replacement", 500)
    assert len(many) == 500
    counts = torch.bincount(torch.tensor(many).long(), minlength=7)
    expected = 500 / 7
    assert ((counts - expected) ** 2 / expected).sum() < 22.5  # chi-square, 6 degrees, p 0.001


class Counting(SGD):
    """Counts its steps."""

    steps = 0

    def step(self) -> None:
        self.steps += 1
        super().step()


@pytest.mark.parametrize("updates", [1, 2, 3, 4, 7])
def test_so_many_updates_are_made(updates: int):
    layer = Linear(1, 1, generator=seeded_generator(0, "weights"))
    optimizer = Counting(layer.param())
    generator = seeded_generator(0, "batches")
    history = train(
        layer, MSE(), optimizer, POINTS, updates=updates, batch_size=3, generator=generator
    )
    assert optimizer.steps == updates
    assert history.epochs == [-(-updates // 3)]


def test_whole_epochs_of_updates_are_epochs():
    text = f"{STUDY}seeds: 2\ngrid: {{optimizer: [sgd, adam]}}\n"
    counted = [expand(parse_study(text + add, "s")) for add in ("epochs: 4\n", "updates: 20\n")]
    for pair in zip(*counted, strict=True):
        first, second = (train_stack([run])[0] for run in pair)
        assert first.id != second.id
        assert first.curve == second.curve


@pytest.mark.parametrize("length", [{}, {"epochs": 2}, {"updates": 0}, {"epochs": 1, "updates": 1}])
def test_a_length_is_given_once_and_is_at_least_1(length: dict[str, int]):
    layer = Linear(1, 1, generator=seeded_generator(0, "weights"))
    go = partial(train, layer, MSE(), SGD(layer.param()), POINTS, batch_size=3)
    generator = seeded_generator(0, "batches")
    if length == {"epochs": 2}:
        assert go(generator=generator, **length).epochs == [2]
        with pytest.raises(ValueError, match="'often' is unknown; known: epoch, never"):
            go(generator=generator, shuffle="often", **length)
    else:
        with pytest.raises(ValueError, match="updates"):
            go(generator=generator, **length)


def test_who_says_updates_later_takes_back_the_epochs():
    (run,) = expand(load_study("smoke", changes=["updates=12", "grid={}"], seeds=1))
    assert (run.settings["epochs"], run.settings["updates"]) == (None, 12)
    text = f"{STUDY}updates: 7\ngrid: {{epochs: [3]}}\n"
    (run,) = expand(parse_study(text, "s"))
    assert (run.settings["epochs"], run.settings["updates"]) == (3, None)
    rule = "overrides: [{when: {epochs: 3}, set: {updates: 9}}]"
    text = f"{STUDY}grid: {{epochs: [3, 4]}}\n{rule}"
    runs = expand(parse_study(text, "s"))
    assert [run.settings["updates"] for run in runs] == [9, None]
    again = parse_study(parse_study(f"{STUDY}updates: 7\ngrid: {{}}", "s").to_yaml(), "s")
    assert again.updates == 7


def test_the_defaults_are_no_part_of_an_id():
    (run,) = expand(parse_study(f"{STUDY}grid: {{}}", "s"))
    assert not {"updates", "shuffle"} & identity(run.settings).keys()


def test_every_course_alone_and_in_company(tmp_path):
    text = (
        f"{STUDY}updates: 23\nseeds: 2\n"
        "grid: {shuffle: [epoch, never, replacement], optimizer: [sgd, adam]}\n"
    )
    together = contents(train_study(text, tmp_path / "all"))
    for run in expand(parse_study(text, "s"))[::3]:
        (tmp_path / run.id).mkdir()
        run_study(parse_study(text, "s"), [run], tmp_path / run.id)
        assert contents(tmp_path / run.id)[run.id] == together[run.id]


def test_rows_and_measures_of_updates(tmp_path):
    text = f"{STUDY}updates: 23\nseeds: 2\ngrid: {{activation: [tanh, relu]}}\n"
    words = ("--grid", write(tmp_path, text), "--out", tmp_path / "r", "--jobs", 1, "--no-figures")
    minidl("run", *words)
    rows = rows_of(minidl("export", tmp_path / "r").stdout)
    assert [row["epochs"] for row in rows] == ["5"] * 4
    assert rows_of(minidl("export", tmp_path / "r", "--curves").stdout)[-1]["epoch"] == "5"
    words = ("--factor", "activation", "--levels", "tanh,relu")
    compared = minidl("compare", tmp_path / "r", *words, "--measure", "updates_to_target")
    assert "updates" in compared.stdout
    assert (
        "23 updates"
        in minidl("train", "--set", "updates=23", "--set", "data.train=22", "--quiet").stdout
    )
