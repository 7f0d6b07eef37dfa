"""Data sets: the disk, its preparation, its batches; and what a seed alone decides."""

import math
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from minidl import Dataset, batches, disk, seeded_generator, stack, train
from minidl.registry import KINDS
from minidl.study.grid.complete import with_threshold
from minidl.study.grid.data import settled
from minidl.study.grid.settings import RunSettings
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.build import build
from minidl.study.stacks.train import train_stack
from minidl.study.stacks.weights import named_param, to_bytes


def generator(seed: int = 0) -> torch.Generator:
    return seeded_generator(seed, "tests")


def numbered(n: int) -> Dataset:
    """Points whose input and target are their number."""
    column = torch.arange(float(n)).unsqueeze(-1)
    return Dataset(column.expand(n, 2), column)


def epoch(data: Dataset, size: int, generators=None) -> Tensor:
    """Return the numbers of the points in the order of the batches."""
    return torch.cat([y for _, y in batches(data, size, generators)], dim=-2).squeeze(-1)


def test_half_of_the_square_is_inside_the_disk():
    x, y = disk(100_000, generator())
    assert x.shape == (100_000, 2)
    assert y.shape == (100_000, 1)
    assert 0 <= x.min() < 0.001
    assert 0.999 < x.max() <= 1
    assert y.mean().item() == pytest.approx(0.5, abs=0.006)  # four standard errors
    assert x.mean(dim=0).tolist() == pytest.approx([0.5, 0.5], abs=0.004)


def test_inside_means_closer_to_the_centre_than_the_radius():
    for (x1, x2), (label,) in zip(
        *(part.tolist() for part in disk(2000, generator())), strict=True
    ):
        assert label == (math.hypot(x1 - 0.5, x2 - 0.5) < 1 / math.sqrt(2 * math.pi))


@pytest.mark.parametrize("name", [name for name in KINDS["data"] if name != "csv"])
def test_every_data_set_is_its_generators(name: str):
    first, again, other = (KINDS["data"][name]().draw(50, generator(seed)) for seed in (1, 1, 2))
    assert first.x.shape[0] == first.y.shape[0] == 50
    assert all(map(torch.equal, first, again))
    assert not torch.equal(first.x, other.x)


def test_split_cuts_without_overlap():
    first, rest = numbered(7).split(3)
    assert first.y.flatten().tolist() == [0, 1, 2]
    assert rest.y.flatten().tolist() == [3, 4, 5, 6]
    assert torch.equal(rest.x, numbered(7).x[3:])


def test_standardise_takes_mean_and_deviation_of_the_reference():
    train_set, test_set = disk(500, generator()).split(300)
    own, others = train_set.standardise(train_set), test_set.standardise(train_set)
    torch.testing.assert_close(own.x.mean(dim=0), torch.zeros(2), rtol=0, atol=1e-5)
    torch.testing.assert_close(own.x.std(dim=0), torch.ones(2))
    expected = (test_set.x - train_set.x.mean(dim=0)) / train_set.x.std(dim=0)
    torch.testing.assert_close(others.x, expected)
    assert torch.equal(others.y, test_set.y)


@pytest.mark.parametrize(("n", "size"), [(20, 5), (7, 3), (7, 1), (3, 5)])
def test_batches_cover_every_point_once(n: int, size: int):
    sizes = [len(x) for x, _ in batches(numbered(n), size, generator())]
    assert sizes == [size] * (n // size) + [n % size] * (n % size > 0)
    assert sorted(epoch(numbered(n), size, generator()).tolist()) == list(range(n))


def test_inputs_stay_with_their_targets():
    for x, y in batches(numbered(20), 3, generator()):
        assert torch.equal(x, y.expand_as(x))


def test_without_a_generator_the_order_is_kept():
    assert epoch(numbered(20), 3).tolist() == list(range(20))


def test_every_epoch_and_every_generator_has_its_own_order():
    one = generator(1)
    orders = [epoch(numbered(20), 5, own) for own in (one, one, generator(2))]
    assert len({tuple(order.tolist()) for order in orders}) == 3
    assert torch.equal(orders[0], epoch(numbered(20), 5, generator(1)))


@pytest.mark.parametrize("size", [5, 3])
def test_each_replica_has_the_order_of_its_own_generator(size: int):
    shared = generator(1)
    whole = epoch(stack([numbered(20)] * 4), size, [shared, generator(2), shared, generator(1)])
    first, second = (epoch(numbered(20), size, generator(seed)) for seed in (1, 2))
    assert torch.equal(whole, torch.stack([first, second, first, first]))


def test_each_batch_lies_in_one_piece():
    data = stack([numbered(7)] * 3)
    for batch in batches(data, 3, [generator(i) for i in range(3)]):
        assert all(part.is_contiguous() for part in batch)


def test_streams_and_seeds_are_independent():
    names = [(seed, stream) for seed in (0, 1, 2) for stream in ("data", "weights", "batches")]
    draws = [tuple(torch.rand(3, generator=seeded_generator(*name)).tolist()) for name in names]
    assert len(set(draws)) == len(names)
    again = torch.rand(3, generator=seeded_generator(0, "data")).tolist()
    assert tuple(again) == draws[0]


def test_a_seeds_numbers_never_change():
    drawn = torch.rand(3, generator=seeded_generator(0, "data"), dtype=torch.float64)
    assert drawn.tolist() == [0.7284347268174785, 0.7571668829122126, 0.31014186563112756]


def run_spec(seed: int, **settings: Any) -> RunSpec:
    sizes = {"name": "disk", "train": 23, "test": 20}
    small = {"data": sizes, "model": {"hidden": [6, 4]}, "epochs": 2} | settings
    settings = with_threshold(RunSettings.model_validate(small).model_dump())
    return RunSpec(settings, seed, {})


def conditions(seed: int) -> list[RunSpec]:
    """Return the paper's 18 conditions, small."""
    axes = product(["tanh", "relu", "leaky_relu"], ["mse", "bce"], ["sgd", "adam", "none"])
    return [run_spec(seed, activation=a, loss=b, optimizer=c) for a, b, c in axes]


def test_a_seed_gives_all_conditions_the_same_data_and_initial_weights():
    for seed in (0, 1):
        first, *others = map(build, conditions(seed))
        for other in others:
            assert all(map(torch.equal, first.train + first.test, other.train + other.test))
            values, theirs = first.model.param(), other.model.param()
            assert all(torch.equal(a, b) for (a, _), (b, _) in zip(values, theirs, strict=True))
    other_seed = build(run_spec(0))
    assert not torch.equal(first.train.x, other_seed.train.x)
    assert not torch.equal(first.model.param()[0][0], other_seed.model.param()[0][0])


def test_a_seed_gives_all_conditions_the_same_order_of_batches():
    """A study's run is what the library gives with the seed's own generator, whatever it is."""
    for run in conditions(3):
        built = build(run)
        order = seeded_generator(3, "batches")
        train(*built[:4], epochs=2, batch_size=5, generator=order)
        assert train_stack([run])[0].weights == to_bytes(named_param(built.model), run)


@pytest.mark.parametrize("shuffle", ["epoch", "never", "replacement"])
@pytest.mark.parametrize("at_once", [1, 200, 10**6])
def test_shared_points_come_in_the_same_batches(monkeypatch, shuffle: str, at_once: int):
    """One table that is expanded, or a copy for each replica; few batches at a time, or all."""
    one = disk(23, generator())
    shared, copied = stack([one] * 4), stack([Dataset(*map(Tensor.clone, one)) for _ in range(4)])
    assert shared.x.stride(0) == 0 != copied.x.stride(0)
    expected = list(batches(copied, 5, [generator(i) for i in range(4)], shuffle))
    monkeypatch.setattr("minidl.data.batching.AT_ONCE", at_once)
    for data in (shared, copied):
        found = list(batches(data, 5, [generator(i) for i in range(4)], shuffle))
        assert len(found) == len(expected) == 5
        for batch, wanted in zip(found, expected, strict=True):
            assert all(map(torch.equal, batch, wanted))
            assert all(part.is_contiguous() for part in batch)


def test_only_points_are_shared_in_a_stack():
    weight = torch.ones(2, 3)
    assert stack([weight, weight]).stride(0) == 6
    data = disk(4, generator())
    assert stack([(data, weight), (data, weight)])[0].x.data_ptr() == data.x.data_ptr()


SHARED = [{"test": 0.25, "seed": 0}, {"test": 0}]


@pytest.mark.parametrize("sizes", SHARED, ids=str)
def test_shared_points_train_to_the_bits_of_each_alone(sizes: dict):
    data = {"name": "iris", "normalize": "standard", **sizes}
    raw = RunSettings.model_validate({"data": data, "epochs": 2, "model": {"hidden": [3]}})
    settings = raw.model_dump()
    settings["data"] = settled(settings["data"], Path())
    runs = [RunSpec(settings, seed) for seed in range(3)]
    assert stack([build(run) for run in runs]).train.x.stride(0) == 0
    whole = train_stack(runs)
    for run, own in zip(runs, whole, strict=True):
        (alone,) = train_stack([run])
        assert (alone.weights, alone.curve) == (own.weights, own.curve)


MANY = """
from pathlib import Path
from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.stacks.train import train_stack


def most():
    status = Path("/proc/self/status").read_text()  # ru_maxrss is also that of whoever started it
    return int(status.split("VmHWM:")[1].split()[0])


imported = most()  # a CUDA build of torch alone takes half a gigabyte
study = parse_study(
    "name: s\\ngrid: {}\\nseeds: 300\\nmodel: {hidden: [20]}\\nepochs: 1\\nbatch_size: 32\\n"
    "data: {name: digits, test: 0.25, seed: 0, normalize: minmax}\\n", "study")
train_stack(expand(study))
print(most() - imported)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_three_hundred_runs_on_digits_stay_small():
    done = subprocess.run([sys.executable, "-c", MANY], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 180_000  # kilobytes; 300 copies of the images would add 138_000
