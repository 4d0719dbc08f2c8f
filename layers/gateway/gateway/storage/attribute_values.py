"""Converts DynamoDB's typed values, as far as the store has them.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

AttributeValue = Mapping[str, Any]
"""One type and its value: {"S": "text"}, {"N": "12"}, {"BOOL": true}, {"NULL": true}, {"L": [...]}."""


@dataclass(frozen=True, slots=True)
class ForeignValue:
    """A value of a type that the store never writes: a later release's, or a person's. It is written back as it is."""

    written: AttributeValue


def encode(value: object) -> AttributeValue:
    """The typed value. Raises TypeError for what the store does not hold."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case str():
            return {"S": value}
        case list():
            return {"L": [encode(part) for part in value]}
        case ForeignValue():
            return value.written
        case _:
            raise TypeError(f"the store holds no {type(value).__name__}")


def decode(written: AttributeValue) -> Any:
    """The value, a `ForeignValue` where it is none of the store's: also a number that is no integer."""
    match written:
        case {"S": str(text)}:
            return text
        case {"N": str(number)} if number.removeprefix("-").isdecimal():
            return int(number)
        case {"BOOL": bool(value)}:
            return value
        case {"L": list(parts)}:
            return [decode(part) for part in parts]
        case {"NULL": True}:
            return None
        case _:
            return ForeignValue(written)


def encode_all(values: Mapping[str, object]) -> dict[str, AttributeValue]:
    """Every value under its name."""
    return {name: encode(value) for name, value in values.items()}


def decode_all(written: Mapping[str, AttributeValue]) -> dict[str, Any]:
    """Every value under its name."""
    return {name: decode(value) for name, value in written.items()}
