"""What a figure shows of a study at the edge, and what it says of what it leaves out."""

from math import nan

from helpers.constructed_store import make_store
from helpers.figure_store import FLAT, draw, legend_note, write

from minidl.report.figures.learning import learning_curves
from minidl.report.figures.points import test_points as every_point
from minidl.report.figures.single import of_run
from minidl.report.figures.style import own_settings
from minidl.report.figures.sweeps import sweeps
from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.result import RunResult


def test_learning_curves_say_that_means_are_over_those_that_went_on(tmp_path):
    text = FLAT.replace("seeds", "epochs: 30, early_stopping: {}, seeds")
    write(tmp_path, text, lambda run: dict.fromkeys([10, 20, 30][: 1 + run.seed], 90.0))
    (figure,) = draw(learning_curves, tmp_path)[0].values()
    assert legend_note(figure) == (
        "Where seeds have stopped early, mean and band are over those that went on."
    )


def test_learning_curves_say_that_values_are_left_out(tmp_path):
    write(
        tmp_path,
        FLAT,
        lambda run: {1: 1.0, 2: nan if run.seed == 2 else 0.5},
        lambda run: "diverged" if run.seed == 2 else "done",
    )
    (figure,) = draw(learning_curves, tmp_path)[0].values()
    assert legend_note(figure) == "Values that are no number, as of diverged runs, are left out."


def test_a_single_evaluation_is_a_dot_where_it_makes_no_line(tmp_path):
    (figure,) = draw(learning_curves, write(tmp_path, FLAT, lambda _: {1: 90.0}))[0].values()
    drawn = [line for axes in figure.axes for line in axes.get_lines()]
    assert drawn
    assert all(line.get_marker() not in ("", "None", None) for line in drawn)
    (run, *_) = expand(parse_study("{name: s, data: {name: iris}, grid: {}}", "s"))
    row = {"epoch": 1, "train_loss": 0.5, "train_accuracy": 50.0}
    with own_settings():
        figure = of_run(run, RunResult(run.id, "done", 0.1, [row]), "a network")
    assert all(line.get_marker() == "." for axes in figure.axes for line in axes.get_lines())


def test_a_loss_that_is_negative_is_not_cut_off_at_zero(tmp_path):
    low, high = ({"train_loss": loss, "test_loss": loss} for loss in (-3.0, -2.0))
    make_store(tmp_path, lambda *_: {**low, "train_accuracy": 90.0, "curve": [(1, high)]}, FLAT)
    (figure,) = draw(learning_curves, tmp_path)[0].values()
    bottom, top = figure.axes[0].get_ylim()
    assert bottom < -3 < -2 < top


RATES = "{name: rates, seeds: 40, grid: {optimizer.lr: [0.01, 0.1, 1]}}"


def test_a_sweep_names_the_place_on_its_axis_where_runs_are_missing(tmp_path):
    late = [0.1, 1]
    write(
        tmp_path,
        RATES.replace("40", "3"),
        lambda run: {1: 90.0 + run.seed},
        lambda run: None if run.cell["optimizer.lr"] in late and run.seed == 1 else "done",
    )
    (figure,) = draw(sweeps, tmp_path)[0].values()
    assert legend_note(figure) == "Missing: lr=0.1 (seed 1); lr=1 (seed 1)."


def test_a_sweep_of_equal_scores_but_one_shows_all_of_them(tmp_path):
    write(
        tmp_path,
        RATES,
        lambda run: {1: 50.0 if run.seed == 3 and run.cell["optimizer.lr"] == 1 else 100.0},
    )
    (figure,) = draw(sweeps, tmp_path)[0].values()
    bottom, top = figure.axes[0].get_ylim()
    assert bottom < 50 < 100 < top
    assert legend_note(figure) == ""


def test_names_of_classes_are_neither_mathematics_nor_components(tmp_path):
    names = [r"$\x$", "adam", "_other", "$1 to $2"]
    rows = [f"{i % 7},{i % 5},{names[i % 4]}" for i in range(40)]
    (tmp_path / "d.csv").write_text("\n".join(["a,b,y", *rows]) + "\n")
    data = f"{{name: csv, path: {tmp_path / 'd.csv'}, target: y, train: 20, test: 20}}"
    text = f"{{name: costs, seeds: 1, data: {data}, loss: cross_entropy, grid: {{}}}}"
    folder = write(
        tmp_path, text.replace("grid", "model: {output: identity}, grid"), lambda _: {1: 90.0}
    )
    (figure,) = draw(every_point, folder)[0].values()
    with own_settings():
        figure.savefig(tmp_path / "points.svg")
    shown = [entry.get_text() for entry in figure.legends[0].get_texts()]
    assert sorted(shown) == sorted(names)
    assert not any(entry.get_parse_math() for entry in figure.legends[0].get_texts())


def test_a_logarithmic_axis_of_many_values_has_plain_numbers(tmp_path):
    values = "0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1"
    rates = RATES.replace("0.01, 0.1, 1", values)
    write(tmp_path, rates, lambda run: {1: 90.0 + run.seed / 10})
    (figure,) = draw(sweeps, tmp_path)[0].values()
    with own_settings():
        figure.draw_without_rendering()
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert "0.001" in labels
    assert not any("$" in label for label in labels)
