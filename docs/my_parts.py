"""An activation, a data set and an optimizer of one's own."""

import torch

from minidl import Dataset, DataSource, Module, Optimizer, register


@register("activation", "bent")
class Bent(Module):
    """``f(x) = (sqrt(x^2 + 1) - 1) / 2 + x``: the bent identity."""

    def forward(self, x):
        self.x, self.root = x, (x * x + 1).sqrt()
        return (self.root - 1) / 2 + x

    def backward(self, gradient):
        return gradient * (self.x / (2 * self.root) + 1)


@register("data", "stripes")
class Stripes(DataSource):
    """Points of the unit square; the target says in which of two colours their stripe is."""

    d_in, d_out, task = 2, 1, "binary"

    def draw(self, n, generator):
        x = torch.rand(n, 2, generator=generator)
        return Dataset(x, (x.sum(dim=-1, keepdim=True) % 1 < 0.5).float())


@register("optimizer", "sign")
class Sign(Optimizer):
    """``value <- value - lr * sign(gradient)``."""

    def __init__(self, param, lr: float = 0.001):
        super().__init__(param, lr)

    def step(self):
        for value, gradient in self.param:
            value.sub_(self.lr.to(value.dtype) * gradient.sign())
