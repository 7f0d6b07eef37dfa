"""Settings that came later than the first studies, with the defaults that those had unsaid.

A run's id is a hash over all its settings. A setting that is new would change every id there is, so
it stays out of the hash while it has its default. What is named here must never be taken away.
"""

from __future__ import annotations

from typing import Any

# A dotted key of the settings -> its default.
SETTINGS: dict[str, Any] = {
    "updates": None,
    "shuffle": "epoch",
    "validation": None,
    "early_stopping": None,
    "model.dropout": 0.0,
    "model.layer_norm": False,
    "model.layers": None,
    "data.seed": None,
    "data.outputs": None,
    "data.neg_label": 0,
    "data.normalize_targets": "none",
}
# The setting that names a component, and the component -> its later arguments with their defaults.
ARGUMENTS: dict[tuple[str, str], dict[str, Any]] = {}


def identity(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that an id is made of: all but later ones that have their defaults."""
    kept = {key: identity_of(key, value) for key, value in settings.items()}
    return {key: value for key, value in kept.items() if not is_default(key, value)}


def identity_of(key: str, value: Any) -> Any:
    """Return what an id is made of below one key."""
    if not isinstance(value, dict):
        return value
    own = {part: identity_of(f"{key}.{part}", item) for part, item in value.items()}
    later = ARGUMENTS.get((key, str(value.get("name"))), {})
    return {
        part: item
        for part, item in own.items()
        if not is_default(f"{key}.{part}", item) and not (part in later and item == later[part])
    }


def is_default(key: str, value: Any) -> bool:
    """Whether a setting came later and has the default that was unsaid before."""
    return key in SETTINGS and value == SETTINGS[key]
