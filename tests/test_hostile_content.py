"""Whatever a store, a reference, or a file of points holds: every command is fine, or refuses it.

Fine is exit code 0, or 1 where runs or conflicts say so; refused is one line and exit code 2. No
command that reads changes the file, nothing beside the folder changes, and nothing that is said
moves the cursor.
"""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from helpers.in_process import run
from helpers.studies import TINY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError
from safetensors.numpy import load, save

from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study

CALM = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
QUICK = settings(deadline=None, derandomize=True, max_examples=40, suppress_health_check=CALM)
LONG = settings(deadline=None, database=None, max_examples=400, suppress_health_check=CALM)
FIRST, SECOND = (run.id for run in expand(parse_study(TINY, "tiny"))[:2])
EVIL = "\x1b[2J\x1b]0;owned\x07\n|$x^$"
TABLES = [
    *("study", "environment", "metric", "run", "curve", "weights", "snapshot"),
    *("cell", "level", "planned"),
]

DOCUMENTS = [
    *(("study", "outline"), ("environment", "facts"), ("run", "settings")),
    *(("level", "value"), ("cell", "settings"), ("cell", "place")),
]

PLAIN = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.sampled_from([0, 1, -1, 2, 250, 10**9, 0.5, 1e308, math.inf, -math.inf]),
    st.sampled_from(
        ["", "x", EVIL, "=1+1", "a" * 5000, "[]", "{}", "null", "tanh", "done", "[" * 2000]
    ),
    st.text(max_size=8).filter(lambda text: text.isprintable() or text.isascii()),
    st.binary(max_size=9),
)
NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


@st.composite
def cells(draw: Any) -> Any:
    """Another value in a cell of a table, or in all cells of a column."""
    table, value = draw(st.sampled_from(TABLES)), draw(PLAIN)
    which, all_ = draw(st.integers(0, 50)), draw(st.booleans())

    def tamper(store: sqlite3.Connection, choose: Any) -> None:
        column = choose([row[1] for row in store.execute(f"PRAGMA table_info({table})")])
        rows = store.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        key = ", ".join(r[1] for r in store.execute(f"PRAGMA table_info({table})") if r[5])
        one = f"WHERE ({key}) IN (SELECT {key} FROM {table} LIMIT 1 OFFSET {which % rows})"
        store.execute(f"UPDATE {table} SET {column} = ? {'' if all_ else one}", (value,))

    return tamper


@st.composite
def documents(draw: Any) -> Any:
    """Another value somewhere in a JSON text, perhaps with an id that fits it."""
    table, column = draw(st.sampled_from(DOCUMENTS))
    value, gone = draw(NESTED), draw(st.booleans())

    def tamper(store: sqlite3.Connection, choose: Any) -> None:
        texts = [row[0] for row in store.execute(f"SELECT DISTINCT {column} FROM {table}")]
        text = choose(texts)
        found = json.loads(text)
        part: Any = {"": found}
        key: Any = ""
        while isinstance(part[key], dict) and part[key] and choose([True, True, False]):
            part = part[key]
            key = choose(list(part))
        if gone and key:
            del part[key]
        else:
            part[key] = value
        new = json.dumps(found if key else value)
        store.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (new, text))

    return tamper


@st.composite
def schemas(draw: Any) -> Any:
    """Something more in the schema, or something less; rows that are gone, or stand twice."""
    table = draw(st.sampled_from(TABLES))
    statement = draw(
        st.sampled_from(
            [
                "DELETE FROM {0}",
                "DELETE FROM {0} WHERE random() % 3 = 0",
                "INSERT INTO {0} SELECT * FROM {0} LIMIT 1",
                "DROP TABLE {0}",
                "ALTER TABLE {0} ADD COLUMN more TEXT",
                "ALTER TABLE {0} RENAME TO other",
                "CREATE TRIGGER evil AFTER INSERT ON {0} BEGIN DELETE FROM run; END",
                "CREATE TABLE foreign_one AS SELECT * FROM {0}",
                "CREATE INDEX evil ON {0} (1)",
                "DROP VIEW IF EXISTS runs",
                "PRAGMA user_version = 1",
                "PRAGMA user_version = 0",
                "PRAGMA user_version = -7",
                "PRAGMA application_id = 0",
                "PRAGMA journal_mode = WAL",
                "PRAGMA encoding = 'UTF-16'",
            ]
        )
    )
    endless = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS number FROM n"
    )
    as_view = draw(st.sampled_from([False, False, True]))

    def tamper(store: sqlite3.Connection, _: Any) -> None:
        if as_view:
            store.execute(f"DROP TABLE {table}")
            store.execute(f"CREATE VIEW {table} AS {endless}")
        else:
            store.execute(statement.format(table))

    return tamper


@st.composite
def weights(draw: Any) -> Any:
    """Other bytes for weights."""
    kind = draw(st.sampled_from(["bytes", "less", "more", "shape", "type", "nan", "cut", "flip"]))
    some, at = draw(st.binary(max_size=30)), draw(st.integers(0, 300))

    def tamper(store: sqlite3.Connection, _: Any) -> None:
        query = "SELECT safetensors FROM weights WHERE run_id = ?"
        (old,) = store.execute(query, (FIRST,)).fetchone()
        tensors = load(old)
        first = tensors["0.weight"]
        new = {
            "bytes": lambda: some,
            "less": lambda: save({"0.weight": first}),
            "more": lambda: save(tensors | {"x": first}),
            "shape": lambda: save(tensors | {"0.weight": first[:1]}),
            "type": lambda: save(tensors | {"0.weight": first.astype("int8")}),
            "nan": lambda: save(tensors | {"0.weight": first * math.nan}),
            "cut": lambda: old[:at],
            "flip": lambda: bytes(b ^ 255 if i == at else b for i, b in enumerate(old)),
        }[kind]()
        store.execute("UPDATE weights SET safetensors = ? WHERE run_id = ?", (new, FIRST))

    return tamper


TAMPERING = st.lists(st.one_of(cells(), documents(), schemas(), weights()), min_size=1, max_size=2)
READING = [
    ("status", "{0}"),
    ("status", "{0}", "--json"),
    ("show", "{0}", FIRST),
    ("show", "{0}", FIRST, "--json"),
    ("diff", f"{{0}}/{FIRST}", SECOND),
    ("export", "{0}"),
    ("export", "{0}", "--curves", "--format", "json"),
    ("export", "{0}", "--weights", FIRST, "--torch", "--out", "{0}/w.safetensors"),
    ("verdicts", "{0}", "--reference", "paper"),
    ("verdicts", "{0}", "--reference", "paper", "--json"),
    ("compare", "{0}", "--factor", "loss", "--levels", "mse,bce"),
    ("compare", "{0}", "--factor", "loss", "--levels", "mse,bce", "--measure", "epochs_to_target"),
    ("predict", "{0}", FIRST),
    *(("tables", "{0}", "--format", each) for each in ("text", "md", "csv", "latex", "json")),
]
WRITING = [("import", "{1}", "{0}"), ("import", "{0}", "{1}")]
WRITING += [("run", "--grid", "{1}/grid.yaml", "--out", "{0}", "--jobs", "1", "--no-figures")]
ASKING = ("verdicts", "compare")  # they remember that they were asked
DRAWING = ("figures", "{0}", "--format", "svg")


def told(words: tuple[str, ...], *folders: Path) -> None:
    """Run a command that may end as it likes, but says nothing that moves a cursor."""
    result = run(*(word.format(*folders) for word in words))
    assert result.exit_code in (0, 1, 2), result
    assert "\x1b" not in result.stdout + result.stderr
    assert all(line.isprintable() for line in result.stderr.splitlines())
    assert len(result.stderr) < 5000
    if result.exit_code == 2:
        *before, last = result.stderr.splitlines()
        assert last.startswith("minidl: "), result.stderr
        assert all(line.startswith("conflict: run ") for line in before), result.stderr


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def attack(trained: Path, folder: Path, tampering: Any, choose: Any, commands: Any) -> None:
    """Tamper with a copy of a store, and put it through some commands, those that read first."""
    shutil.rmtree(folder, ignore_errors=True)
    hostile, sound, canary = folder / "hostile", folder / "sound", folder / "canary"
    canary.mkdir(parents=True)
    (canary / "file").write_text("sings")
    shutil.copytree(trained, hostile)
    shutil.copytree(trained, sound)
    file = hostile / "study.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as store:
        for tamper in tampering:
            with suppress(sqlite3.Error, SafetensorError, ValueError, TypeError, ZeroDivisionError):
                tamper(store, choose)  # or SQLite does not take it
        with suppress(sqlite3.Error):  # without an outline, the first look lays it down
            store.execute("UPDATE study SET outline = '' WHERE outline IS NULL")
    before = file.read_bytes()
    reading = [words for words in commands if words not in WRITING]
    for words in sorted(reading, key=lambda words: words[0] in ASKING):
        told(words, hostile)
        if words[0] not in ASKING:
            assert file.read_bytes() == before, words
    for words in (words for words in commands if words in WRITING):
        shutil.rmtree(sound, ignore_errors=True)
        shutil.copytree(trained, sound)
        (sound / "grid.yaml").write_text(TINY)
        told(words, hostile, sound)
    assert everything(canary) == {str(canary / "file"): b"sings"}
    assert {path.name for path in folder.iterdir()} == {"hostile", "sound", "canary"}
    for page in hostile.glob("*.md"):
        assert "\x1b" not in page.read_text()


def test_any_store_is_fine_or_refused(trained, tmp_path):
    @QUICK
    @given(TAMPERING, st.data(), st.lists(st.sampled_from([*READING, *WRITING[:2]]), max_size=4))
    def attacked(tampering, data, commands):
        def choose(values):
            return data.draw(st.sampled_from(values))

        attack(trained, tmp_path / "f", tampering, choose, commands)

    attacked()


@pytest.mark.soak
def test_any_store_is_fine_or_refused_for_long(trained, tmp_path):
    @LONG
    @given(TAMPERING, st.data(), st.integers(0, 9))
    def attacked(tampering, data, number):
        def choose(values):
            return data.draw(st.sampled_from(values))

        drawn = [DRAWING] if number == 0 else []
        attack(trained, tmp_path / "f", tampering, choose, [*READING, *drawn, *WRITING])

    attacked()


REFERENCES = {
    "alpha": "{title: t, alpha: 1e-320}",
    "nan": "{title: t, margin: .nan}",
    "no number": "{title: t, cells: [{activation: tanh, test_accuracy: .nan}]}",
    "infinite": "{title: t, rounding: .inf}",
    "list": "[]",
    "deep": "[" * 2000,
    "bytes": "\x00",
}


@pytest.mark.parametrize("text", REFERENCES.values(), ids=REFERENCES)
def test_a_reference_that_is_none(text, trained, tmp_path):
    reference = tmp_path / "reference.yaml"
    reference.write_text(text)
    result = run("verdicts", str(trained), "--reference", str(reference))
    assert result.exit_code == 2
    assert result.stderr.startswith(f"minidl: {reference}")
    assert result.stderr.count("\n") == 1


def test_what_a_reference_says_is_one_line(trained, tmp_path):
    """Neither a heading nor a table of Markdown begins within a claim."""
    reference = tmp_path / "reference.yaml"
    claim = r'{text: "a\n# owned | \e[2J", parts: [{factor: loss, levels: [bce, mse]}]}'
    reference.write_text(f'title: "t\\n# owned"\nclaims: [{claim}]\n')
    folder = tmp_path / "copy"
    shutil.copytree(trained, folder)
    (folder / "grid.yaml").write_text(f"{TINY}reference: {reference}\n")
    words = ("--grid", str(folder / "grid.yaml"), "--out", str(folder), "--jobs", "1")
    assert run("run", *words, "--no-figures", "-q").exit_code == 0
    page = (folder / "verdicts.md").read_text()
    assert "\n# owned" not in page
    assert "a # owned" in page
    assert "\x1b" not in page


@pytest.mark.parametrize(
    "words",
    [("show", "{0}", "{1}"), ("compare", "{0}", "--factor", "{1}", "--levels", "a,b"), ("{1}",)],
)
def test_a_long_word_is_not_repeated_whole(words, trained):
    result = run(*(word.format(trained, "x" * 4462) for word in words))
    assert result.exit_code == 2
    assert len(result.stderr) < 1500


def test_a_formula_in_a_label_is_text(trained, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(trained, folder)
    with closing(sqlite3.connect(folder / "study.sqlite")) as store, store:
        store.execute("UPDATE level SET label = label || '$\\nonsense{$'")
    result = run("figures", str(folder), "--format", "svg")
    assert result.exit_code == 0, result.stderr
