"""The hand-vectorised C++ of ``limit.cpp``: an estimate of what the processor could do at best."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.contenders import Always, Start
from benchmarks.work import PAPER_WIDTHS, Condition, Work

SOURCE = Path(__file__).parent.parent / "limit.cpp"
OPTIONS = (
    "-O3",
    "-march=native",
    "-mprefer-vector-width=512",
    "-ffp-contract=fast",
    "-fno-math-errno",
    "-shared",
    "-fPIC",
)
CODES = {
    "ACTIVATION": {"tanh": "TANH", "relu": "RELU", "leaky_relu": "LEAKY"},
    "LOSS": {"mse": "MSE", "bce": "BCE"},
    "OPTIMIZER": {"none": "NONE", "sgd": "SGD", "adam": "ADAM"},
}


class Cpp(Always):
    """It knows the paper's network and batches of 5 only."""

    name = "C++ limit"

    def missing(self) -> str | None:
        return None if compiler() else "no C++ compiler"

    def prepare(self, work: Work) -> Start:
        if work.widths != PAPER_WIDTHS or work.batch_size != 5:
            raise ValueError("limit.cpp knows the paper's network and batches of 5 only")
        train = compiled(work.condition)
        x, y = work.batches
        start = torch.cat([value.flatten(1) for value in work.weights], dim=1)

        def run(steps: int) -> list[Tensor]:
            values = start.clone()
            pointers = [ctypes.c_void_p(tensor.data_ptr()) for tensor in (values, x, y)]
            rates = (work.condition.lr, work.condition.momentum)
            train(*pointers, work.networks, steps, *map(ctypes.c_float, rates))
            pieces = values.split([value[0].numel() for value in work.weights], dim=1)
            shapes = [value.shape for value in work.weights]
            return [p.reshape(s) for p, s in zip(pieces, shapes, strict=True)]

        return lambda: run


def compiler() -> str | None:
    """Return the system's C++ compiler, which must know GCC's vector types."""
    return shutil.which("g++") or shutil.which("clang++")


@cache
def compiled(condition: Condition) -> Any:
    """Return the C function for a condition, compiled for this processor."""
    parts = (condition.activation, condition.loss, condition.optimizer)
    names = [
        f"-D{key}={codes[part]}" for (key, codes), part in zip(CODES.items(), parts, strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "limit.so"
        command = [compiler(), *OPTIONS, "-DTRAIN=train", *names, SOURCE, "-o", library]
        subprocess.run(list(map(str, command)), check=True)
        return ctypes.CDLL(str(library)).train
