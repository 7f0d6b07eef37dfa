"""What ``minidl`` exports is what it promises: no more, no less, and every name is there."""

import ast
import types
from pathlib import Path

import pytest

import minidl
from minidl import everything

SOURCE = Path(everything.__file__).read_text("utf-8")


def imported() -> set[str]:
    """Return the public names that everything.py imports, but for modules."""
    nodes = [node for node in ast.parse(SOURCE).body if isinstance(node, ast.ImportFrom)]
    names = {alias.asname or alias.name for node in nodes for alias in node.names}
    modules = {n for n in names if isinstance(getattr(everything, n), types.ModuleType)}
    return {name for name in names - modules if not name.startswith("_")}


def test_what_is_exported_is_what_is_imported():
    assert set(minidl.__all__) == imported()
    assert len(minidl.__all__) == len(set(minidl.__all__))


def test_names_are_sorted_constants_classes_functions():
    def order(name: str) -> tuple[int, str]:
        return (0 if name.isupper() else 1 if name[0].isupper() else 2), name

    assert list(minidl.__all__) == sorted(minidl.__all__, key=order)


@pytest.mark.parametrize("name", minidl.__all__)
def test_every_name_is_there(name):
    assert getattr(minidl, name) is getattr(everything, name)


def test_a_star_import_brings_the_same():
    names: dict = {}
    exec("from minidl import *", names)
    assert names.keys() - {"__builtins__"} == set(minidl.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'minidl' has no attribute 'Tahn'"):
        _ = minidl.Tahn
