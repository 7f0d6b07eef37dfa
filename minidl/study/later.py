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
    "schedule": {"name": "constant"},
    "data.seed": None,
    "data.outputs": None,
    "data.neg_label": 0,
    "data.normalize_targets": "none",
}
# What every optimizer has since there are penalties.
PENALTIES = {"weight_decay": 0.0, "l1": 0.0, "decay": "weights", "clip_norm": None}
# The setting that names a component, and the component -> its later arguments with their defaults.
ARGUMENTS: dict[tuple[str, str], dict[str, Any]] = {
    ("loss", "mse"): {"reduction": "mean"},
    ("loss", "bce"): {"reduction": "mean"},
    ("init", "uniform"): {"bound": None, "bias": "uniform"},
    ("init", "xavier"): {"distribution": "uniform", "gain": 1.0, "bias": "zeros"},
    ("init", "he"): {
        "distribution": "normal",
        "gain": "relu",
        "mode": "fan_in",
        "bias": "zeros",
    },
    ("init", "normal"): {"bias": "normal"},
    **{("optimizer", name): PENALTIES for name in ("none", "adam", "sgd_as_printed")},
    **{
        ("optimizer", f"adam_{part}as_printed"): PENALTIES for part in ("", "power_", "correction_")
    },
    ("optimizer", "sgd"): {"dampening": None, "nesterov": False, **PENALTIES},
}

# Where something lies: it is known by what it holds, which another argument says.
WHEREABOUTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("data", "csv"): ("path", "test_path", "folder"),
}


def identity(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that an id is made of: all but later ones that have their defaults."""
    kept = {key: identity_of(key, value) for key, value in settings.items()}
    return {key: value for key, value in kept.items() if not is_default(key, value)}


def identity_of(key: str, value: Any) -> Any:
    """Return what an id is made of below one key."""
    if not isinstance(value, dict):
        return value
    own = {part: identity_of(f"{key}.{part}", item) for part, item in value.items()}
    component = key, str(value.get("name"))
    later, elsewhere = ARGUMENTS.get(component, {}), WHEREABOUTS.get(component, ())
    return {
        part: item
        for part, item in own.items()
        if part not in elsewhere
        and not is_default(f"{key}.{part}", item)
        and not (part in later and item == later[part])
    }


def is_default(key: str, value: Any) -> bool:
    """Whether a setting came later and has the default that was unsaid before."""
    return key in SETTINGS and value == SETTINGS[key]
