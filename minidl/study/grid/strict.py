"""What every checked part of a file has in common."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError


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
