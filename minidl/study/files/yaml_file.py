"""Reading a YAML file into plain data, with the place that every value came from."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from yaml.composer import ComposerError
from yaml.reader import ReaderError

from minidl.study.errors import InputError
from minidl.study.files.reading import read_text

KeyPath: TypeAlias = "tuple[str | int, ...]"
Places: TypeAlias = "dict[KeyPath, str]"

MAX_DEPTH = 20
SMALLEST = sys.float_info.min  # the smallest number that has all its digits
TAG = "tag:yaml.org,2002:"

# The core schema of YAML 1.2, as editors read it, without its octal and hexadecimal numbers. PyYAML
# has YAML 1.1: there 1e-3 is a text, 010 is eight, 1:30 is ninety, and on, yes and no are booleans.
SCALARS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "null": (r"~|null|Null|NULL|", lambda _: None),
    "bool": (r"true|True|TRUE|false|False|FALSE", lambda text: text.lower() == "true"),
    "int": (r"[-+]?[0-9]{1,1000}", int),  # Python reads at most 4,300 digits; more are a float
    "float": (
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        lambda text: float(re.sub(r"\.(?=[a-zA-Z])", "", text)),
    ),
    "str": (r"(?s:.*)", str),
}


class Loader(yaml.SafeLoader):
    """Knows the plain scalars above, and no aliases."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  # as PyYAML has it; none of YAML 1.1's are kept

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            problem = f"aliases are not allowed, got *{event.anchor}"
            raise ComposerError(None, None, problem, event.start_mark)
        return super().compose_node(parent, index)


class Dumper(yaml.SafeDumper):
    """Quotes a text that either version of YAML would read as something else; no aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # PyYAML's signature
        return True


for name, (pattern, _) in SCALARS.items():
    if name != "str":
        regex = re.compile(rf"(?:{pattern})\Z")
        Loader.add_implicit_resolver(TAG + name, regex, None)
        Dumper.add_implicit_resolver(TAG + name, regex, None)


def to_yaml(data: Any) -> str:
    """Return plain data as a YAML text, which ``parse_yaml`` reads back as it was."""
    # in ASCII: PyYAML writes some of Unicode's line ends as they are, and reads them as others
    return yaml.dump(data, Dumper=Dumper, sort_keys=False)


def plain_text(data: Any, place: str) -> str:
    """Return data as a line that ``parse_yaml`` reads as it is: JSON, but with YAML's escapes.

    JSON has two escapes for a character beyond 16 bits, which YAML reads as two characters; and
    unescaped, YAML folds some line ends and refuses some characters. Raises InputError, with the
    place, for what neither can say.
    """
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"{place}: is not what a grid file could say: {error}") from None
    return re.sub(r"[^ -~]", lambda found: f"\\U{ord(found[0]):08x}", text)


def read_yaml(path: Path, *, pipe: bool = False) -> tuple[Any, Places]:
    """Return the data of a YAML file, and ``file:line`` of the value at each path of keys.

    Raises InputError, with file and line, when the file cannot be read, is not YAML, has a key
    twice or uses aliases. ``pipe`` allows a pipe, as in ``read_text``.
    """
    return parse_yaml(read_text(path, pipe=pipe), str(path))


def parse_yaml(text: str, source: str, *, lines: bool = True) -> tuple[Any, Places]:
    """Like ``read_yaml``, for a text whose source is named in messages, with or without lines."""
    reader = Reader(source, lines)
    with complaints_of(reader, text):
        node = Loader(text).get_single_node()
        data = None if node is None else reader.build(node, ())
    return data, reader.places


def replace_text(text: str, source: str, key: str, value_of: Callable[[str], Any]) -> str:
    """Return a YAML text in which a key of its mapping that has a text has what ``value_of`` makes
    of it. All else stays as it is, on the same lines.
    """
    with complaints_of(Reader(source, True), text):
        node = Loader(text).get_single_node()
    for key_node, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key_node.value == key and value.tag == TAG + "str":
            start, end = value.start_mark.index, value.end_mark.index
            new = yaml.dump(
                value_of(value.value),
                Dumper=Dumper,
                default_style='"',
                default_flow_style=True,
                width=sys.maxsize,
            )
            return text[:start] + new.strip() + "\n" * text.count("\n", start, end) + text[end:]
    return text


@contextmanager
def complaints_of(reader: Reader, text: str) -> Iterator[None]:
    """Raise InputError, with the place, for what is wrong with a text as YAML."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = reader.place(mark.line + 1 if mark else 1)
        problem = ", ".join(filter(None, (error.context, error.problem)))
        raise InputError(f"{place}: cannot be read as YAML: {problem}") from None
    except ReaderError as error:
        place = reader.place(text.count("\n", 0, error.position) + 1)
        character = ascii(text[error.position])
        raise InputError(f"{place}: the character {character} is not allowed") from None
    except RecursionError:
        problem = f"nested too deeply; allowed: {MAX_DEPTH} levels"
        raise InputError(f"{reader.source}: {problem}") from None


class Reader:
    """Turns nodes into plain data, and notes the place of every value."""

    def __init__(self, source: str, lines: bool):
        self.source = source
        self.lines = lines
        self.places: Places = {(): source}

    def place(self, line: int) -> str:
        """Return the place of a line, counted from 1."""
        return f"{self.source}:{line}" if self.lines else self.source

    def build(self, node: yaml.Node, path: KeyPath) -> Any:
        """Return a node's data; raises InputError where it is not plain data."""
        place = self.places[path] = self.place(node.start_mark.line + 1)
        if len(path) > MAX_DEPTH:
            raise InputError(f"{place}: nested too deeply; allowed: {MAX_DEPTH} levels")
        if isinstance(node, yaml.MappingNode) and node.tag == TAG + "map":
            return self.build_mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == TAG + "seq":
            return [self.build(item, (*path, i)) for i, item in enumerate(node.value)]
        return build_scalar(node, place)

    def build_mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        """Return a mapping as a dict; a key that is not text, or comes twice, is an error."""
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = self.place(key_node.start_mark.line + 1)
            key = key_node.value if key_node.tag == TAG + "str" else None
            if not isinstance(key, str):
                got = repr(key_node.value) if isinstance(key_node.value, str) else "a collection"
                raise InputError(f"{place}: a key must be text, got {got:.60}")
            if key in mapping:
                first = self.places[(*path, key)]
                raise InputError(f"{place}: key {key!r:.60} appears twice, first at {first}")
            mapping[key] = self.build(value_node, (*path, key))
            self.places[(*path, key)] = place
        return mapping


def build_scalar(node: yaml.Node, place: str) -> Any:
    """Return a scalar's value; raises InputError for a tag that is none of plain YAML's."""
    pattern, convert = SCALARS.get(node.tag.removeprefix(TAG), (None, str))
    if pattern is None or not isinstance(node, yaml.ScalarNode):
        raise InputError(
            f"{place}: the tag {node.tag!r:.60} is not allowed; allowed: text, numbers, true, "
            "false, null, lists and mappings"
        )
    if not re.fullmatch(pattern, node.value):
        raise InputError(f"{place}: {node.value!r:.60} is not a valid {node.tag.removeprefix(TAG)}")
    value = convert(node.value)
    if isinstance(value, float) and 0 < abs(value) < SMALLEST:  # training would flush it to zero
        raise InputError(f"{place}: {node.value!r:.60} is too small; allowed: 0 or from {SMALLEST}")
    return value
