"""Grid files that hypothesis makes: noise, scraps, and good ones with something wrong."""

import math
import random
from typing import Any

import yaml
from hypothesis import strategies as st

from minidl.registry import KINDS
from minidl.study.files.shipped import shipped_configs
from minidl.study.files.yaml_file import parse_yaml
from minidl.study.grid.settings import RunSettings
from minidl.study.grid.spec import StudySpec

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
