"""What a figure shows of a study at the edge, and what it says of what it leaves out."""

from math import nan

from helpers.figure_store import FLAT, draw, legend_note, write

from minidl.report.figures.learning import learning_curves


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
