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
    """A value of a type that the store never writes, from a later release or a person. It is written back unchanged."""

    written: AttributeValue


def encode(value: object) -> AttributeValue:
    """Return the typed value. Raises TypeError for a type that the store does not hold."""
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
    """Return the value.

    It is a `ForeignValue` where the store has no such type: a number that is no integer, for one.
    """
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
    """Encode every value under its name."""
    return {name: encode(value) for name, value in values.items()}


def decode_all(written: Mapping[str, AttributeValue]) -> dict[str, Any]:
    """Decode every value under its name."""
    return {name: decode(value) for name, value in written.items()}
