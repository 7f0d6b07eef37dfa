"""The JSON Schema that editors check grid files with, and the grid files that ship."""

import json
import re
import subprocess
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from helpers.driving import MINIDL
from helpers.in_process import minidl

from minidl.registry import KINDS
from minidl.study.files.yaml_file import read_yaml
from minidl.study.grid.catalogue import catalogue
from minidl.study.grid.schema import study_schema

CONFIGS = Path(__file__).parents[1] / "configs"
SHIPPED = sorted(CONFIGS.glob("*.yaml"))
SCHEMA = study_schema()
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
SAYS_NOTHING = {"title", "description", "default", "$defs", "enumDescriptions"}


def accepts(schema: dict[str, Any], value: Any) -> bool:
    """Whether a value fits a schema; an unknown keyword is a KeyError, never a yes."""
    return all(
        KEYWORDS[word](schema, value, wanted)
        for word, wanted in schema.items()
        if word not in SAYS_NOTHING
    )


def of_type(_: dict[str, Any], value: Any, name: str) -> bool:
    return isinstance(value, TYPES[name]) and (not isinstance(value, bool) or name == "boolean")


def properties(_: dict[str, Any], value: Any, schemas: dict[str, Any]) -> bool:
    return all(accepts(schemas[key], item) for key, item in value.items() if key in schemas)


def others(schema: dict[str, Any], value: Any, allowed: bool | dict[str, Any]) -> bool:
    known, forms = schema.get("properties", {}), schema.get("patternProperties", {})
    rest = [
        item
        for key, item in value.items()
        if key not in known and not any(re.search(form, key) for form in forms)
    ]
    if isinstance(allowed, dict):
        return all(accepts(allowed, item) for item in rest)
    return allowed or not rest


def like_patterns(_: dict[str, Any], value: Any, forms: dict[str, Any]) -> bool:
    """In JSON Schema a pattern also holds keys that are properties; here it allows anything."""
    return all(
        accepts(form, item)
        for pattern, form in forms.items()
        for key, item in value.items()
        if re.search(pattern, key)
    )


KEYWORDS = {
    "patternProperties": like_patterns,
    "type": of_type,
    "properties": properties,
    "additionalProperties": others,
    "required": lambda _, value, names: set(names) <= set(value),
    "items": lambda _, value, schema: all(accepts(schema, item) for item in value),
    "anyOf": lambda _, value, schemas: any(accepts(schema, value) for schema in schemas),
    "enum": lambda _, value, options: value in options,
    "const": lambda _, value, constant: value == constant,
    "minimum": lambda _, value, least: value >= least,
    "maximum": lambda _, value, most: value <= most,
    "exclusiveMinimum": lambda _, value, bound: value > bound,
    "exclusiveMaximum": lambda _, value, bound: value < bound,
    "minItems": lambda _, value, least: len(value) >= least,
    "maxItems": lambda _, value, most: len(value) <= most,
    "minProperties": lambda _, value, least: len(value) >= least,
    "$ref": lambda _, value, path: accepts(reduce(getitem, path.split("/")[1:], STUDY), value),
}


def in_order(schema: Any) -> Any:
    """Put ``type`` first everywhere, so that no keyword meets a value that it cannot speak of."""
    if isinstance(schema, dict):
        words = sorted(schema, key=lambda word: word != "type")
        return {word: in_order(schema[word]) for word in words}
    return [in_order(item) for item in schema] if isinstance(schema, list) else schema


STUDY = in_order(SCHEMA)


def without_new(live: Any, kept: Any) -> Any:
    """Drop from a schema the components that the file does not know: somebody is adding one."""
    if isinstance(live, dict) and isinstance(kept, dict):
        known = {k: v for k, v in live.items() if k in kept or "." not in k}  # arguments are new
        return {key: without_new(item, kept.get(key)) for key, item in known.items()}
    if isinstance(live, list) and isinstance(kept, list) and len(live) > len(kept):
        known = [name_of(item) for item in kept]
        live = [item for item in live if name_of(item) in known]
    if isinstance(live, list) and isinstance(kept, list):
        return [without_new(one, other) for one, other in zip(live, kept, strict=True)]
    return live


def name_of(item: Any) -> Any:
    """Return the name of a component, or of one of its mappings."""
    mapping = item.get("properties", {}) if isinstance(item, dict) else {}
    return mapping.get("name", {}).get("const") if isinstance(item, dict) else item


def test_the_file_is_what_the_command_prints():
    file = json.loads((CONFIGS / "schema.json").read_text(encoding="utf-8"))
    assert without_new(json.loads(minidl("schema").stdout), file) == file


def test_a_process_of_its_own_prints_every_component():
    done = subprocess.run([MINIDL, "schema"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == json.loads((CONFIGS / "schema.json").read_text("utf-8"))


def test_a_new_component_is_dropped_and_nothing_else():
    enum = {"anyOf": [{"enum": ["a", "b"]}, named("a"), named("b")]}
    assert without_new(enum, {"anyOf": [{"enum": ["a"]}, named("a")]}) == {
        "anyOf": [{"enum": ["a"]}, named("a")]
    }
    assert without_new({"x": 1}, {"x": 2}) == {"x": 1}


def named(name: str) -> dict[str, Any]:
    return {"properties": {"name": {"const": name}}}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_study_is_fine_by_path_and_by_name(path):
    by_path, by_name = minidl("validate", str(path)).stdout, minidl("validate", path.stem).stdout
    counts = re.search(r": fine: (\d+) cells, (\d+) seeds, (\d+) runs", by_path)
    assert counts
    cells, seeds, runs = map(int, counts.groups())
    assert cells * seeds == runs
    assert by_path.removeprefix(str(path)) == by_name.removeprefix(path.stem)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_study_names_the_schema_and_fits_it(path):
    assert path.read_text().startswith("# yaml-language-server: $schema=schema.json\n")
    assert accepts(STUDY, read_yaml(path)[0])


@pytest.mark.parametrize(
    "change",
    [
        {"epoch": 3},
        {"epochs": 0},
        {"epochs": 2.5},
        {"epochs": True},
        {"seeds": []},
        {"seeds": [-1]},
        {"grid": {"loss": []}},
        {"grid": ["loss"]},
        {"loss": "tanh"},
        {"loss": {"name": "mse", "lr": 3}},
        {"optimizer": {"lr": 3}},
        {"optimizer": {"name": "adam", "lr": "fast"}},
        {"data": {"name": "disk", "train": 1}},
        {"data": {"name": "disk", "tran": 5}},
        {"model": {"hidden": [0]}},
        {"model": {"hiden": [3]}},
        {"overrides": [{"when": {}}]},
        {"overrides": [{"when": {}, "set": {}}]},
        {"reference": 3},
        {"grid": {"optimiser": ["adam"]}},
        {"grid": {"optimizer": ["adan"]}},
        {"grid": {"optimizer.lr": ["fast"]}},
        {"grid": {"batch_size": [0]}},
        {"overrides": [{"when": {"optimizers": "adam"}, "set": {"epochs": 3}}]},
        {"overrides": [{"when": {}, "set": {"epoch": 3}}]},
        {"overrides": [{"when": {}, "set": {"epochs": "many"}}]},
        {"overrides": [{"when": {"loss": "mes"}, "set": {"epochs": 3}}]},
        {"exclude": [{"los": "mse"}]},
        {"exclude": [{"loss": "mes"}]},
        {"include": [{"loss": "mes"}]},
    ],
    ids=json.dumps,
)
def test_an_editor_underlines_what_minidl_refuses(change, tmp_path):
    study = {"name": "s", "grid": {}}
    assert accepts(STUDY, study)
    assert not accepts(STUDY, study | change)
    path = tmp_path / "grid.yaml"  # JSON is YAML
    path.write_text(json.dumps(study | change))
    minidl("validate", str(path), code=2)


CHOSEN = [
    row for row in catalogue() if KINDS[row["kind"]].chosen_by
]  # a metric follows from the task


@pytest.mark.parametrize("row", CHOSEN, ids=lambda row: f"{row['kind']} {row['name']}")
def test_the_schema_knows_every_component_with_its_arguments(row):
    names, *mappings = SCHEMA["properties"][row["kind"]]["anyOf"]
    assert names["enum"] == sorted(KINDS[row["kind"]])
    assert names["enumDescriptions"][names["enum"].index(row["name"])] == row["summary"]
    (own,) = (m for m in mappings if m["properties"]["name"]["const"] == row["name"])
    assert set(own["properties"]) == {"name", *row["arguments"]}
    study = {"name": "s", "grid": {}, row["kind"]: {"name": row["name"], **row["arguments"]}}
    assert accepts(STUDY, study)
