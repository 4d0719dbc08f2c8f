"""The base of all parts of a request."""

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """A part of a request: immutable, exact about types, deaf to fields it does not know."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", defer_build=True)
