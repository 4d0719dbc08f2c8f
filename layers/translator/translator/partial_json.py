"""The arguments of tool calls: JSON objects that may be cut short."""

from json import loads
from typing import Any

from pydantic_core import from_json


def is_complete_object(text: str) -> bool:
    """Whether the text is one whole JSON object."""
    if not text.rstrip().endswith("}"):
        return False
    try:
        return isinstance(loads(text), dict)
    except ValueError:
        return False


def parse_object(text: str) -> dict[str, Any]:
    """The JSON object in `text`; no text at all is a call without arguments. Raises ValueError."""
    value = loads(text) if text.strip() else {}
    if not isinstance(value, dict):
        raise ValueError("the arguments are no JSON object")
    return value


def parse_truncated_object(text: str) -> dict[str, Any]:
    """As much of a JSON object as has arrived: what was cut is left out."""
    try:
        value = from_json(text, allow_partial="trailing-strings") if text.strip() else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
