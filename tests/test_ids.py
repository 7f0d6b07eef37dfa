"""A run's id never changes: those of the committed studies are in people's stores too."""

import csv
from pathlib import Path

import pytest

from minidl.study.grid.expand import expand
from minidl.study.grid.load import load_study

COMMITTED = sorted((Path(__file__).parents[1] / "results" / "reference").glob("*/runs.csv"))


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.parent.name)
def test_the_ids_of_the_committed_studies_stay(path: Path):
    with path.open(newline="") as file:
        written = [(row["id"], int(row["seed"])) for row in csv.DictReader(file)]
    runs = expand(load_study(str(path.with_name("study.yaml"))))
    assert [(run.id, run.seed) for run in runs] == written
