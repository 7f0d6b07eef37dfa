"""torch.func: ``functional_call``, ``grad`` and ``vmap`` over a stack ("model ensembling")."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from benchmarks.contenders import Always, Run, Start
from benchmarks.contenders.torch_nn import LOSSES, build_optimizer, network
from benchmarks.work import Work


class TorchFunc(Always):
    """The stacked parameters are stepped by torch's fused optimizers, the fastest it has."""

    name = "torch.func"

    def prepare(self, work: Work) -> Start:
        x, y = work.batches
        model = network(work.widths, work.condition.activation)
        loss = LOSSES[work.condition.loss]()

        def loss_of(parameters: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
            return loss(functional_call(model, parameters, (x,)), y)

        gradients_of = vmap(grad(loss_of))

        def start() -> Run:
            stacked = nn.ParameterList(to_torch(value) for value in work.weights)
            optimizer = build_optimizer(stacked, work.condition, {"fused": True})
            parameters = {
                name: value.detach()
                for (name, _), value in zip(model.named_parameters(), stacked, strict=True)
            }

            def run(steps: int) -> list[Tensor]:
                for step in range(steps):
                    gradients = gradients_of(parameters, x[step], y[step])
                    for value, gradient in zip(stacked, gradients.values(), strict=True):
                        value.grad = gradient
                    optimizer.step()
                pairs = zip(stacked, work.weights, strict=True)
                return [from_torch(value.detach(), like) for value, like in pairs]

            return run

        return start


def to_torch(value: Tensor) -> nn.Parameter:
    """Turn ``(R, d_in, d_out)`` into ``(R, d_out, d_in)``, and ``(R, 1, d)`` into ``(R, d)``."""
    own = value[:, 0] if value.shape[1] == 1 else value.mT
    return nn.Parameter(own.clone(memory_format=torch.contiguous_format))


def from_torch(value: Tensor, like: Tensor) -> Tensor:
    """Undo ``to_torch``."""
    return (value.mT if value.dim() == 3 else value).reshape(like.shape)
