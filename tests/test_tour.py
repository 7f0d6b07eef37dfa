"""The notebook runs from its first cell to its last, in a kernel like a reader's."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

TOUR = Path(__file__).parents[1] / "docs" / "tour.ipynb"


def outputs(notebook):
    """The kinds of all that the cells show."""
    return [
        [sorted(output.get("data", {"stream": None})) for output in cell.get("outputs", [])]
        for cell in notebook.cells
    ]


# the kernel's own remarks about sockets and event loops are no faults of the notebook
@pytest.mark.filterwarnings("default")
def test_it_shows_what_it_showed(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.read(TOUR, as_version=4)
    before = outputs(notebook)
    assert sum(map(len, before)) > 10
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": tmp_path}})
    client.execute()
    assert outputs(notebook) == before
