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
        names = sorted(components(self.kind))
        return {"anyOf": [{"enum": names}, *(self.mapping(name) for name in names)]}

    def mapping(self, name: str) -> dict[str, Any]:
        """Return the JSON Schema of one component with its arguments."""
        own = arguments(self.kind, name).model_json_schema()["properties"]
        common = DataSettings.model_json_schema()["properties"] if self.kind == "data" else {}
        return {
            "type": "object",
            "properties": {"name": {"const": name}, **common, **own},
            "required": ["name"],
            "additionalProperties": False,
        }


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
