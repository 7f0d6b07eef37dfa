"""Training in this process: for one job, and for debuggers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future

from minidl.study.jobs.executor import ACCURACIES, Progress, TrainingError, attempt
from minidl.study.result import RunResult
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.plan import MAX_STACK


class InProcessWorker:
    """Trains in this process, at once; ``tick`` is called after every epoch."""

    def __init__(self, tick: Callable[[], None]) -> None:
        self.progress: Progress = [0.0] * (ACCURACIES + MAX_STACK)
        self.tick = tick

    def submit(self, runs: Sequence[RunSpec]) -> Future[list[RunResult]]:
        future: Future[list[RunResult]] = Future()
        broken: list[Exception] = []

        def tick() -> None:
            try:
                self.tick()
            except Exception as error:
                broken.append(error)
                raise

        try:
            future.set_result(attempt(runs, self.progress, tick))
        except TrainingError as error:
            if broken:  # a display that fails is no fault of the runs
                raise broken[0] from None
            future.set_exception(error)
        return future

    def close(self) -> None:
        pass
