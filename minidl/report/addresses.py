"""Runs found by what they are: ``optimizer=adam seed=3``, or by the beginning of an id."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from minidl.report.runs import flat
from minidl.report.words import counted
from minidl.study.errors import InputError
from minidl.study.files.complaints import unknown
from minidl.study.files.yaml_file import parse_yaml
from minidl.study.grid.matching import as_component, covers, look_up
from minidl.study.grid.select import shown_list
from minidl.study.run_spec import label
from minidl.study.store.store import Store
from minidl.study.store.stored_runs import Record

BETWEEN = re.compile(r"[,\s]+(?=[\w.]+=)")  # one condition and the next


class Condition(NamedTuple):
    """A setting, the value that a run is to have, and the same as it was typed."""

    key: str
    value: Any
    text: str


class Runs:
    """The runs of a store, to be asked for by what they are."""

    def __init__(self, store: Store):
        self.store = store
        self.records = store.records()
        self.study = store.outline()
        self.labels = {run.id: run.labels for run in self.study.runs}

    def one(self, address: str) -> Record:
        """Return the one run that an address means; raises InputError for none, or for several."""
        if "=" not in address:
            return self.store.find(address)
        conditions = self.conditions(split(address))
        found = self.having(conditions)
        if len(found) != 1:
            raise InputError(f"{self.store.path}: {self.complaint(address, conditions, found)}")
        return found[0]

    def having(self, conditions: Sequence[Condition]) -> list[Record]:
        """Return the runs that have one of the values wanted of each key."""
        wanted: dict[str, list[Condition]] = {}
        for condition in conditions:
            wanted.setdefault(condition.key, []).append(condition)
        return [
            record
            for record in self.records.values()
            if all(any(self.meets(record, each) for each in own) for own in wanted.values())
        ]

    def meets(self, record: Record, condition: Condition) -> bool:
        """Whether a run has a value, or the label that was typed in its place."""
        if self.labels.get(record.id, {}).get(condition.key) == condition.text.partition("=")[2]:
            return True
        value = look_up(facts(record), condition.key)
        return covers(value, as_component(condition.key, condition.value))

    def conditions(self, texts: Sequence[str]) -> list[Condition]:
        """Return what texts ask for; raises InputError for one that is wrong or that no run has."""
        found = []
        for text in texts:
            key, equals, value = text.partition("=")
            if not equals or not key:
                raise InputError(f"{text}: must be KEY=VALUE")
            key = self.full_key(key, text)
            condition = Condition(key, parse_yaml(value, text, lines=False)[0], text)
            if not any(self.meets(record, condition) for record in self.records.values()):
                raise InputError(f"{text}: no run has this; {key} is {self.values(key)}")
            found.append(condition)
        return found

    def full_key(self, key: str, place: str) -> str:
        """Return the key of a setting that may be called by its last part: ``lr``."""
        known: dict[str, None] = {}
        for settings in {id(r.settings): r.settings for r in self.records.values()}.values():
            known |= dict.fromkeys([*settings, "seed", "status", *flat(settings)])
        if key in known:
            return key
        ends = [full for full in known if full.rpartition(".")[2] == key]
        if len(ends) > 1:
            raise InputError(f"{place}: {key!r} may be {' or '.join(ends)}; say which")
        if not ends:
            raise InputError(f"{place}: {unknown('setting', key, known)}")
        return ends[0]

    def values(self, key: str) -> str:
        """Return what runs have under a key, as a text."""
        return shown_list({label(look_up(facts(r), key)): None for r in self.records.values()})

    def complaint(
        self, address: str, conditions: Sequence[Condition], found: Sequence[Record]
    ) -> str:
        """Return what is wrong with an address that means no run, or several."""
        if not found:
            return f"no run is {address}"
        told = {condition.key for condition in conditions}
        rows = [{**self.labels.get(r.id, {}), "seed": str(r.seed)} for r in found]
        open_keys = [
            f"{key} ({shown_list(there)})"
            for key in dict.fromkeys(key for row in rows for key in row)
            if key not in told and len(there := {row.get(key, "–"): None for row in rows}) > 1
        ]
        return f"{counted(len(found), 'run')} are {address}; also say {', '.join(open_keys)}"


def facts(record: Record) -> dict[str, Any]:
    """Return what can be asked of a run: its settings, its seed and its status."""
    return {**record.settings, "seed": record.seed, "status": record.status}


def split(address: str) -> list[str]:
    """Return the conditions of an address, which have blanks or commas between them."""
    return BETWEEN.split(address.strip())


def two_addresses(words: Sequence[str]) -> tuple[str, str] | None:
    """Return the two addresses that words make, None unless there are two.

    Among conditions the second begins where a key comes again, or with a word of its own that has
    several; of what it does not say it is as the first.
    """
    if len(words) == 2 and not all("=" in word for word in words):
        return words[0], words[1]
    if len(words) == 2 and any(len(split(word)) > 1 for word in words):
        return words[0], completed(split(words[0]), split(words[1]))
    texts = [text for word in words for text in split(word)]
    keys: list[str] = []
    for number, text in enumerate(texts):
        key = text.partition("=")[0]
        if key in keys:
            return " ".join(texts[:number]), completed(texts[:number], texts[number:])
        keys.append(key)
    return None


def completed(first: Sequence[str], second: Sequence[str]) -> str:
    """Return the second address, with what it does not say as the first one says it."""
    said = {text.partition("=")[0] for text in second}
    return " ".join([*(t for t in first if t.partition("=")[0] not in said), *second])
