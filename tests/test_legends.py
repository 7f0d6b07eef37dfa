"""Nothing in a figure is cut, and no legend covers what it explains."""

import pytest
from helpers.figure_store import STUDY, train, write
from matplotlib.backends.backend_agg import FigureCanvasAgg

from minidl.registry import KINDS
from minidl.report.figures import PICTURES
from minidl.report.figures.material import read_material
from minidl.report.figures.style import own_settings
from minidl.study.store.store import Store

LARGEST = 3_000  # pixels along a side, at the 300 per inch of a file
ALL = f"""
name: many
seeds: 2
grid:
  loss: [mse, bce]
  optimizer: [{", ".join(sorted(set(KINDS["optimizer"]) - {"adam_by_ten"}))}]
"""
UNEVEN = """
name: uneven
seeds: 2
grid: {activation: [tanh, relu], optimizer: [sgd, adam]}
exclude: [{activation: relu, optimizer: adam}]
"""
RATES = """
name: rates
seeds: 2
grid:
  optimizer: [sgd, adam]
  optimizer.lr: {logspace: [0.0001, 1, 5]}
"""
LONG = """
name: a_study_with_a_name_that_is_as_long_as_a_name_of_a_study_may_be_and_then_some_more_of_it_still
reference: paper
seeds: 4
grid:
  optimizer:
    - {name: sgd, lr: 0.0123456, momentum: 0.87654321, weight_decay: 0.00012345}
    - {name: adam, lr: 0.0123456, beta1: 0.87654321, beta2: 0.987654321}
  model.hidden: [[25, 25, 25], [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110]]
"""


def inside(box, outer, room=1.0):
    """Whether a box lies in another one, but for a pixel."""
    return (
        box.x0 >= outer.x0 - room
        and box.y0 >= outer.y0 - room
        and box.x1 <= outer.x1 + room
        and box.y1 <= outer.y1 + room
    )


def overlap(one, two):
    """Return by how many pixels two boxes overlap, in the direction in which they do so less."""
    across = min(one.x1, two.x1) - max(one.x0, two.x0)
    return max(min(across, min(one.y1, two.y1) - max(one.y0, two.y0)), 0)


def sheets(folder):
    """Yield every sheet of every picture of a study, drawn, with its name."""
    with Store(folder) as store, own_settings():
        material = read_material(store, folder, None)
        for name, picture in PICTURES.items():
            for part, draw in picture(material):
                figure = draw()
                FigureCanvasAgg(figure).draw()
                yield f"{name} {part}", figure


STUDIES = {"all optimizers": ALL, "uneven": UNEVEN, "rates": RATES, "long names": LONG}


@pytest.mark.parametrize("study", ["trained", *STUDIES])
def test_legends_lie_inside_and_cover_nothing_and_no_text_is_cut(tmp_path, study):
    if study == "trained":
        folder = train(tmp_path, STUDY)
    else:
        curve = {1: 60.0, 50: 90.0, 100: 97.0}
        own = STUDIES[study]
        folder = write(tmp_path, own, lambda run: {e: v - run.seed for e, v in curve.items()})
    legends = 0
    for name, figure in sheets(folder):
        assert max(figure.get_size_inches()) * 300 <= LARGEST, name
        for legend in [*figure.legends, *(a.get_legend() for a in figure.axes if a.get_legend())]:
            legends += 1
            box = legend.get_window_extent()
            assert inside(box, figure.bbox), name
            assert all(overlap(box, axes.get_tightbbox()) < 1 for axes in figure.axes), name
        for axes in figure.axes:
            assert not axes.axison or inside(axes.get_tightbbox(), figure.bbox), name
        if figure._suptitle is not None:
            assert inside(figure._suptitle.get_window_extent(), figure.bbox), name
    assert legends
