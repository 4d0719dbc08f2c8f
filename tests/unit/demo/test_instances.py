"""What the demo model makes for a schema fits it, and says what the text says."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from edgeway.demo.instances import instance

NODE: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}},
    "required": ["name", "next"],
}
SCHEMAS: dict[str, Any] = {
    "no type": {},
    "a string": {"type": "string"},
    "a long string": {"type": "string", "minLength": 40},
    "a short string": {"type": "string", "maxLength": 2},
    "a pattern": {"type": "string", "pattern": "^[A-Z]{4}$"},
    "a format": {"type": "string", "format": "date-time"},
    "a constant": {"const": 7},
    "an enumeration": {"enum": [3, 4]},
    "an integer": {"type": "integer"},
    "an integer above": {"type": "integer", "exclusiveMinimum": 3},
    "an integer below": {"type": "integer", "maximum": -3},
    "a multiple": {"type": "integer", "minimum": 10, "multipleOf": 7},
    "a number between": {"type": "number", "minimum": 0.25, "maximum": 0.5},
    "several types": {"type": ["null", "boolean"]},
    "nothing": {"type": "null"},
    "a list": {"type": "array", "items": {"type": "string"}, "minItems": 3, "uniqueItems": True},
    "a pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "minItems": 2},
    "an object": {"type": "object"},
    "a closed object": {
        "type": "object",
        "properties": {"a": {"type": "boolean"}, "b": {"type": "array"}, "c": {"type": "string"}},
        "required": ["a", "b"],
        "additionalProperties": False,
    },
    "an object without a type": {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
    "a required field of which nothing is said": {"type": "object", "required": ["x"]},
    "some fields": {"type": "object", "properties": {"a": {}, "b": {}, "c": {}}, "minProperties": 2},
    "one of two": {"oneOf": [{"type": "integer"}, {"type": "object"}]},
    "all of two": {
        "allOf": [
            {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"properties": {"b": {"type": "string"}}, "required": ["b"]},
        ]
    },
    "a recursive one": {"$ref": "#/$defs/node", "$defs": {"node": NODE}},
    "a default": {"type": "object", "properties": {"n": {"type": "integer", "default": 5}}, "required": ["n"]},
}
PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer", "minimum": 0},
        "email": {"type": "string"},
        "plan": {"enum": ["free", "pro"]},
        "city": {"type": "string"},
    },
    "required": ["name", "age", "plan"],
}


def test_a_schema_that_nothing_fits_has_an_end() -> None:
    endless = {"properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}, "required": ["a", "b"]}
    assert set(instance(endless, "", "demo")) == {"a", "b"}


@pytest.mark.parametrize("kind", SCHEMAS)
def test_it_fits(kind: str) -> None:
    jsonschema.validate(instance(SCHEMAS[kind], "Some text with 3 words.", "demo"), SCHEMAS[kind])


@pytest.mark.parametrize(
    ("schema", "text", "expected"),
    [
        (
            PERSON,
            "Extract the customer: Ada Lovelace, 36, wants Pro in London, ada@example.com",
            {"name": "Ada Lovelace", "age": 36, "plan": "pro", "email": "ada@example.com", "city": "London"},
        ),
        (PERSON, "nothing to see", {"name": "demo", "age": 0, "plan": "free"}),
        (
            {"properties": {"a": {"type": "number"}, "b": {"type": "number"}}, "required": ["a", "b"]},
            "What is 2 plus 3.5?",
            {"a": 2, "b": 3.5},
        ),
        (
            {
                "properties": {"origin": {"type": "string"}, "destination": {"type": "string"}},
                "required": ["origin", "destination"],
            },
            "A train from Paris to New York, please",
            {"origin": "Paris", "destination": "New York"},
        ),
        (
            {"properties": {"title": {"type": "string"}}, "required": ["title"]},
            "Please fix the login button of the mobile page",
            {"title": "Please fix the login button of"},
        ),
        (
            {"properties": {"cities": {"type": "array", "items": {"type": "string"}}}, "required": ["cities"]},
            "Compare the weather in Paris, France and Oslo",
            {"cities": ["Paris, France", "Oslo"]},
        ),
    ],
)
def test_it_says_what_the_text_says(schema: dict[str, Any], text: str, expected: dict[str, Any]) -> None:
    assert instance(schema, text, "demo") == expected
