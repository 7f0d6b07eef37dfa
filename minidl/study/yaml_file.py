"""Reading a YAML file into plain data, with the place that every value came from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from yaml.composer import ComposerError

from minidl.study.errors import InputError

KeyPath: TypeAlias = "tuple[str | int, ...]"
Places: TypeAlias = "dict[KeyPath, str]"

MAX_BYTES = 1_000_000
MAX_DEPTH = 20


class Loader(yaml.SafeLoader):
    """YAML 1.1 as PyYAML reads it, but ``1e-3`` is a number, as in YAML 1.2, and no aliases."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise ComposerError(None, None, "aliases are not allowed", mark)
        return super().compose_node(parent, index)


Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+$"),
    list("-+.0123456789"),
)


def read_yaml(path: Path) -> tuple[Any, Places]:
    """Return the data of a YAML file, and ``file:line`` of the value at each path of keys.

    Raises InputError, with file and line, when the file cannot be read, is no YAML, has a key twice
    or uses aliases.
    """
    return parse_yaml(read_text(path), str(path))


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file of at most ``MAX_BYTES``; raises InputError otherwise."""
    try:
        if path.is_file() and path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: the file is too large; allowed: {MAX_BYTES:,} bytes")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: not UTF-8 text") from None
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: cannot be read: {reason}") from None


def parse_yaml(text: str, source: str) -> tuple[Any, Places]:
    """Like ``read_yaml``, for a text whose source is named in messages."""
    places: Places = {(): source}
    try:
        loader = Loader(text)
        node = loader.get_single_node()
        data = None if node is None else build(loader, node, (), places, source)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise InputError(f"{source}{line}: not valid YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise InputError(f"{source}: not valid YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise InputError(f"{source}: nested too deeply; allowed: {MAX_DEPTH} levels") from None
    return data, places


def build(loader: Loader, node: yaml.Node, path: KeyPath, places: Places, source: str) -> Any:
    """Turn a node into data, noting the place of every value."""
    places[path] = f"{source}:{node.start_mark.line + 1}"
    if len(path) > MAX_DEPTH:
        raise InputError(f"{places[path]}: nested too deeply; allowed: {MAX_DEPTH} levels")
    if isinstance(node, yaml.MappingNode):
        return build_mapping(loader, node, path, places, source)
    if isinstance(node, yaml.SequenceNode):
        items = enumerate(node.value)
        return [build(loader, item, (*path, i), places, source) for i, item in items]
    try:
        return loader.construct_object(node)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{places[path]}: {node.value!r:.60} is not valid: {error}") from None


def build_mapping(
    loader: Loader, node: yaml.MappingNode, path: KeyPath, places: Places, source: str
) -> dict[str, Any]:
    """Turn a mapping node into a dict; a key that is no text, or comes twice, is an error."""
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        place = f"{source}:{key_node.start_mark.line + 1}"
        key = loader.construct_object(key_node) if isinstance(key_node, yaml.ScalarNode) else None
        if not isinstance(key, str):
            raise InputError(f"{place}: a key must be text, got {key_node.value!r:.40}")
        if key in mapping:
            raise InputError(f"{place}: key {key!r} stands here a second time")
        mapping[key] = build(loader, value_node, (*path, key), places, source)
        places[(*path, key)] = place
    return mapping
