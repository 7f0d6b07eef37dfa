"""The settings of one run: everything that decides its numbers, but for the seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError, core_schema

from minidl.registry import KINDS
from minidl.study.grid.components import arguments, resolve


class Of:
    """Marks a field as a component of some kind: checks it, and describes it in the schema."""

    def __init__(self, kind: str, resolve: Callable[[str, Any], dict[str, Any]] = resolve):
        self.kind = kind
        self.resolve = partial(resolve, kind)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return core_schema.no_info_before_validator_function(self.resolve, handler(source))

    def __get_pydantic_json_schema__(self, *_: Any) -> dict[str, Any]:
        """One of the names, or a mapping with a name and that component's arguments."""
        names = sorted(KINDS[self.kind])
        return {"anyOf": [{"enum": names}, *(self.mapping(name) for name in names)]}

    def mapping(self, name: str) -> dict[str, Any]:
        """Return the JSON Schema of one component with its arguments."""
        own = arguments(self.kind, name).model_json_schema()["properties"]
        common = DataSizes.model_json_schema()["properties"] if self.kind == "data" else {}
        return {
            "type": "object",
            "properties": {"name": {"const": name}, **common, **own},
            "required": ["name"],
            "additionalProperties": False,
        }


class Strict(BaseModel):
    """No unknown keys, no silent conversions, no NaN or infinity."""

    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, validate_default=True
    )

    @model_validator(mode="before")
    @classmethod
    def _keys_are_known(cls, data: Any) -> Any:
        """Name an unknown key with the known ones, which pydantic's own complaint does not."""
        for key in data if isinstance(data, dict) else ():
            if key not in cls.model_fields:
                facts = {"key": key, "known": list(cls.model_fields)}
                raise PydanticCustomError("unknown_key", "unknown key", facts)
        return data


class DataSizes(Strict):
    """How a data set is drawn and prepared, whatever it is."""

    train: int = Field(1000, ge=2, le=1_000_000, description="points to train on")
    test: int = Field(1000, ge=2, le=1_000_000, description="points to test on")
    normalize: Literal["none", "train", "own"] = Field(
        "none",
        description="standardise the inputs: not at all, both sets with the training set's mean "
        "and deviation, or each set with its own",
    )


def resolve_data(kind: str, value: Any) -> dict[str, Any]:
    """Resolve a data set: its sizes and preparation first, its component's arguments second."""
    given = value if isinstance(value, dict) else {"name": value}
    sizes = {key: given[key] for key in DataSizes.model_fields if key in given}
    own = {key: item for key, item in given.items() if key not in sizes}
    if isinstance(own.get("name"), str):
        value = own
    return (
        resolve(kind, value, DataSizes.model_fields) | DataSizes.model_validate(sizes).model_dump()
    )


Component: TypeAlias = dict[str, Any]


class ModelSettings(Strict):
    """The network: Linear and activation for every hidden width, then Linear and output."""

    hidden: list[Annotated[int, Field(ge=1, le=10_000)]] = Field(
        [25, 25, 25], max_length=50, description="widths of the hidden layers"
    )
    output: Annotated[Component, Of("activation")] = Field(
        {"name": "sigmoid"}, description="activation of the output"
    )
    threshold: float = Field(0.5, description="an output of at least this means inside")


class RunSettings(Strict):
    """Everything that decides the numbers of a run, but for its seed."""

    data: Annotated[Component, Of("data", resolve_data)] = Field(
        {"name": "disk"}, description="the data set"
    )
    model: ModelSettings = Field(
        default_factory=lambda: ModelSettings.model_validate({}), description="the network"
    )
    activation: Annotated[Component, Of("activation")] = Field(
        {"name": "relu"}, description="activation of the hidden layers"
    )
    loss: Annotated[Component, Of("loss")] = Field(
        {"name": "mse"}, description="what training makes small"
    )
    optimizer: Annotated[Component, Of("optimizer")] = Field(
        {"name": "sgd"}, description="how a gradient becomes a step"
    )
    init: Annotated[Component, Of("init")] = Field(
        {"name": "uniform"}, description="initial weights and biases"
    )
    batch_size: int = Field(5, ge=1, le=1_000_000, description="points in a training step")
    epochs: int = Field(300, ge=1, le=1_000_000, description="passes through the training set")
    evaluate_every: int = Field(10, ge=1, le=1_000_000, description="epochs between evaluations")


@dataclass(frozen=True)
class RunSpec:
    """One run: resolved settings, a seed, and where it stands in its study's grid.

    ``cell`` has the value of each axis that its cell names, as it trained, and ``labels`` short
    texts for them. ``place`` is what cells are compared by: a value on every axis of the study,
    components with their defaults.
    """

    settings: dict[str, Any]
    seed: int
    cell: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    place: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def id(self) -> str:
        """Sixteen hex digits of the SHA-256 of settings and seed: the same on every machine."""
        text = json.dumps([self.settings, self.seed], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def label(value: Any) -> str:
    """Return a setting's value as a short text: ``adam``, ``adam(lr=0.01)``, ``25-25-25``."""
    if isinstance(value, dict) and "name" in value:
        own = ", ".join(f"{key}={label(item)}" for key, item in value.items() if key != "name")
        return f"{value['name']}({own})" if own else value["name"]
    if isinstance(value, list):
        return "-".join(map(label, value)) or "(none)"
    return str(value)
