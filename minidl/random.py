"""Where randomness comes from: explicit generators, made from a run's seed and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
from torch import Generator, Tensor

Generators: TypeAlias = "Generator | Sequence[Generator]"


def seeded_generator(seed: int, stream: str) -> Generator:
    """Return the generator of one stream ("data", "weights", "batches", ...) of a seed.

    Streams are independent: drawing more from one shifts nothing in another. The same seed and
    stream give the same numbers on every machine.
    """
    digest = hashlib.sha256(f"{stream} {seed}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big", signed=True))


def per_replica(draw: Callable[[Generator], Tensor], generator: Generators) -> Tensor:
    """Draw ``(*shape)`` from one generator, or ``(R, *shape)`` from a list of R.

    Replicas that share a generator share the draw.
    """
    if isinstance(generator, Generator):
        return draw(generator)
    draws = {shared: draw(shared) for shared in dict.fromkeys(generator)}
    return torch.stack([draws[own] for own in generator])
