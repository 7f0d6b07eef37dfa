"""One attempt to train a stack, in whatever process: what it raises fails its runs alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from minidl import History, Sequential
from minidl.study.grid.blame import own_line, told
from minidl.study.jobs.executor import TrainingError
from minidl.study.jobs.progress import Progress
from minidl.study.result import RunResult, headline
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.train import train_stack


def attempt(
    runs: Sequence[RunSpec],
    progress: Progress,
    tick: Callable[[], None] = lambda: None,
    on_start: Callable[[Sequential], None] | None = None,
) -> list[RunResult]:
    """Train a stack, noting each epoch and the scores that it brought; ``on_start`` is handed its
    network first.

    Raises TrainingError, which survives the way to another process, for whatever goes wrong.
    """

    def on_epoch(epoch: int, history: History) -> None:
        progress.epoch = epoch
        if history.epochs and history.epochs[-1] == epoch:
            progress.set_scores(history.curves[headline(history.curves)][-1].tolist())
        tick()

    try:
        return train_stack(runs, on_epoch, on_start)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever training raises fails the runs, sys.exit too
        line = own_line(error)
        raise TrainingError(told(error) if line is None else f"{line}: {told(error)}") from error
