"""Every measure against numbers worked out from the curves that a store was given."""

import json
from math import isnan, nan
from statistics import fmean, median

import numpy as np
import pytest
from helpers.figure_store import write
from helpers.in_process import minidl, refused
from scipy import stats

from minidl.report.measures import MEASURES, Options, measure_runs
from minidl.report.results import read_results
from minidl.report.statistics.paired import effect
from minidl.report.tables.scores import tables
from minidl.report.verdicts.judgement import compare
from minidl.study.errors import InputError
from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.result import RunResult
from minidl.study.store.store import Store

STUDY = "{name: m, seeds: 7, epochs: 8, evaluate_every: 1, grid: {optimizer: [sgd, adam]}}"


def curve(run):
    """Eight evaluations; Adam's scatter less."""
    rng = np.random.default_rng([run.seed, len(run.labels["optimizer"])])
    scale = 1.0 if run.labels["optimizer"] == "adam" else 4.0
    return {e: min(100.0, 90 + e + scale * float(v)) for e, v in enumerate(rng.normal(size=8), 1)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("measures"), STUDY, curve)


def measured(folder, name, **options):
    results = read_results(folder)
    found = measure_runs(name, results.cells, folder, Options(**options))
    curves = [[list(curve(run).values()) for run in cell.runs] for cell in results.cells]
    return found, curves


def values(found):
    return [list(cell.values()) for cell in found.values]


@pytest.mark.parametrize("name", ["test_accuracy", "train_loss"])
def test_late_best_and_last_are_of_the_curve(folder, name):
    found, curves = measured(folder, name)
    assert values(found) == [[c[-1] for c in cell] for cell in curves]
    for last in (1, 3, 5, 20):
        late, _ = measured(folder, f"late_{name}", last=last)
        assert values(late) == [[fmean(c[-last:]) for c in cell] for cell in curves]
        assert f"last {last} evaluations" in late.note
    best, _ = measured(folder, f"best_{name}")
    choose = min if name.endswith("loss") else max
    assert values(best) == [[choose(c) for c in cell] for cell in curves]
    assert "optimistic" in MEASURES[f"best_{name}"].title


def test_spread_is_the_distance_from_the_median_which_levene_compares(folder):
    found, curves = measured(folder, "spread_test_accuracy")
    last = [[c[-1] for c in cell] for cell in curves]
    assert values(found) == [[abs(x - median(cell)) for x in cell] for cell in last]
    # Brown and Forsythe's test is the analysis of variance of these distances.
    assert stats.f_oneway(*values(found)).pvalue == pytest.approx(
        stats.levene(*last, center="median").pvalue
    )
    (table,) = tables(read_results(folder), ["spread_test_accuracy"])
    for row, cell in zip(table.numbers, last, strict=True):
        assert row["spread_test_accuracy_mean"] == stats.median_abs_deviation(cell)
        assert row["spread_test_accuracy_sd"] is None


def test_one_diverged_run_does_not_decide_about_spread(tmp_path):
    def wild(run):
        gone = run.labels["optimizer"] == "sgd" and run.seed == 3
        return {8: 20.0} if gone else {8: 90.0 + run.seed % 3}

    folder = write(tmp_path, STUDY.replace("seeds: 7", "seeds: 12"), wild)
    (answer,) = compare(folder, "optimizer", ["sgd", "adam"], "spread_test_accuracy")
    assert answer.verdict == "undecided"
    assert answer.difference > 5
    rows = tables(read_results(folder), ["spread_test_accuracy"])[0].numbers
    assert {row["spread_test_accuracy_mean"] for row in rows} == {1.0}


def test_a_value_that_is_no_number_is_none_of_a_late_mean_and_left_out_of_the_best(tmp_path):
    text = STUDY.replace("[sgd, adam]", "[sgd]")
    folder = write(tmp_path, text, lambda _: {1: 50.0, 2: 60.0, 3: nan})
    late, _ = measured(folder, "late_test_loss")
    assert all(map(isnan, values(late)[0]))
    assert set(values(measured(folder, "best_test_loss")[0])[0]) == {50.0}
    assert tables(read_results(folder), ["late_test_loss"])[0].rows[0][-1] == "–"


REGRESSION = """
name: fit
seeds: 3
epochs: 6
evaluate_every: 2
grid: {optimizer: [sgd, adam]}
"""


@pytest.fixture(scope="module")
def fits(tmp_path_factory):
    """A regression without a data set: R² rises, the loss falls, by seed."""
    folder = tmp_path_factory.mktemp("fits")
    study = parse_study(REGRESSION, "fit")
    runs = expand(study)
    with Store(folder, create=True) as store:
        store.set_study(study)
        store.add(runs, [fit(run) for run in runs], {})
    return folder


def fit(run):
    ahead = 0.02 if run.labels["optimizer"] == "adam" else 0.0
    r2 = [0.8, 0.95 - 0.01 * run.seed + ahead, 0.96 + ahead]
    rows = [
        {
            "epoch": 2 * i,
            "train_loss": 1 - r,
            "train_r2": r,
            "train_rmse": 1.0,
            "test_loss": 1 - r,
            "test_r2": r - 0.1,
            "test_rmse": 1.5,
        }
        for i, r in enumerate(r2, 1)
    ]
    return RunResult(run.id, "done", 2.0, rows, processor_seconds=1.0 + run.seed)


def test_a_regression_has_targets_of_its_own_on_either_part_and_of_losses(fits):
    def times(name, **options):
        return values(measure_runs(name, read_results(fits).cells, fits, Options(**options)))

    assert times("epochs_to_target", hold=1) == [[4, 6, 6], [4, 4, 4]]
    assert times("epochs_to_test_target", hold=1, target=0.86) == [[6, 6, 6], [4, 4, 6]]
    assert times("epochs_to_target", hold=1, monitor="test_loss", target=0.061) == [
        [4, 4, 6],
        [4, 4, 4],
    ]
    cells = read_results(fits).cells
    found = measure_runs("epochs_to_target", cells, fits, Options(monitor="test_loss", target=0.1))
    assert (found.horizon, found.target) == (6, "a test loss of at most 0.1")
    assert measure_runs("updates_to_target", cells, fits).horizon == 6 * 200
    with pytest.raises(InputError, match="train_rmse has no target of its own"):
        measure_runs("epochs_to_target", cells, fits, Options(monitor="train_rmse"))


def test_seconds_are_those_of_both_clocks(fits):
    cells = read_results(fits).cells
    assert values(measure_runs("seconds", cells, fits)) == [[2.0] * 3] * 2
    assert values(measure_runs("processor_seconds", cells, fits)) == [[1.0, 2.0, 3.0]] * 2


def test_a_regression_is_compared_in_r2_with_its_own_margin(fits):
    (answer,) = compare(fits, "optimizer", ["adam", "sgd"])
    assert (answer.measure.name, answer.margin, answer.difference) == ("test_r2", 0.01, 0.02)


def test_tables_show_what_a_regression_needs(fits):
    (table,) = tables(read_results(fits))
    assert table.header == [
        *("optimizer", "runs", "train R²", "train RMSE", "test R²", "test RMSE"),
        *("train loss", "test loss"),
    ]
    assert table.rows[0][2:] == [
        *("0.960 ± 0.000", "1.0000 ± 0.0000", "0.860 ± 0.000", "1.5000 ± 0.0000"),
        *("0.0400 ± 0.0000", "0.0400 ± 0.0000"),
    ]


def test_losses_of_several_kinds_stand_in_no_table_unless_asked_for(tmp_path):
    folder = write(tmp_path, STUDY.replace("optimizer: [", "loss: [mse, bce], optimizer: ["), curve)
    assert "train loss" not in tables(read_results(folder))[0].header
    assert "test loss" in tables(read_results(folder), ["test_loss"])[0].header


def test_a_study_without_a_test_set_says_so(tmp_path):
    study = parse_study(STUDY, "m")
    rows = [{"epoch": 8, "train_loss": 0.1, "train_accuracy": 91.0}]
    with Store(tmp_path, create=True) as store:
        store.set_study(study)
        store.add(expand(study), [RunResult(r.id, "done", 0.1, rows) for r in expand(study)], {})
    (table,) = tables(read_results(tmp_path))
    assert table.header == ["optimizer", "runs", "train accuracy", "train loss"]
    assert any(note.startswith("No test set") for note in table.notes)
    (answer,) = compare(tmp_path, "optimizer", ["adam", "sgd"])
    assert answer.measure.name == "train_accuracy"


def test_a_time_until_a_score_that_no_run_has_is_refused(fits):
    cells = read_results(fits).cells
    for name, score in [("validation_r2", "validation_r2"), ("test_accuracy", "test_accuracy")]:
        with pytest.raises(InputError, match=f"no run has the score {score}; known: train_loss, "):
            measure_runs("epochs_to_target", cells, fits, Options(monitor=name, target=0.9))
    with pytest.raises(InputError, match="no run has the score validation_r2; known: "):
        compare(
            fits,
            "optimizer",
            ["adam", "sgd"],
            "epochs_to_target",
            options=Options(monitor="validation_r2"),
        )
    words = ("--measures", "epochs_to_target", "--monitor", "validation_r2")
    told = minidl("tables", str(fits), *words, code=2).stderr
    assert told.startswith("minidl: no run has the score validation_r2; known: ")


def test_a_time_is_no_number_for_runs_without_the_score(tmp_path):
    """Where some cells have a test set and others have none, these have not failed to get there."""
    study = parse_study(STUDY.replace("optimizer: [sgd, adam]", "data.test: [0, 100]"), "m")
    with Store(tmp_path, create=True) as store:
        store.set_study(study)
        store.add(expand(study), [tried(run) for run in expand(study)], {})
    found = measure_runs("epochs_to_test_target", read_results(tmp_path).cells, tmp_path)
    assert values(found) == [[pytest.approx(nan, nan_ok=True)] * 7, [6] * 7]


def tried(run):
    """Return a run that is good from epoch 6 on, on new points too where it has any."""
    rows = []
    for epoch in range(1, 9):
        scores = {"loss": 0.1, "accuracy": 96.0 if epoch > 5 else 80.0}
        parts = ["train", "test"] if run.settings["data"]["test"] else ["train"]
        own = {f"{part}_{name}": v for part in parts for name, v in scores.items()}
        rows.append({"epoch": epoch, **own})
    return RunResult(run.id, "done", 0.1, rows)


def test_the_command_shows_any_measures_and_leaves_the_files_as_they_are(folder):
    before = minidl("tables", str(folder), "--format", "md").stdout
    assert (folder / "tables.md").read_text() == before
    wanted = ["late_test_accuracy", "best_test_accuracy", "epochs_to_test_target"]
    words = ("tables", str(folder), "--measures", ",".join(wanted), "--last", "2", "--hold", "1")
    shown = json.loads(minidl(*words, "--format", "json").stdout)["tables"][0]
    keys = {f"{name}_{what}" for name in wanted for what in ("mean", "sd")}
    assert keys <= set(shown["rows"][0])
    late, _ = measured(folder, "late_test_accuracy", last=2)
    assert [r["late_test_accuracy_mean"] for r in shown["rows"]] == list(map(fmean, values(late)))
    text = minidl(*words).stdout
    assert "best test accuracy over the epochs (optimistic)" in " ".join(text.split())
    assert "the mean of each run's last 2 evaluations" in text
    assert "a test accuracy of 95 % is held for 1 evaluations" in text
    assert (folder / "tables.md").read_text() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("tables", "--measures", "test_accuracy,lat"), "measure 'lat' is unknown; "),
        (("tables", "--measures", ""), "--measures: must not be empty"),
        (("tables", "--monitor", "loss"), "--monitor: score 'loss' is unknown; "),
    ],
)
def test_what_is_no_measure_is_refused(folder, monkeypatch, words, message):
    monkeypatch.chdir(folder)
    command, *rest = words
    assert refused(command, str(folder), *rest).startswith(message)


def test_the_answer_says_what_a_late_score_is(folder):
    words = ("--factor", "optimizer", "--levels", "adam,sgd", "--measure", "late_test_accuracy")
    text = minidl("compare", str(folder), *words, "--last", "3").stdout
    assert "Late test accuracy: the mean of each run's last 3 evaluations." in text
    results = read_results(folder)
    found = effect(results, "optimizer", ["adam", "sgd"], "late_test_accuracy", Options(last=3))
    late, _ = measured(folder, "late_test_accuracy", last=3)
    sgd, adam = (np.array(cell) for cell in values(late))
    np.testing.assert_allclose(found.differences, adam - sgd, atol=1e-9)
