"""Sheets of panels: one network in each, of the seed that is shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from minidl import DataSource, Sequential
from minidl.report.cell_results import CellResults
from minidl.report.figures.material import Material
from minidl.report.figures.points import source_at_hand
from minidl.report.figures.style import blank, legend, wrap
from minidl.report.networks.points import run_of
from minidl.report.networks.stored import network_of
from minidl.report.networks.surface import Surface
from minidl.report.words import decimal
from minidl.study.errors import InputError
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.build import build_model
from minidl.study.store.stored_runs import Record

PANEL = 1.7  # inches
PANELS = 20  # on one sheet
OTHERS = 20  # seeds of a cell whose boundaries are drawn beside that of the one that is shown


def drawable(
    material: Material, cells: Sequence[CellResults], fits: Callable[[DataSource], bool]
) -> list[CellResults]:
    """Return the cells whose data fits a picture; a note says whose network cannot be built."""
    shown = []
    for cell in cells:
        run = run_of(cell, material.seed)
        source = source_at_hand(material, run)
        if source is None or not fits(source):
            continue
        try:
            build_model(run.settings, run.seed)
        except InputError as error:  # of a part that is somebody's own, whose file nobody named
            material.notes.append(f"networks: not drawn, {error}")
        else:
            shown.append(cell)
    return shown


def draw_panels(
    material: Material,
    part: str,
    cells: Sequence[CellResults],
    prepare: Callable[[Axes, RunSpec], None],
    draw: Callable[[Axes, RunSpec, Sequential], None],
    handles: Sequence[Line2D],
    note: str = "",
    beside: Callable[[Axes, Surface], None] | None = None,
) -> Figure:
    """Draw a panel for each cell: what is there without a network, and then the network;
    ``beside`` draws what its other seeds answer.
    """
    columns = min(len(cells), 2 if len(cells) <= 8 else 4)
    rows = math.ceil(len(cells) / columns)
    side = PANEL if columns > 1 else 2 * PANEL
    figure = blank(rows * (side + 0.15) + 0.5, columns * side)
    panels = figure.subplots(rows, columns, squeeze=False)
    for axes, cell in zip(panels.T.flat, cells, strict=False):
        prepare(axes, run_of(cell, material.seed))
        if draw_cell(axes, material, cell, draw) and beside is not None:
            for surface in other_seeds(material, cell):
                beside(axes, surface)
        axes.label_outer()
    for axes in panels.T.flat[len(cells) :]:
        axes.set_axis_off()
    figure.suptitle(wrap(f"{material.title(part)} (seed {material.seed})", 54))
    legend(figure, handles, 3, note)
    return figure


def other_seeds(material: Material, cell: CellResults) -> Iterator[Surface]:
    """Yield what the networks of a cell's other seeds answer, of the first ``OTHERS``."""
    seeds = [seed for seed in sorted(cell.records) if seed != material.seed]
    for seed in seeds[:OTHERS]:
        run = run_of(cell, seed)
        if (weights := material.store.weights(run.id)) is not None:
            yield Surface(run.settings, network_of(run, weights))


def draw_cell(
    axes: Axes,
    material: Material,
    cell: CellResults,
    draw: Callable[[Axes, RunSpec, Sequential], None],
) -> bool:
    """Draw one network, if it is there; a panel without one says that the run is missing."""
    run = run_of(cell, material.seed)
    record, weights = cell.records.get(run.seed), material.store.weights(run.id)
    title = wrap(material.name(cell, without=[material.page]), 28)
    if record is None or weights is None:
        axes.set_title(f"{title}\nmissing".lstrip())
        material.notes.append(f"networks: {material.name(cell)}, seed {run.seed} is missing")
        return False
    mark = "diverged" if record.status == "diverged" else ""
    told = [title, scores_of(material, record), mark]
    axes.set_title("\n".join(filter(None, told)))
    draw(axes, run, network_of(run, weights))
    return True


def scores_of(material: Material, record: Record) -> str:
    """Return a network's score on either part: ``train 97.5, test 95.0 %``."""
    metric = material.metric
    found = {part: record.final.get(material.on(part)) for part in ("train", "test")}
    texts = [f"{part} {decimal(v, metric.digits)}" for part, v in found.items() if v is not None]
    if not texts:
        return ""
    what = "" if metric.unit else f"{metric.title}: "
    return f"{what}{', '.join(texts)} {metric.unit}".rstrip()
