"""What a run was made with: recorded beside its numbers."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

MKL_CBWR = os.environ.get("MKL_CBWR")  # read once, before the first product, as MKL does


def environment() -> dict[str, Any]:
    """Return the facts about software and machine that may matter to a run's numbers."""
    return {
        "minidl": version("minidl"),
        "commit": commit(),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": processor(),
        "threads": 1,
        "capability": torch.backends.cpu.get_cpu_capability(),
        "MKL_CBWR": MKL_CBWR,
    }


def commit() -> str | None:
    """Return the git commit of the checkout that minidl runs from, marked when it is changed."""
    folder = Path(__file__).parents[3]
    if not (folder / ".git").exists():
        return None
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12"]
    # Inside a hook git's own variables name another repository; none of them is for this one.
    clean = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    try:
        found = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=10, env=clean
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip()


def processor() -> str:
    """Return the processor's name."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
