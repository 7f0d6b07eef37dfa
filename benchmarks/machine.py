"""The machine and the software that the figures come from."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from minidl.study.store.environment import environment


def machine() -> dict[str, str]:
    """Return what a reader needs to judge the figures."""
    facts = environment()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": facts["processor"],
        "cores": str(os.cpu_count()),
        "caches": caches(),
        "memory": f"{memory:.0f} GiB",
        "system": facts["platform"],
        "Python": facts["python"],
        "torch": facts["torch"],
        "JAX": installed("jax"),
        "scikit-learn": installed("scikit-learn"),
        "compiler": compiler_version(),
        "minidl": facts["commit"] or facts["minidl"],
    }


def caches() -> str:
    """Return the sizes of the first core's caches, as Linux tells them."""
    folders = sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*"))
    names = [f"L{read(folder / 'level')} {read(folder / 'size')}" for folder in folders]
    return ", ".join(dict.fromkeys(names)) or "unknown"


def read(path: Path) -> str:
    return path.read_text(encoding="ascii").strip()


def installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def compiler_version() -> str:
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        return "absent"
    output = subprocess.run([compiler, "--version"], check=True, capture_output=True, text=True)
    return output.stdout.splitlines()[0]


def peak_memory(process: int | str) -> float:
    """Return the memory that a process has held at most so far, in MiB; 0 when it is gone.

    Not getrusage's, which begins with what the parent held.
    """
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    peaks = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return float(peaks[0]) / 1024 if peaks else 0.0
