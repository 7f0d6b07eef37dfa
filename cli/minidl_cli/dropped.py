"""What an interrupt of a study drops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minidl_cli.display import duration

if TYPE_CHECKING:
    from minidl.study.jobs.drive import State, Watch


class Dropped:
    """What an interrupt drops: the networks in training when the state was last seen."""

    state: State | None = None

    def watching(self, watch: Watch) -> Watch:
        """Return a watch that remembers the state."""

        def remember(state: State) -> None:
            self.state = state
            watch(state)

        return remember

    def in_words(self) -> str:
        """Return how many they are and what work that was; nothing where nothing is dropped."""
        tasks = [] if self.state is None else self.state.half_trained
        if not tasks:
            return ""
        number, work = sum(len(task.runs) for task in tasks), sum(task.seconds for task in tasks)
        networks = "half-trained network is" if number == 1 else "half-trained networks are"
        return f"; {number} {networks} dropped, {duration(work)} of work of all jobs"
