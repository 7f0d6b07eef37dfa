"""Training in this process: for one job, and for debuggers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future

from minidl import Sequential
from minidl.study.jobs.attempt import attempt
from minidl.study.jobs.executor import Tick, TrainingError
from minidl.study.jobs.progress import Progress
from minidl.study.result import RunResult
from minidl.study.run_spec import RunSpec


class InProcess:
    """An executor that is its own and only worker: what is submitted is trained at once.

    ``on_start`` is handed the network of each stack before it is trained, to look at it meanwhile.
    """

    def __init__(self, on_start: Callable[[Sequential], None] | None = None) -> None:
        self.on_start = on_start
        self.progress = Progress()
        self.workers = [self]

    def submit(self, runs: Sequence[RunSpec], tick: Tick) -> Future[list[RunResult]]:
        future: Future[list[RunResult]] = Future()
        broken: list[Exception] = []

        def watched() -> None:
            try:
                tick()
            except Exception as error:
                broken.append(error)
                raise

        try:
            future.set_result(attempt(runs, self.progress, watched, self.on_start))
        except TrainingError as error:
            if broken:  # a display that fails is no fault of the runs
                raise broken[0] from None
            future.set_exception(error)
        return future

    def close(self) -> None:
        pass
