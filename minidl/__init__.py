"""minidl: a mini deep-learning framework on tensor operations alone.

Read it in this order: module, linear, layers, activations, losses, optimizers, adaptive, schedules,
data, metrics, stopping, training, replicas. They stand on init, random, counter, registry and the
engine.
"""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minidl.everything import *  # noqa: F403  # what it exports is what this exports


def __getattr__(name: str) -> Any:
    """Load the framework at the first use of a name: who only reads a store waits for no torch."""
    import minidl.everything  # noqa: F401

    everything = sys.modules["minidl.everything"]
    if not hasattr(everything, name):
        raise AttributeError(f"module 'minidl' has no attribute {name!r}")
    return getattr(everything, name)
