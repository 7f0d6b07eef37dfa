"""What may stand in each column of a store, as data: SQLite itself looks for what does not fit."""

from __future__ import annotations

import sys
from typing import NamedTuple

from minidl.registry import LONGEST_UNIT

LARGEST = sys.float_info.max
MAX_EPOCHS = 1_000_000_000
MAX_SEED = 2**63 - 1


class Rule(NamedTuple):
    """What the value of a column must be, in words, and as a condition of SQL on ``{0}``."""

    must: str
    holds: str


def text(most: int) -> Rule:
    """Any text of at most so many bytes."""
    holds = f"typeof({{0}}) = 'text' AND length(CAST({{0}} AS BLOB)) <= {most}"
    return Rule(f"be text of at most {most:,} bytes", holds)


def whole(low: int, high: int) -> Rule:
    """A whole number within limits."""
    holds = f"typeof({{0}}) = 'integer' AND {{0}} BETWEEN {low} AND {high}"
    return Rule(f"be a whole number from {low:,} to {high:,}", holds)


def number(low: float = -LARGEST) -> Rule:
    """A number that is neither NaN nor infinite."""
    least = "" if low == -LARGEST else f" of at least {low:g}"
    holds = f"typeof({{0}}) = 'real' AND {{0}} BETWEEN {low!r} AND {LARGEST!r}"
    return Rule(f"be a finite number{least}", holds)


def one_of(*words: str) -> Rule:
    """One of some words."""
    listed = ", ".join(f"'{word}'" for word in words)
    return Rule(f"be one of {', '.join(words)}", f"{{0}} IN ({listed})")


def number_of(table: str) -> Rule:
    """The number of a row of another table."""
    key = "id" if table == "environment" else "number"
    return Rule(f"be the number of a row of {table}", f"{{0}} IN (SELECT {key} FROM {table})")


def optional(rule: Rule) -> Rule:
    """Nothing, or what a rule says."""
    return Rule(f"{rule.must}, or nothing", f"{{0}} IS NULL OR ({rule.holds})")


def both(rule: Rule, other: Rule) -> Rule:
    """What two rules say, the second in words."""
    return Rule(other.must, f"({rule.holds}) AND ({other.holds})")


ID = Rule(
    "be sixteen hex digits",
    "typeof({0}) = 'text' AND length(CAST({0} AS BLOB)) = 16 AND {0} NOT GLOB '*[^0-9a-f]*'",
)
DIGEST = Rule(
    "be 64 hex digits",
    "typeof({0}) = 'text' AND length(CAST({0} AS BLOB)) = 64 AND {0} NOT GLOB '*[^0-9a-f]*'",
)
ASCII = Rule(
    "be printable ASCII text, at most 1,000,000 bytes",
    "{0} NOT GLOB '*[^ -~' || char(10) || ']*'",
)
SCORE_NAME = Rule(
    "be train_, validation_ or test_ and a name",
    "({0} GLOB 'train_?*' OR {0} GLOB 'validation_?*' OR {0} GLOB 'test_?*') "
    "AND {0} NOT GLOB '*[^a-zA-Z0-9_]*'",
)
PERCENT = Rule(  # of minidl's own accuracy: what others give in percent may be any number
    "be a finite number, an accuracy in percent from 0 to 100, or nothing",
    "{0} IS NULL OR {0} BETWEEN 0 AND 100 "
    "OR metric NOT IN (SELECT number FROM metric WHERE name IN "
    "('train_accuracy', 'validation_accuracy', 'test_accuracy'))",
)
LAST_SCORES = Rule(
    "be the epoch of its last scores",
    "status = 'failed' OR EXISTS "
    "(SELECT 1 FROM curve WHERE curve.run = run.number AND curve.epoch = {0})",
)
ONE_LINE = Rule(
    "be text without control characters",
    "{0} NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || ']*'",
)
SEED = whole(0, MAX_SEED)
JSON = text(100_000)
COUNT = whole(1, MAX_SEED)

# Table -> what names a row in a message, in SQL, and the rule for each column.
RULES: dict[str, tuple[tuple[str, ...], dict[str, Rule]]] = {
    "study": (
        (),
        {
            "id": whole(1, 1),
            "yaml": both(text(1_000_000), ASCII),
            "outline": optional(text(50_000_000)),
            "reference": optional(text(4_000_000)),
        },
    ),
    "environment": (("id",), {"id": COUNT, "facts": JSON}),
    "metric": (
        ("name",),
        {
            "number": COUNT,
            "name": both(text(100), SCORE_NAME),
            "unit": text(LONGEST_UNIT),
            "better": one_of("higher", "lower"),
        },
    ),
    "run": (
        ("id",),
        {
            "number": COUNT,
            "id": ID,
            "settings": JSON,
            "seed": SEED,
            "status": one_of("done", "diverged", "failed"),
            "error": optional(text(100_000)),
            "diverged_at": optional(whole(1, MAX_EPOCHS)),
            "best_at": optional(whole(1, MAX_EPOCHS)),
            "stopped_at": optional(whole(1, MAX_EPOCHS)),
            "last_epoch": both(optional(whole(0, MAX_EPOCHS)), LAST_SCORES),
            "baseline": optional(number()),
            "seconds": number(0),
            "processor_seconds": optional(number(0)),
            "finished_at": text(100),
            "environment_id": number_of("environment"),
        },
    ),
    "curve": (
        (
            "(SELECT id FROM run WHERE number = curve.run)",
            "(SELECT name FROM metric WHERE number = curve.metric)",
            "epoch",
        ),
        {
            "run": number_of("run"),
            "metric": number_of("metric"),
            "epoch": whole(0, MAX_EPOCHS),
            "value": both(optional(number()), PERCENT),
        },
    ),
    "weights": (
        ("run_id",),
        {
            "run_id": Rule("be the id of a run", "{0} IN (SELECT id FROM run)"),
            "safetensors": Rule("be bytes", "typeof({0}) = 'blob'"),
        },
    ),
    "snapshot": (
        ("run_id", "epoch"),
        {
            "run_id": Rule("be the id of a run", "{0} IN (SELECT id FROM run)"),
            "epoch": whole(0, MAX_EPOCHS),
            "safetensors": Rule("be bytes", "typeof({0}) = 'blob'"),
        },
    ),
    "cell": (("number",), {"number": COUNT, "settings": JSON, "place": JSON}),
    "level": (
        ("cell", "position", "axis"),
        {
            "cell": number_of("cell"),
            "position": whole(0, 1000),
            "axis": both(text(200), ONE_LINE),
            "value": JSON,
            "label": text(10_000),
        },
    ),
    "preregistration": (
        (),
        {
            "id": whole(1, 1),
            "at": text(100),
            "digest": DIGEST,
            "seeds": COUNT,
            "study": both(text(1_000_000), ASCII),
            "reference": text(4_000_000),
        },
    ),
    "look": (("seeds",), {"seeds": COUNT, "planned": COUNT, "at": text(100)}),
    "planned": (("cell", "seed"), {"cell": number_of("cell"), "seed": SEED, "run_id": ID}),
}
