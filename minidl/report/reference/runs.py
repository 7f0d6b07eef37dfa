"""Published runs as a table: a row each, which are grouped into cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Hashable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from minidl.report.reference.cells import TEXTS
from minidl.report.reference.reported import SCORES, check_number
from minidl.study.errors import InputError
from minidl.study.files.complaints import shown
from minidl.study.files.printable import one_line
from minidl.study.files.yaml_file import KeyPath, parse_yaml
from minidl.study.grid.matching import as_component, frozen
from minidl.study.grid.strict import Strict


class PublishedRuns(Strict):
    """A CSV file, which stands beside the reference: its name and its content."""

    file: Annotated[str, AfterValidator(one_line)] = Field(description="a CSV file")
    table: str = Field(description="a row for each run: settings, and scores")

    @model_validator(mode="before")
    @classmethod
    def _is_read(cls, data: Any) -> Any:
        if isinstance(data, str):  # of a store: what it names is not opened
            raise ValueError(f"runs must hold the table of {shown(data)}, which is not opened")
        if not isinstance(data, dict):
            raise ValueError(f"runs must be the name of a CSV file, got {shown(data)}")
        return data


def cells_of(runs: PublishedRuns, source: str) -> list[tuple[dict[str, Any], dict[KeyPath, str]]]:
    """Return the cells of published runs, each with the places of itself and of its keys.

    A cell has its settings, and of each score the numbers of its runs. Its place is the first of
    its rows. Raises InputError, with file and line, for anything that is no table of numbers.
    """
    place = str(Path(source).parent / runs.file)
    (first, names), *rows = lines_of(runs.table, place) or [(f"{place}:1", [])]
    check_header(names, first)
    found: dict[Hashable, tuple[dict[str, Any], dict[KeyPath, str]]] = {}
    for at, texts in rows:
        if len(texts) != len(names):
            raise InputError(f"{at}: {len(texts)} values; expected {len(names)}")
        values = {name: value_of(name, text, at) for name, text in zip(names, texts, strict=True)}
        settings = {name: value for name, value in values.items() if name not in SCORES}
        key = frozen({name: as_component(name, value) for name, value in settings.items()})
        places = {(): at, **{(name,): first for name in names}}
        cell, _ = found.setdefault(key, (settings, places))
        for name in names:
            if name in SCORES:
                cell.setdefault(name, []).append(values[name])
    if not found:
        raise InputError(f"{place}: holds no runs")
    return [({k: alone(k, v) for k, v in cell.items()}, at) for cell, at in found.values()]


def alone(name: str, value: Any) -> Any:
    """Return the numbers of a cell's runs, of a single run its number."""
    return value[0] if name in SCORES and len(value) == 1 else value


def lines_of(table: str, place: str) -> list[tuple[str, list[str]]]:
    """Return the place and the texts of each row that is not empty; raises InputError for what is
    no CSV.
    """
    reader = csv.reader(io.StringIO(table), strict=True, skipinitialspace=True)

    def lines() -> Iterator[tuple[str, list[str]]]:
        for row in reader:
            if any(texts := [text.strip() for text in row]):
                yield f"{place}:{reader.line_num}", texts

    try:
        return list(lines())
    except csv.Error as error:
        raise InputError(f"{place}:{reader.line_num}: not CSV: {error}") from None


def check_header(names: list[str], place: str) -> None:
    """Raise InputError for columns without a name of their own, and where none is a score."""
    for position, name in enumerate(names, start=1):
        if not name:
            raise InputError(f"{place}: column {position} has no name")
        if names.index(name) < position - 1:
            raise InputError(f"{place}: column {shown(name)} appears twice")
        if name in TEXTS:
            raise InputError(f"{place}: column {shown(name)} is neither a setting nor a score")
    if not set(names) & set(SCORES):
        raise InputError(f"{place}: needs columns of numbers: {' or '.join(SCORES)}")


def value_of(name: str, text: str, place: str) -> Any:
    """Return a value of a row: a number of a score, and a setting as YAML has it."""
    if not text:
        raise InputError(f"{place}: {name} has no value")
    try:
        if name not in SCORES:
            return setting(name, text)
        value = number(name, text)
        check_number(name, value)
    except ValueError as error:  # an InputError is one
        raise InputError(f"{place}: {error}") from None
    return value


def number(name: str, text: str) -> float:
    """Return the number of a score; raises ValueError for what is none."""
    try:
        return float("no number" if "_" in text else text)
    except ValueError:
        raise ValueError(f"{name} must be a number, got {shown(text)}") from None


@lru_cache(1000)  # a column has few values
def setting(name: str, text: str) -> Any:
    """Return the value of a setting."""
    return parse_yaml(text, name, lines=False)[0]
