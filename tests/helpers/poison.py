"""The command line with components that go wrong, each in its own way.

It runs as a program: its worker processes import the main program too, and so know them.
"""

import os

import torch
from torch import Tensor

from minidl import Tanh, register
from minidl_cli.main import main


@register("activation", "exits")
class Exits(Tanh):
    """Ends the process that trains it."""

    def backward(self, *_: Tensor) -> Tensor:
        os._exit(7)


class PoisonError(Exception):
    """An error that does not survive a copy to another process."""

    def __init__(self, layer: str, step: int):
        super().__init__(f"{layer} broke in step {step}")


@register("activation", "raises")
class Raises(Tanh):
    """Raises in training."""

    def backward(self, *_: Tensor) -> Tensor:
        raise PoisonError("poison", 1)


@register("activation", "fills_nan")
class FillsNaN(Tanh):
    """Turns to NaN in the third epoch of batches of 5 out of 40 points."""

    def __init__(self):
        self.steps = 0

    def backward(self, gradient: Tensor) -> Tensor:
        self.steps += 1
        nan = torch.full_like(gradient, torch.nan)
        return nan if self.steps > 2 * 40 // 5 else super().backward(gradient)


@register("activation", "mumbles")
class Mumbles(Tanh):
    """Raises what no file takes: half a character, and more than a store holds."""

    def backward(self, *_: Tensor) -> Tensor:
        raise ValueError("half \udcff" + "x" * 200_000)


if __name__ == "__main__":
    main()
