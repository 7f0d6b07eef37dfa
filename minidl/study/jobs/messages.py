"""What goes between this computer and a worker of a cluster: plain data as bytes, never objects."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgpack

from minidl.study.errors import InputError
from minidl.study.grid.component_files import ComponentFile
from minidl.study.jobs.alike import UnlikeError
from minidl.study.jobs.executor import TrainingError
from minidl.study.result import RunResult
from minidl.study.run_spec import RunSpec
from minidl.study.store.json_forms import Form, misfit

NUMBER: Form = (float, int)
OPTIONAL: Form = (float, int, None)
RESULT: Form = {
    "id": str,
    "status": str,
    "seconds": NUMBER,
    "curve": [{}],
    "diverged_at": (int, None),
    "error": None,
    "baseline": OPTIONAL,
    "processor_seconds": OPTIONAL,
    "best_at": (int, None),
    "stopped_at": (int, None),
}
ANSWER: Form = {"environment": {}, "results": [RESULT], "error": (str, None), "text": str}
STATUSES = ("done", "diverged")
ERRORS = {error.__name__: error for error in (TrainingError, InputError, UnlikeError)}


@dataclass(frozen=True)
class Stack:
    """A stack on its way to a worker, with the components that it needs.

    ``facts`` are what the worker has to be like, None where anything goes. ``local`` says that the
    worker shares the standard output of this command.
    """

    key: str
    runs: Sequence[RunSpec]
    files: Sequence[ComponentFile]
    facts: dict[str, Any] | None
    local: bool

    def to_bytes(self) -> bytes:
        """Return it as bytes; of a run go what it computes with, its settings and its seed."""
        content = {
            "key": self.key,
            "runs": [[run.settings, run.seed, run.snapshots] for run in self.runs],
            "files": [[file.name, file.path, file.text, file.sha256] for file in self.files],
            "facts": self.facts,
            "local": self.local,
        }
        return json.dumps(content).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Stack:
        """Return what ``to_bytes`` was called on; raises InputError for a file that has changed."""
        content = json.loads(data)
        files = [ComponentFile(*file[:3]) for file in content["files"]]
        for file, (*_, sha256) in zip(files, content["files"], strict=True):
            if file.sha256 != sha256:
                raise InputError(f"{file.name}: its text has changed on the way")
        runs = [
            RunSpec(settings, seed, snapshots=snapshots)
            for settings, seed, snapshots in content["runs"]
        ]
        return cls(content["key"], runs, files, content["facts"], content["local"])


def pack(
    environment: dict[str, Any], results: Sequence[RunResult], error: Exception | None = None
) -> bytes:
    """Return a worker's answer as bytes: its results, or one of ``ERRORS``; weights as they are."""
    plain = [dict(vars(result)) for result in results]
    weights = [(r.pop("weights"), list(r.pop("snapshots").items())) for r in plain]
    content = {
        "environment": environment,
        "results": plain,
        "error": error and type(error).__name__,
        "text": str(error or ""),
    }
    return bytes(msgpack.packb([json.dumps(content), weights]) or b"")


def unpack(data: Any, runs: Sequence[RunSpec]) -> list[RunResult]:
    """Return the results in an answer, each with the environment that it was made in.

    Raises the error in it, or TrainingError for what is no answer to these runs.
    """
    try:
        text, weights = msgpack.unpackb(data)
        answer = json.loads(text)
        if (wrong := misfit(answer, ANSWER)) is not None:
            raise ValueError(wrong)
        error = ERRORS[answer["error"]](answer["text"]) if answer["error"] else None
        results = [
            RunResult(
                **fields
                | {
                    "weights": own,
                    "snapshots": dict(snapshots),
                    "environment": answer["environment"],
                }
            )
            for fields, (own, snapshots) in zip(answer["results"], weights, strict=True)
        ]
        if error is None:
            check(results, runs)
    except Exception as problem:  # it may be anything, of any depth
        raise TrainingError(f"its worker sent no answer to it: {problem}") from None
    if error is not None:
        raise error
    return results


def check(results: Sequence[RunResult], runs: Sequence[RunSpec]) -> None:
    """Raise ValueError unless these are results of just these runs."""
    if [result.id for result in results] != [run.id for run in runs]:
        raise ValueError("these are the results of other runs")
    for result in results:
        scores = [value for row in result.curve for value in row.values()]
        if result.status not in STATUSES or not isinstance(result.weights, bytes):
            raise ValueError(f"run {result.id} is neither done nor diverged")
        for epoch, taken in result.snapshots.items():
            if type(epoch) is not int or not isinstance(taken, bytes):
                raise ValueError(f"run {result.id}: a snapshot is none")
        if not all(type(score) in (float, int) for score in scores):
            raise ValueError(f"run {result.id}: a score is no number")
