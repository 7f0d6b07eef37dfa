"""The long sweeps: commands and workers killed and interrupted at any time, here and on a cluster.

Whatever happens, the store ends as it does undisturbed, bit for bit.
"""

import pytest
from helpers.studies import MANY_STACKS, undisturbed, write
from helpers.sweep import interrupted, killed, sweep, trainers

pytestmark = [pytest.mark.soak, pytest.mark.parametrize("where", ["processes", "cluster"])]


def test_twenty_commands_killed(tmp_path, where):
    with trainers(where, tmp_path / "cluster") as there:
        study = write(tmp_path, MANY_STACKS), tmp_path / "out", undisturbed(MANY_STACKS)
        sweep(*study, 20, killed, there.words)


def test_ctrl_c_twenty_times(tmp_path, where):
    with trainers(where, tmp_path / "cluster") as there:
        study = write(tmp_path, MANY_STACKS), tmp_path / "out", undisturbed(MANY_STACKS)
        sweep(*study, 20, interrupted, there.words)


def test_twelve_workers_killed(tmp_path, where):
    """Each costs no more than its stack: the command goes on to the end."""
    with trainers(where, tmp_path / "cluster") as there:

        def one_worker_killed(running, dice):
            there.kill_one(running, dice)
            running.end()

        study = write(tmp_path, MANY_STACKS), tmp_path / "out", undisturbed(MANY_STACKS)
        sweep(*study, 12, one_worker_killed, there.words)
