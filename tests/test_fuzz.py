"""Whatever a grid file or an option holds, it is fine or refused: never with a traceback."""

import math

import pytest
import yaml
from helpers.generated_grids import DATA, FILES, FULL, KEYS, STUDIES
from helpers.in_process import run
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from minidl.study.errors import InputError
from minidl.study.files.yaml_file import parse_yaml, to_yaml
from minidl.study.grid.expand import expand
from minidl.study.grid.load import load_study, parse_study
from minidl.study.grid.select import select

QUICK = settings(deadline=None, derandomize=True, max_examples=150)  # each time the same
LONG = settings(
    deadline=None, max_examples=5000, database=None, suppress_health_check=[HealthCheck.too_slow]
)


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
