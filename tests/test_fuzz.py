"""Whatever a grid file or an option holds, it is fine or refused: never with a traceback."""

import math
import random
from typing import Any

import pytest
import yaml
from helpers.in_process import run
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from minidl.registry import KINDS
from minidl.study.errors import InputError
from minidl.study.files.shipped import shipped_configs
from minidl.study.files.yaml_file import parse_yaml, to_yaml
from minidl.study.grid.expand import expand
from minidl.study.grid.load import load_study, parse_study
from minidl.study.grid.select import select
from minidl.study.grid.settings import RunSettings
from minidl.study.grid.spec import StudySpec

QUICK = settings(deadline=None, derandomize=True, max_examples=150)  # each time the same
LONG = settings(
    deadline=None, max_examples=5000, database=None, suppress_health_check=[HealthCheck.too_slow]
)

NAMES = [name for components in KINDS.values() for name in components]
KEYS = [*StudySpec.model_fields, *RunSettings.model_fields, "name", "lr", "hidden", "when", "set"]
KEYS += ["optimizer.lr", "model.hidden", "data.train", "<<", "epochs.x", "model..x", ""]
SCRAPS = [*NAMES, *KEYS, "- ", ": ", ", ", "[", "]", "{", "}", "&a ", "*a", "!!int ", "!x ", "? "]
SCRAPS += ["\n", "\n  ", "\t", "'", '"', "#", "%", "---\n", "...\n", "~", "1e-3", ".nan", "1", "\0"]
VALUES = st.one_of(
    st.sampled_from([None, True, 0, 1, -1, 2, 10**7, 10**30, 0.5, -0.0, 1e308, math.nan, math.inf]),
    st.sampled_from(["", "..", "a/b", "\0", "x" * 300, "1e-3", "on", "2026-01-31", "\ud800", "<<"]),
    st.sampled_from(NAMES),
    st.text(max_size=8),
    st.floats(),
)
DATA = st.recursive(
    VALUES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
FULL = """
name: full
data: {name: disk, train: 100, test: 100, normalize: own}
model: {hidden: [3, 3], output: sigmoid, threshold: 0.5}
seeds: [0, 3]
grid: {activation: [tanh, {name: leaky_relu, negative_slope: 0.1}], optimizer.lr: [0.1, 1e-3]}
include: [{activation: relu, optimizer.lr: 0.1}, {loss: bce}]
exclude: [{activation: tanh, optimizer.lr: 0.1}]
overrides: [{when: {activation: tanh}, set: {epochs: 3, model.hidden: []}}]
"""
STUDIES = [(shipped_configs() / "smoke.yaml").read_text(), FULL]


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz") / "grid.yaml"


def check(grid, content: bytes) -> None:
    """Validate a file. What is refused is refused in a line; what is fine can be written again."""
    grid.write_bytes(content)
    result = run("validate", str(grid))
    if result.exit_code == 2:
        assert result.stderr.startswith(f"minidl: {grid}")
        assert result.stderr[:-1].isprintable()
        assert len(result.stderr) < 1000
    else:
        assert result.exit_code == 0
        study = load_study(str(grid))
        again = parse_study(study.to_yaml(), "again")
        assert [run.id for run in expand(again)] == [run.id for run in expand(study)]


@st.composite
def scraps(draw: Any) -> bytes:
    """What YAML and minidl know, in any order, perhaps below the first lines of a study."""
    start = draw(st.sampled_from(["", "name: s\n", "name: s\ngrid: {activation: [tanh]}\n"]))
    return (start + "".join(draw(st.lists(st.sampled_from(SCRAPS), max_size=15)))).encode()


@st.composite
def scratched(draw: Any) -> bytes:
    """A good study, of which some characters are missing and others have come."""
    text = draw(st.sampled_from(STUDIES))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 12)))
    new = draw(st.sampled_from(SCRAPS) | st.text(max_size=5))
    return (text[:start] + new + text[end:]).encode("utf-8", "surrogatepass")


@st.composite
def mutated(draw: Any) -> bytes:
    """A good study, in which one part is gone, has another value, or has another name."""
    data = parse_yaml(draw(st.sampled_from(STUDIES)), "study")[0]
    mutate(data, draw(st.randoms(use_true_random=False)), draw(DATA))
    return yaml.dump(data, allow_unicode=True, sort_keys=False).encode("utf-8", "surrogatepass")


def mutate(part: Any, chance: random.Random, value: Any) -> None:
    """Change something in plain data, at any depth."""
    key = chance.choice(list(part) if isinstance(part, dict) else range(len(part)))
    if isinstance(part[key], (dict, list)) and part[key] and chance.random() < 0.7:
        mutate(part[key], chance, value)
        return
    action = chance.choice(["remove", "replace", "rename"])
    if action == "remove":
        del part[key]
    elif action == "rename" and isinstance(part, dict):
        part[chance.choice(KEYS)] = part.pop(key)
    else:
        part[key] = value


FILES = {"bytes": st.binary(max_size=60), "scraps": scraps(), "scratched": scratched()}
FILES |= {"text": st.text(max_size=60).map(str.encode), "mutated": mutated()}


@pytest.mark.parametrize("kind", FILES)
def test_any_file_is_fine_or_refused(grid, kind):
    QUICK(given(FILES[kind])(lambda content: check(grid, content)))()


@pytest.mark.soak
@pytest.mark.parametrize("kind", FILES)
def test_any_file_is_fine_or_refused_for_long(grid, kind):
    LONG(given(FILES[kind])(lambda content: check(grid, content)))()


@QUICK
@given(
    key=st.sampled_from(KEYS) | st.text(max_size=5),
    value=DATA.map(lambda data: yaml.dump(data, default_flow_style=True)) | st.text(max_size=8),
    study=st.sampled_from(STUDIES),
)
@example(key="overrides", value="", study=FULL)
def test_any_change_is_fine_or_refused(grid, key, value, study):
    grid.write_text(study)
    for changes in ([f"{key}={value}"], [f"{key}={value}", "epochs=2", f"{key}={value}"]):
        try:
            runs = expand(load_study(str(grid), changes=changes))
            select(runs, [f"{key}={value}"])
        except InputError as error:
            assert str(error)  # noqa: PT017  # an InputError without a text would help nobody


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_subnormal=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@QUICK
@given(PLAIN)
@example(["1e3", "010", "08", "on", "null", "~", "", "2026-01-31", "1:30", ".nan", "0x1F", "1_0"])
@example([1e-5, 1e22, 2.3e-308, -0.0, math.inf, 10**25])
def test_what_is_written_is_read_as_it_was(data):
    read = parse_yaml(to_yaml(data), "text")[0]
    assert read == data
    assert repr(read) == repr(data)
