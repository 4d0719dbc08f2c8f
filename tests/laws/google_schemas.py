"""What Google demands of a schema, as executable law (https://ai.google.dev/api/caching#Schema, and its refusals)."""

from collections.abc import Mapping
from typing import Any

FIELDS = {
    "type", "title", "description", "format", "nullable", "enum", "items", "minItems", "maxItems", "properties",
    "required", "minLength", "maxLength", "pattern", "minimum", "maximum", "default",
}  # fmt: skip
FORMATS = {
    "string": {"enum", "date-time"},
    "number": {"float", "double"},
    "integer": {"int32", "int64"},
}


def check_google_schema(schema: Any) -> None:
    """Raise AssertionError where Google would refuse the schema."""
    assert isinstance(schema, Mapping)
    if "anyOf" in schema:
        assert set(schema) == {"anyOf"}, "nothing stands beside anyOf"
        assert schema["anyOf"]
        for branch in schema["anyOf"]:
            check_google_schema(branch)
        return
    assert set(schema) <= FIELDS, f"unknown: {set(schema) - FIELDS}"
    kind = schema["type"]
    assert kind in {"string", "number", "integer", "boolean", "array", "object"}
    assert schema.get("format") is None or schema["format"] in FORMATS[kind]
    assert schema.get("nullable", True) is True
    _check_values(schema)
    assert ("items" in schema) == (kind == "array"), "an array has items"
    if kind == "array":
        check_google_schema(schema["items"])
    assert ("properties" in schema) == (kind == "object")
    if kind == "object":
        assert schema["properties"], "an object has properties"
        assert set(schema.get("required", ())) <= set(schema["properties"])
        for value in schema["properties"].values():
            check_google_schema(value)


def _check_values(schema: Mapping[str, Any]) -> None:
    if "enum" in schema:
        assert schema["type"] == "string", "only text has an enum"
        assert schema["enum"]
        assert all(isinstance(value, str) and value for value in schema["enum"])
