"""JAX: ``jit`` of a ``scan`` over the steps of a ``vmap`` over the networks."""

from __future__ import annotations

import importlib.util
import os
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.contenders import Always, Start
from benchmarks.work import Condition, Work

# Read when jax is imported: one thread, as for every contender.
FLAGS = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


class JaxScan(Always):
    """``unroll`` is the scan's: how many steps are compiled into one turn of its loop."""

    def __init__(self, unroll: int = 1):
        self.name = "JAX"
        self.unroll = unroll

    def missing(self) -> str | None:
        return None if importlib.util.find_spec("jax") else "jax is not installed"

    def prepare(self, work: Work) -> Start:
        os.environ.setdefault("XLA_FLAGS", FLAGS)
        import jax

        initial = [jax.numpy.asarray(value.numpy()) for value in work.weights]
        x, y = (jax.numpy.asarray(part.numpy()) for part in work.batches)
        scan = jax.jit(partial(train, work.condition, self.unroll))

        def run(steps: int) -> list[Tensor]:
            trained = jax.block_until_ready(scan(initial, x[:steps], y[:steps]))
            return [torch.from_numpy(np.array(value)) for value in trained]

        return lambda: run


def train(condition: Condition, unroll: int, weights: Any, x: Any, y: Any) -> Any:
    """Return the weights after one step for every batch."""
    import jax
    import jax.numpy as jnp

    activation = {
        "tanh": jnp.tanh,
        "relu": jax.nn.relu,
        "leaky_relu": partial(jax.nn.leaky_relu, negative_slope=0.01),
    }[condition.activation]

    def logits(weights: Any, x: Any) -> Any:
        *hidden, (weight, bias) = zip(weights[::2], weights[1::2], strict=True)
        for own_weight, own_bias in hidden:
            x = activation(x @ own_weight + own_bias)
        return x @ weight + bias

    def mse(weights: Any, x: Any, y: Any) -> Any:
        return jnp.mean((jax.nn.sigmoid(logits(weights, x)) - y) ** 2)

    def bce(weights: Any, x: Any, y: Any) -> Any:
        z = logits(weights, x)
        return jnp.mean(jax.nn.softplus(z) - y * z)

    gradient = jax.grad({"mse": mse, "bce": bce}[condition.loss])
    update = {"none": plain, "sgd": sgd, "adam": adam}[condition.optimizer]

    def step(state: Any, batch: Any) -> Any:
        weights, moments, t = state
        new = update(condition, weights, gradient(weights, *batch), moments, t + 1)
        return (*new, t + 1)

    def turn(state: Any, batch: Any) -> Any:
        return jax.vmap(step, in_axes=((0, 0, None), 0), out_axes=(0, 0, None))(state, batch), None

    zeros = [jnp.zeros_like(value) for value in weights]
    start = (weights, (zeros, zeros), jnp.float32(0))
    (trained, _, _), _ = jax.lax.scan(turn, start, (x, y), unroll=unroll)
    return trained


def plain(condition: Condition, weights: Any, gradients: Any, moments: Any, t: Any) -> Any:  # noqa: ARG001  # all three alike
    return [w - condition.lr * g for w, g in zip(weights, gradients, strict=True)], moments


def sgd(condition: Condition, weights: Any, gradients: Any, moments: Any, t: Any) -> Any:  # noqa: ARG001  # all three alike
    m = condition.momentum
    velocity = [m * v + (1 - m) * g for v, g in zip(moments[0], gradients, strict=True)]
    stepped = [w - condition.lr * v for w, v in zip(weights, velocity, strict=True)]
    return stepped, (velocity, moments[1])


def adam(condition: Condition, weights: Any, gradients: Any, moments: Any, t: Any) -> Any:
    import jax.numpy as jnp

    first = [0.9 * m + 0.1 * g for m, g in zip(moments[0], gradients, strict=True)]
    second = [0.999 * v + 0.001 * g * g for v, g in zip(moments[1], gradients, strict=True)]
    scale1, scale2 = condition.lr / (1 - 0.9**t), 1 / (1 - 0.999**t)
    stepped = [
        w - scale1 * m / (jnp.sqrt(v * scale2) + 1e-8)
        for w, m, v in zip(weights, first, second, strict=True)
    ]
    return stepped, (first, second)
