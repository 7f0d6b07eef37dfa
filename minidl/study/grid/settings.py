"""The settings of one run: everything that decides its numbers, but for the seed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError, core_schema

from minidl.study.files.complaints import shown
from minidl.study.grid.components import arguments, components, resolve
from minidl.study.grid.data import DataSettings, resolve_data
from minidl.study.grid.network import part_names, resolve_part
from minidl.study.grid.strict import Strict


class Of:
    """Marks a field as a component of some kind: checks it, and describes it in the schema."""

    def __init__(self, kind: str, resolve: Callable[[str, Any], dict[str, Any]] = resolve):
        self.kind = kind
        self.resolve = partial(resolve, kind)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return core_schema.no_info_before_validator_function(self.resolve, handler(source))

    def __get_pydantic_json_schema__(self, *_: Any) -> dict[str, Any]:
        """One of the names, or a mapping with a name and that component's arguments."""
        from minidl.study.grid.catalogue import summary

        known = components(self.kind)
        names, texts = sorted(known), [summary(known[name]) for name in sorted(known)]
        chosen = {"enum": names, "enumDescriptions": texts}
        return {"anyOf": [chosen, *(self.mapping(name) for name in names)]}

    def mapping(self, name: str) -> dict[str, Any]:
        """Return the JSON Schema of one component with its arguments."""
        from minidl.study.grid.catalogue import summary

        own = arguments(self.kind, name).model_json_schema()["properties"]
        common = DataSettings.model_json_schema()["properties"] if self.kind == "data" else {}
        return {
            "type": "object",
            "description": summary(components(self.kind)[name]),
            "properties": {"name": {"const": name}, **common, **own},
            "required": ["name"],
            "additionalProperties": False,
        }


Component: TypeAlias = dict[str, Any]


class OfNetwork:
    """Marks a field as a part of a network: a layer or an activation."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return core_schema.no_info_before_validator_function(resolve_part, handler(source))

    def __get_pydantic_json_schema__(self, *_: Any) -> dict[str, Any]:
        return {"anyOf": [{"enum": part_names()}, {"type": "object"}]}


Parts = Annotated[list[Annotated[Component, OfNetwork()]], Field(min_length=1, max_length=200)]


class ModelSettings(Strict):
    """The network: its hidden layers and its output in short, or all its parts in ``layers``."""

    hidden: list[Annotated[int, Field(ge=1, le=10_000)]] = Field(
        [25, 25, 25], max_length=50, description="widths of the hidden layers"
    )
    output: Annotated[Component, Of("activation")] = Field(
        {"name": "sigmoid"}, description="activation of the output"
    )
    threshold: float | None = Field(
        None,
        description="an output of at least this means the second of two classes; unless it is "
        "said: 0, for losses on logits and margins, otherwise halfway between the two targets",
    )
    dropout: float | list[float] = Field(
        0.0, description="share of the numbers that is dropped after each hidden activation"
    )
    layer_norm: bool = Field(False, description="normalise before each hidden activation")
    layers: Parts | None = Field(
        None, description="the whole network, part by part, in place of hidden, activation, output"
    )

    @field_validator("dropout", mode="before")
    @classmethod
    def _a_rate_for_each_layer(cls, dropout: Any, info: ValidationInfo) -> Any:
        """Hold a list against the hidden layers; equal rates are one."""
        layers = len(info.data.get("hidden", ()))
        rates = dropout if isinstance(dropout, list) else [dropout]
        if (rates is dropout and len(rates) != layers) or not all(map(is_rate, rates)):
            raise ValueError(
                "model.dropout must be a number from 0 to below 1, or one for each of the "
                f"{layers} hidden layers, got {shown(dropout)}"
            )
        return rates[0] if len(set(rates)) == 1 else dropout


def is_rate(value: Any) -> bool:
    """Whether a value is a share that can be dropped."""
    return type(value) in (int, float) and 0 <= value < 1


class Stopping(Strict):
    """When a run stops before its length is over."""

    monitor: str | None = Field(
        None,
        description="the score to improve: by default validation_loss, or train_loss where there "
        "is no validation",
    )
    patience: int = Field(
        10, ge=1, le=1_000_000, description="evaluations in a row that may bring nothing better"
    )
    min_delta: float = Field(0.0, ge=0, description="how much better counts")


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
    schedule: Annotated[Component, Of("schedule")] = Field(
        {"name": "constant"}, description="the learning rate over the epochs"
    )
    init: Annotated[Component, Of("init")] = Field(
        {"name": "uniform"}, description="initial weights and biases"
    )
    batch_size: int = Field(5, ge=1, le=1_000_000, description="points in a training step")
    updates: int | None = Field(
        None, ge=1, le=1_000_000_000, description="training steps, in place of epochs"
    )
    epochs: int | None = Field(
        300, ge=1, le=1_000_000, description="passes through the training set"
    )
    shuffle: Literal["epoch", "never", "replacement"] = Field(
        "epoch",
        description="the order of the points: drawn anew each epoch, always as they are, or each "
        "batch drawn with replacement",
    )
    evaluate_every: int = Field(10, ge=1, le=1_000_000, description="epochs between evaluations")

    validation: int | float | None = Field(
        None, description="part of the training set that is kept for choosing: a share or a count"
    )
    early_stopping: Stopping | None = Field(None, description="stop early, at the best weights")

    @field_validator("validation", mode="before")
    @classmethod
    def _a_share_or_a_count(cls, validation: Any) -> Any:
        share = type(validation) is float and 0 < validation < 1
        count = type(validation) is int and validation >= 1
        if not (validation is None or share or count):
            raise ValueError(
                "validation must be a share above 0 and below 1, or a count of at least 1, got "
                f"{shown(validation)}"
            )
        return validation

    @model_validator(mode="before")
    @classmethod
    def _length_is_said_once(cls, data: Any) -> Any:
        """Refuse both ``epochs`` and ``updates``."""
        both = (
            [data.get(key) for key in ("epochs", "updates")] if isinstance(data, dict) else [None]
        )
        if None not in both:
            text = f"epochs and updates cannot both be given, got {both[0]} and {both[1]}"
            raise PydanticCustomError("twice", "two lengths", {"key": "updates", "error": text})
        return data

    @field_validator("epochs")
    @classmethod
    def _length_is_said(cls, epochs: int | None, info: ValidationInfo) -> int | None:
        """Leave out the epochs where ``updates`` are given, and only there."""
        if info.data.get("updates") is not None:
            return None
        if epochs is None:
            raise ValueError(f"epochs must be a whole number, got {shown(epochs)}")
        return epochs
