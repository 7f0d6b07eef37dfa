"""What must be known before the verdicts: what was chosen, and what is not as it should be."""

from __future__ import annotations

from collections.abc import Sequence

from minidl.report.statistics.cell_summary import CellSummary
from minidl.report.verdicts.tuning import Chosen
from minidl.report.words import name_cell

LISTED = 20  # missing runs that are named before the rest is only counted


def tuning_text(chosen: Chosen) -> str:
    """Return which values were chosen, on which seeds, and whether a better one may lie beyond."""
    best = ", ".join(f"{value} for {level}" for level, value in chosen.best.items())
    one = len(chosen.seeds) == 1
    told = (
        "seed, which is not judged" if one else f"{len(chosen.seeds)} seeds, which are not judged"
    )
    text = (
        f"Judged at the {chosen.tuning.axis} with the best {chosen.tuning.measure} on the first "
        f"{told}: {best}."
    )
    if not chosen.at_edge:
        return text
    return (
        f"{text} **Warning.** The best value for {', '.join(chosen.at_edge)} is the smallest or "
        "the largest that was tried: a better one may lie beyond."
    )


def counting_text(batch: int | None) -> list[str]:
    """Return how right answers are counted here, where not over all points."""
    if batch is None:
        return []
    return [
        "Held against a hypothesis about how test accuracies were counted: right answers in whole "
        f"batches of {batch:,} points, divided by all points. Ours lose the share of their right "
        "answers that the points of the last, incomplete batch have on average."
    ]


def missing_text(missing: list[str]) -> str:
    """Return which runs are missing, a long list shortened."""
    more = f"; and {len(missing) - LISTED:,} more" if len(missing) > LISTED else ""
    count = "One run is" if len(missing) == 1 else f"{len(missing):,} runs are"
    return f"{count} missing: {'; '.join(missing[:LISTED])}{more}."


def collapsed_text(summaries: Sequence[CellSummary]) -> list[str]:
    """Return a warning about the cells of which many runs learned nothing."""
    suspect = [cell for cell in summaries if cell.suspect]
    if not suspect:
        return []
    counts = "; ".join(
        f"{name_cell(cell.labels)}: {cell.collapsed} of {cell.runs}" for cell in suspect
    )
    return [
        f"**Warning.** In {len(suspect)} of {len(summaries)} cells a tenth or more of the runs "
        "collapsed: on their training set they are no better than the best constant answer. "
        f"Intervals of such cells cover less than they promise. {counts}."
    ]
