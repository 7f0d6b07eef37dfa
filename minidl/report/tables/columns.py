"""Which measures a table shows, and their values in each cell."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from minidl.report.measures import MEASURES, Options, check_measure, measure_runs
from minidl.report.measures.scores import SCORES
from minidl.report.reference.matching import published_for
from minidl.report.results import Results


class Column(NamedTuple):
    """One measure in a table: its name, the stem of its keys, its heading and its decimals.

    ``values`` has a dict from seed to value for each cell of the study; ``note`` is what must be
    known of them. Robust ones are summed up by their median, and have no deviation.
    """

    name: str
    key: str
    title: str
    digits: int
    values: list[dict[int, float]]
    note: str = ""
    robust: bool = False


def columns(
    results: Results, names: Sequence[str] = (), options: Options | None = None
) -> list[Column]:
    """Return some measures of a study's cells, or those that it needs unless told.

    Raises InputError for a name that is no measure.
    """
    return [column(results, check_measure(name), options) for name in names or needed(results)]


def column(results: Results, name: str, options: Options | None) -> Column:
    """Return a measure of a study's cells.

    The keys of an accuracy are short: ``train_mean`` and ``test_sd`` are percent.
    """
    measure, measured = MEASURES[name], measure_runs(name, results.cells, results.folder, options)
    is_score = name in SCORES or name in results.scores
    part, _, _ = name.partition("_")
    return Column(
        name,
        name.removesuffix("_accuracy") if is_score else name,
        f"{part} {measure.title.partition(' ')[2]}" if is_score else measure.title,
        measure.places,
        measured.values,
        measured.note,
        measure.robust,
    )


def needed(results: Results) -> list[str]:
    """Return a study's metrics, training before test, and its losses where they can be compared:
    all cells have the same one, and no published numbers stand beside; or where losses are
    published themselves.
    """
    if not results.scores:
        return ["train_accuracy", "test_accuracy"]  # nothing has been run yet
    scores = [name for name in results.scores if not name.endswith("_loss")]
    losses = {json.dumps(cell.runs[0].settings["loss"], sort_keys=True) for cell in results.cells}
    paper = published_for(results.study)
    published = {name for own in paper.numbers.values() for name in own} if paper else set()
    comparable = not scores or (len(losses) == 1 and results.study.reference is None)
    rest = [name for name in results.scores if name not in scores]
    return [*scores, *(name for name in rest if comparable or name in published)]
