"""Early stopping at the best weights, and the part of the training set that may choose them."""

import json
import math
from typing import Any

import pytest
import torch
from helpers.studies import contents, minidl, rows_of, write
from helpers.studies import train as train_study

from minidl import (
    MSE,
    SGD,
    EarlyStopping,
    History,
    Linear,
    Metric,
    Sequential,
    Sigmoid,
    Tanh,
    disk,
    seeded_generator,
    stack,
    train,
)
from minidl.engine.flat import flatten
from minidl.module import Module
from minidl.stopping import Best
from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.later import identity
from minidl.study.run import run_study
from minidl.study.stacks.build import build, build_data, build_parts
from minidl.study.stacks.train import train_stack
from minidl.study.store.store import Store


def followed(
    scores: list[float], patience: int, min_delta: float = 0.0, monitor: str = "validation_loss"
) -> tuple[int, int]:
    """Return at which evaluation a run is best and stops (0: never), by Keras's rule in words."""
    best, best_at, waited = math.inf, 0, 0
    for i, score in enumerate(scores, 1):
        signed = -score if monitor.endswith("accuracy") else score
        if signed < best - min_delta or not best_at:
            best, best_at, waited = signed, i, 0
        else:
            waited += 1
        if waited >= patience:
            return best_at, i
    return best_at, 0


CURVES = {
    "falls": [5.0, 4, 3, 2, 1, 0],
    "rises": [1.0, 2, 3, 4, 5, 6],
    "comes again": [3.0, 4, 2, 5, 5, 1],
    "stands still": [2.0, 2, 2, 2, 2, 2],
    "little by little": [2.0, 1.95, 1.9, 1.85, 1.8, 1.75],
    "not a number": [3.0, math.nan, math.nan, 2, math.nan, 1],
}


@pytest.mark.parametrize("monitor", ["validation_loss", "train_accuracy"])
@pytest.mark.parametrize("min_delta", [0.0, 0.1])
@pytest.mark.parametrize("patience", [1, 2, 3, 9])
def test_each_replica_follows_the_rule_by_itself(patience: int, min_delta: float, monitor: str):
    model = Linear(1, 1, generator=seeded_generator(0, "weights"))
    together = stack([model] * len(CURVES))
    best = Best(EarlyStopping(monitor, patience, min_delta), together)
    columns = list(zip(*CURVES.values(), strict=True))
    curves: dict[str, list[torch.Tensor]] = {monitor: []}
    for epoch, column in enumerate(columns, 1):
        together.weight.fill_(epoch)
        curves[monitor].append(torch.tensor(column, dtype=torch.float64))
        best.see(epoch, curves)
    best.put_back()
    expected = [followed(list(c), patience, min_delta, monitor) for c in CURVES.values()]
    assert list(zip(best.best_at.tolist(), best.stopped_at.tolist(), strict=True)) == expected
    assert together.weight.flatten().tolist() == [float(at) for at, _ in expected]
    for i, (curve, (at, stop)) in enumerate(zip(CURVES.values(), expected, strict=True)):
        if stop:  # afterwards its scores are those of its best weights
            assert all(values[i] == curve[at - 1] for values in curves[monitor][stop:])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"monitor": "test_loss"}, "the test set chooses nothing"),
        ({"patience": 0}, "patience must be at least 1"),
        ({"min_delta": -1.0}, "min_delta must be at least 0"),
        ({"min_delta": math.nan}, "min_delta must be at least 0"),
    ],
)
def test_a_wrong_rule(arguments: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        EarlyStopping(**arguments)


def network(seed: int, lr: float) -> tuple[Module, Module, SGD]:
    generator = seeded_generator(seed, "weights")
    parts = [Linear(2, 8, generator=generator), Tanh(), Linear(8, 1, generator=generator)]
    model = Sequential(*parts, Sigmoid())
    return model, MSE(), SGD(model.param(), lr=lr)


RULE = EarlyStopping(patience=2)
RATES = [0.01, 3.0, 30.0, 1e4]


def learned(parts: Any, sets: Any, generator: Any, rule: EarlyStopping | None) -> History:
    training, validation = sets
    return train(
        *parts,
        training,
        validation=validation,
        early_stopping=rule,
        epochs=30,
        evaluate_every=1,
        batch_size=5,
        generator=generator,
    )


def sets_of(seed: int) -> Any:
    return disk(60, seeded_generator(seed, "data")).split(40)


def test_who_stops_changes_no_other_and_has_the_numbers_that_it_has_alone():
    together = stack([network(i, lr) for i, lr in enumerate(RATES)])
    flatten(together[2])
    sets = stack([sets_of(i) for i in range(4)])
    whole = learned(together, sets, [seeded_generator(i, "batches") for i in range(4)], RULE)
    assert whole.stopped_at is not None
    stops = whole.stopped_at.tolist()
    assert len(set(stops)) > 1  # otherwise this proves nothing
    for i, lr in enumerate(RATES):
        own = network(i, lr)
        alone = learned(own, sets_of(i), seeded_generator(i, "batches"), RULE)
        assert (alone.best_at, alone.stopped_at) == (whole.best_at[i], whole.stopped_at[i])  # pyright: ignore[reportOptionalSubscript]  # there is one
        assert len(alone.epochs) == (stops[i] or 30)
        for (ours, _), (theirs, _) in zip(together[0].param(), own[0].param(), strict=True):
            assert torch.equal(ours[i], theirs)
        for name, values in alone.curves.items():
            both = zip(whole.curves[name], values, strict=False)
            assert all(torch.equal(ours[i], theirs) for ours, theirs in both)


def test_the_weights_are_those_of_the_best_epoch():
    stopped, best = network(0, 3.0), network(0, 3.0)
    history = learned(stopped, sets_of(0), seeded_generator(0, "batches"), RULE)
    assert history.best_at is not None
    training, validation = sets_of(0)
    train(
        *best,
        training,
        validation=validation,
        epochs=int(history.best_at),
        batch_size=5,
        generator=seeded_generator(0, "batches"),
    )
    for (ours, _), (theirs, _) in zip(stopped[0].param(), best[0].param(), strict=True):
        assert torch.equal(ours, theirs)


def test_a_monitor_that_is_not_recorded():
    with pytest.raises(ValueError, match="no score 'validation_loss'; recorded: train_loss"):
        train(
            *network(0, 1.0),
            sets_of(0)[0],
            epochs=1,
            batch_size=5,
            early_stopping=RULE,
            generator=seeded_generator(0, "batches"),
        )


# --- in a study

STUDY = """
name: stopping
data: {name: disk, train: 60, test: 20, normalize: train}
model: {hidden: [6]}
epochs: 24
evaluate_every: 2
validation: 0.25
early_stopping: {patience: 2}
seeds: 3
grid:
  optimizer: [{name: sgd, lr: 30.0}, {name: sgd, lr: 3.0}, {name: sgd, lr: 0.001}]
"""


def test_the_validation_set_is_taken_off_the_training_set():
    raw = {"name": "disk", "train": 60, "test": 20, "normalize": "none"}
    whole, test = build_data(raw, 3)
    train_part, held, same_test = build_parts(raw, 3, 0.25)
    assert held is not None
    assert (len(train_part.x), len(held.x)) == (45, 15)
    assert len(build_parts(raw, 3, 7)[0].x) == 53
    assert torch.equal(test.x, same_test.x)
    both = torch.cat([train_part.x, held.x])
    assert torch.equal(both.sort(dim=0).values, whole.x.sort(dim=0).values)
    rest = iter(whole.x.tolist())
    assert all(point in rest for point in train_part.x.tolist())  # in their order
    ready, held, _ = build_parts({**raw, "normalize": "train"}, 3, 0.25)
    torch.testing.assert_close(ready.x.mean(dim=0), torch.zeros(2), atol=1e-6, rtol=0)
    assert held is not None
    assert held.x.mean(dim=0).abs().max() > 1e-3  # it is not fitted to


def test_a_study_alone_and_in_company(tmp_path):
    runs = expand(parse_study(STUDY, "s"))
    together = contents(train_study(STUDY, tmp_path / "all"))
    with Store(tmp_path / "all") as store:
        records = store.records()
    assert len({record.stopped_at for record in records.values()}) > 2
    for run in runs[::2]:
        run_study(parse_study(STUDY, "s"), [run], tmp_path / run.id)
        assert contents(tmp_path / run.id)[run.id] == together[run.id]
        with Store(tmp_path / run.id) as store:
            own = store.records()[run.id]
            curve = store.curve(run.id)
        assert own.best_at == records[run.id].best_at
        assert own.stopped_at == records[run.id].stopped_at
        assert curve[-1]["epoch"] == (own.stopped_at or 24)
        best = next(row for row in curve if row["epoch"] == own.best_at)
        assert own.final == {name: value for name, value in best.items() if name != "epoch"}
        scores = [row["validation_loss"] for row in curve]
        at, stop = followed(scores, 2)
        assert (own.best_at, own.stopped_at) == (2 * at, 2 * stop or None)


def test_the_scores_are_those_of_the_weights_that_are_kept():
    (run, *_) = expand(parse_study(STUDY, "s"))
    (result,) = train_stack([run])
    built = build(run)
    from minidl import evaluate
    from minidl.study.stacks.weights import restore

    assert result.weights is not None
    model = restore(run.settings, result.weights)
    for part in ("train", "validation", "test"):
        points = getattr(built, part)
        for name, value in evaluate(model, built.loss, points, built.metrics).items():
            assert result.final[f"{part}_{name}"] == value.item()


def test_it_is_shown_exported_and_merged(tmp_path):
    words = ("--grid", write(tmp_path, STUDY), "--out", tmp_path / "r", "--jobs", 1)
    shown = minidl("run", *words, "--no-figures").stdout
    assert "test accuracy" in shown
    rows = rows_of(minidl("export", tmp_path / "r").stdout)
    assert {"best_at", "stopped_at", "validation_loss", "validation_accuracy"} <= rows[0].keys()
    found = json.loads(minidl("show", tmp_path / "r", rows[0]["id"], "--json").stdout)
    assert str(found["stopped_at"]) == rows[0]["stopped_at"]
    assert found["best_at"] < found["stopped_at"] == found["curve"][-1]["epoch"]
    (tmp_path / "other").mkdir()
    words = (*words[:2], "--out", tmp_path / "other", "--jobs", 1, "--no-figures")
    minidl("run", *words, "--only", "seed=0")
    minidl("import", tmp_path / "other", tmp_path / "r")
    assert contents(tmp_path / "other") == contents(tmp_path / "r")
    merged = rows_of(minidl("export", tmp_path / "other").stdout)
    assert [row["stopped_at"] for row in merged] == [row["stopped_at"] for row in rows]
    words = ("--factor", "optimizer.lr", "--measure", "validation_loss")
    assert minidl("predict", tmp_path / "r", rows[0]["id"]).stdout.count("\n") == 21


def test_the_default_monitor_and_parts_on_axes():
    text = STUDY.replace("validation: 0.25\n", "").replace("seeds: 3", "seeds: 1")
    (run, *_) = expand(parse_study(text, "s"))
    (result,) = train_stack([run])
    at, stop = followed([row["train_loss"] for row in result.curve], 2)
    assert (result.best_at, result.stopped_at) == (2 * at, 2 * stop or None)
    text = "name: s\ngrid: {early_stopping.patience: [3, 4], validation: [10, 0.1]}\n"
    runs = expand(parse_study(text, "s"))
    assert [run.settings["early_stopping"]["patience"] for run in runs] == [3, 3, 4, 4]
    plain = expand(parse_study("name: s\ngrid: {}\n", "s"))[0]
    assert not {"validation", "early_stopping"} & identity(plain.settings).keys()


class Hits(Metric):
    """The share of right answers, by a metric that nobody registered."""

    tasks = ("binary",)

    def __init__(self, better: str):
        self.better = better  # pyright: ignore[reportAttributeAccessIssue]  # a class has one

    def totals(self, output: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return (((output >= 0.5) == (target == 1)).double().sum(dim=(-2, -1)),)

    def score(self, n: int, *totals: torch.Tensor) -> torch.Tensor:
        return totals[0] / n


@pytest.mark.parametrize(("better", "best"), [("higher", max), ("lower", min)])
def test_a_metric_that_is_not_registered_says_itself_which_side_is_better(better: str, best: Any):
    training, validation = sets_of(0)
    history = train(
        *network(0, 3.0),
        training,
        validation=validation,
        metrics=[Hits(better)],
        early_stopping=EarlyStopping("validation_hits", patience=30),
        epochs=30,
        evaluate_every=1,
        batch_size=5,
        generator=seeded_generator(0, "batches"),
    )
    hits = [value.item() for value in history.validation_hits]
    assert len(set(hits)) > 1  # otherwise this proves nothing
    assert history.best_at == 1 + hits.index(best(hits))
