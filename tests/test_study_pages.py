"""Every number in the tables of the paper's pages comes out of the committed runs."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import fmean

import pytest
from scipy import stats

from minidl.report.reference.reference import load_reference
from minidl.study.files.yaml_file import parse_yaml
from minidl.study.grid.load import load_study

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "results" / "reference"
Rows = list[dict[str, str]]
# Each page, and the studies that its tables tell of.
PAGES = {
    "README.md": ["paper_100_seeds", "learning_rate"],
    "docs/paper.md": ["paper", "paper_40_seeds", "paper_100_seeds", "paper_replication"],
    "docs/as_printed.md": ["as_printed"],
    "docs/learning_rate.md": ["learning_rate"],
    "docs/test_gap.md": ["test_gap", "output_gap", "points_gap", "paper_100_seeds"],
}


def read_runs(study: str) -> Rows:
    with (RESULTS / study / "runs.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def by_seed(runs: Iterable[dict[str, str]], number: Callable[[dict[str, str]], float]) -> list:
    """The mean of a number over each seed's runs, in the order of the seeds."""
    seeds: dict[int, list[float]] = {}
    for run in runs:
        seeds.setdefault(int(run["seed"]), []).append(number(run))
    return [fmean(seeds[seed]) for seed in sorted(seeds)]


def accuracy(run: dict[str, str]) -> float:
    return float(run["test_accuracy"])


def differences_as_printed() -> set[str]:
    """Corrected − printed, with its 95 % interval, of every cell with one error."""
    cells: dict[tuple[str, ...], Rows] = {}
    for run in read_runs("as_printed"):
        key = run["activation"], run["loss"], run["optimizer"]
        cells.setdefault(key, []).append(run)
    told: set[str] = set()
    for key, runs in cells.items():
        right = tuple(re.sub(r"(_power|_correction)?_as_printed", "", name) for name in key)
        if right != key and right in cells:
            pairs = zip(by_seed(cells[right], accuracy), by_seed(runs, accuracy), strict=True)
            found = stats.ttest_1samp([a - b for a, b in pairs], 0)
            low, high = found.confidence_interval()
            mean = (low + high) / 2
            told |= {f"{abs(number):.2f}" for number in (mean, low, high)}
    return told


def means_by_rate() -> set[str]:
    """The mean test accuracy of each optimizer, loss and rate, over activations and seeds."""
    cells: dict[tuple[str, ...], list[float]] = {}
    for run in read_runs("learning_rate"):
        key = run["optimizer"], run["loss"], run["optimizer.lr"]
        cells.setdefault(key, []).append(accuracy(run))
    return {f"{fmean(values):.1f}" for values in cells.values()} | {
        run["optimizer.lr"] for run in read_runs("learning_rate")
    }


def gaps() -> set[str]:
    """The least and the largest gap of a seed, in every cell of hypotheses and over all cells."""
    told: set[str] = set()
    for study, axes in (
        ("test_gap", ("data.normalize", "init", "model.threshold")),
        ("output_gap", ("model.output",)),
        ("points_gap", ("data.train",)),
        ("paper_100_seeds", ()),
    ):
        groups: dict[tuple[str, ...], Rows] = {}
        for run in read_runs(study):
            groups.setdefault(tuple(run[axis] for axis in axes), []).append(run)
        for runs in groups.values():
            for share in (1, 0.96):  # all test points, or whole batches of 64
                own = by_seed(runs, lambda r, s=share: float(r["train_accuracy"]) - s * accuracy(r))
                told |= {f"{abs(number):.1f}" for number in (min(own), fmean(own), max(own))}
    return told


COMPUTED: dict[str, Callable[[], set[str]]] = {
    "docs/as_printed.md": differences_as_printed,
    "docs/learning_rate.md": means_by_rate,
    "docs/test_gap.md": gaps,
}


@pytest.mark.parametrize("page", PAGES)
def test_numbers_in_tables_come_from_committed_runs(page):
    text = (ROOT / page).read_text()
    told = {
        number
        for row in text.splitlines()
        if row.startswith("|")
        for number in re.findall(r"\d+\.\d+", row)
    }
    pages = [path for name in PAGES[page] for path in (RESULTS / name).glob("*.md")]
    written = " ".join(path.read_text() for path in pages)
    known = set(re.findall(r"\d+\.\d+", written)) | COMPUTED.get(page, set)()
    assert len(told) > 5
    assert told - known == set()


@pytest.mark.parametrize("path", sorted(RESULTS.glob("*/verdicts.md")), ids=lambda p: p.parent.name)
def test_a_committed_page_names_what_it_is_held_against(path):
    study = parse_yaml(path.with_name("study.yaml").read_text(), "study.yaml")[0]
    title = load_reference(study["reference"]).title
    assert f"Held against: {title}." in path.read_text()


def test_what_pairing_gains_is_told_as_the_committed_page_has_it():
    page = (RESULTS / "paper_100_seeds" / "verdicts.md").read_text()
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| 1 | adam − none")]
    (late, last) = [(row[-1].rstrip(" |"), row[-2]) for row in rows]
    told = " ".join((ROOT / "docs" / "statistics.md").read_text().split())
    assert f"None have r = {last[0]} and differences that scatter by {last[1]} points." in told
    assert f"last five have r = {late[0]} and scatter by {late[1]} points" in told


def test_the_readme_proposes_as_many_seeds_as_are_planned():
    study = load_study("paper")
    assert f"minidl run paper --seeds {study.planned_seeds} " in (ROOT / "README.md").read_text()
    assert "Looks: 10 of 40 planned." in (RESULTS / "paper" / "verdicts.md").read_text()
    assert "Looks: 10, 40 of 40 planned." in (RESULTS / "paper_40_seeds/verdicts.md").read_text()


def test_no_run_of_the_learning_rates_is_one_of_the_hundred_seed_study():
    hundred, rates = read_runs("paper_100_seeds"), read_runs("learning_rate")
    assert not {run["id"] for run in hundred} & {run["id"] for run in rates}
