"""The text of a reference file, with the table of published runs that it names."""

from __future__ import annotations

from pathlib import Path

from minidl.study.files.reading import read_text
from minidl.study.files.shipped import find_file, shipped_configs
from minidl.study.files.yaml_file import replace_text


def read_reference(source: str) -> tuple[Path, str]:
    """Return the path of a reference, a file or the name of a shipped one, and its text.

    In place of the name of a CSV file under ``runs``, beside the reference, stand its name and its
    content, so that a store which keeps the text needs no other file. Raises InputError for what
    cannot be read.
    """
    path = find_file(source, shipped_configs() / "reference", "reference")

    def table(name: str) -> dict[str, str]:
        return {"file": name, "table": read_text(path.parent / name)}

    return path, replace_text(read_text(path), str(path), "runs", table)
