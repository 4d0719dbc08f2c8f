"""Schemas of tools and answers as upstreams take them (wire.md 4.4; failure modes 6, 33, 47; fixture 21)."""

from dataclasses import replace
from typing import Any

from tests.vectors.requests import PLAIN, Json, RequestCase, ask, sent

GOOGLE = replace(PLAIN, schemas="google")
STRING: Json = {"type": "string"}


def parameters(schema: Json) -> Json:
    return {"tools": [{"type": "function", "function": {"name": "look", "parameters": schema}}]}


def case(identity: str, why: str, schema: Json, becomes: Json) -> RequestCase:
    """A tool for an upstream of which nothing is known."""
    return RequestCase(
        id=f"schema-{identity}",
        why=f"failure mode 33: {why}",
        request=ask(tools=[{"name": "look", "input_schema": schema}]),
        body=sent(**parameters(becomes)),
    )


def google(identity: str, why: str, value: Any, becomes: Json, **beside: Any) -> RequestCase:
    """A property of a tool for Google; what stands beside it is at the root."""
    return RequestCase(
        id=f"google-{identity}",
        why=f"failure mode 6: {why}",
        request=ask(tools=[{"name": "look", "input_schema": {"type": "object", "properties": {"a": value}, **beside}}]),
        body=sent(**parameters({"type": "object", "properties": {"a": becomes}})),
        traits=GOOGLE,
    )


TREE: Json = {"type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}, "name": STRING}}
NAMES: Json = dict.fromkeys(("format", "title", "default", "type", "$ref", "anyOf", "required", "const"), STRING)

CASES = [
    # OpenAI
    case(
        "array-without-items",
        "an array needs items, however deep",
        {"type": "object", "properties": {"a": {"type": "array", "items": {"type": ["array", "null"]}}}},
        {"type": "object", "properties": {"a": {"type": "array", "items": {"type": ["array", "null"], "items": {}}}}},
    ),
    case(
        "tuple",
        "items by place are items",
        {"type": "object", "properties": {"a": {"type": "array", "prefixItems": [{"type": "array"}]}}},
        {
            "type": "object",
            "properties": {"a": {"type": "array", "prefixItems": [{"type": "array", "items": {}}]}},
        },
    ),
    case(
        "object-within",
        "an object within needs properties",
        {"type": "object", "properties": {"a": {"type": "object", "additionalProperties": {"type": "object"}}}},
        {
            "type": "object",
            "properties": {
                "a": {
                    "type": "object",
                    "additionalProperties": {"type": "object", "properties": {}},
                    "properties": {},
                }
            },
        },
    ),
    case(
        "within-a-union",
        "wherever a schema can stand, and nowhere else",
        {
            "type": "object",
            "properties": {
                "a": {
                    "anyOf": [{"type": "array"}, True],
                    "default": {"type": "array"},
                    "enum": [{"type": "array"}],
                    "not": [{"type": "array"}],
                },
                "type": {"const": {"type": "object"}},
            },
        },
        {
            "type": "object",
            "properties": {
                "a": {
                    "anyOf": [{"type": "array", "items": {}}, True],
                    "default": {"type": "array"},
                    "enum": [{"type": "array"}],
                    "not": [{"type": "array"}],
                },
                "type": {"const": {"type": "object"}},
            },
        },
    ),
    case(
        "union-at-the-root",
        "the properties of all branches, and what all of them demand",
        {
            "description": "One or the other.",
            "oneOf": [
                {"type": "object", "properties": {"a": STRING, "b": STRING}, "required": ["a", "b"]},
                {"type": "object", "properties": {"a": STRING, "c": STRING}, "required": ["a", 1]},
            ],
            "required": ["d"],
            "properties": {"d": STRING},
        },
        {
            "description": "One or the other.",
            "required": ["d", "a"],
            "properties": {"a": STRING, "b": STRING, "c": STRING, "d": STRING},
            "type": "object",
        },
    ),
    case(
        "all-of-at-the-root",
        "everything that any part demands",
        {"allOf": [{"properties": {"a": STRING}, "required": ["a"]}, {"properties": {"b": STRING}}, True], "not": {}},
        {"type": "object", "properties": {"a": STRING, "b": STRING}, "required": ["a"]},
    ),
    case(
        "reference-at-the-root",
        "what it refers to",
        {"$ref": "#/$defs/city", "$defs": {"city": {"type": "object", "properties": {"name": STRING}}}},
        {
            "type": "object",
            "properties": {"name": STRING},
            "$defs": {"city": {"type": "object", "properties": {"name": STRING}}},
        },
    ),
    case(
        "reference-to-a-reference",
        "as far as it leads, and not around",
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a", "title": "B"}}},
        {
            "type": "object",
            "properties": {},
            "title": "B",
            "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a", "title": "B"}},
        },
    ),
    case("reference-to-nothing", "an object", {"$ref": "#/$defs/city"}, {"type": "object", "properties": {}}),
    # Google: what it knows under another name
    google("const", "one value is an enum of one", {"const": "x"}, {"type": "string", "enum": ["x"]}),
    google(
        "exclusive-integer",
        "the next integer",
        {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10},
        {"type": "integer", "minimum": 1, "maximum": 9},
    ),
    google(
        "exclusive-number",
        "as near as it goes",
        {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5},
        {"type": "number", "minimum": 0},
    ),
    google(
        "exclusive-of-an-older-draft",
        "where the limit itself is a flag",
        {"type": "number", "minimum": 1, "exclusiveMinimum": True},
        {"type": "number", "minimum": 1},
    ),
    google(
        "one-of",
        "a union under its other name",
        {"oneOf": [{"type": "string"}, {"type": "integer"}], "description": "Which."},
        {"anyOf": [{"type": "string", "description": "Which."}, {"type": "integer", "description": "Which."}]},
    ),
    google(
        "nullable",
        "null is a flag, and stays out of enums",
        {"type": ["string", "null"], "enum": ["a", None], "default": None},
        {"type": "string", "enum": ["a"], "nullable": True},
    ),
    google(
        "nullable-already", "OpenAPI's own", {"type": "string", "nullable": True}, {"type": "string", "nullable": True}
    ),
    google(
        "null-in-a-union",
        "nothing may stand beside anyOf",
        {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
        {"anyOf": [{"type": "string", "nullable": True}, {"type": "integer", "nullable": True}]},
    ),
    google(
        "union-within-a-union",
        "one level of them is enough",
        {"oneOf": [{"type": ["string", "integer"]}, {"type": "string"}, {"type": "null"}]},
        {"anyOf": [{"type": "string", "nullable": True}, {"type": "integer", "nullable": True}]},
    ),
    google(
        "union-of-one",
        "no union at all",
        {"anyOf": [{"type": "string", "description": "A."}, {"const": None}]},
        {"type": "string", "description": "A.", "nullable": True},
    ),
    google("only-null", "nothing else is known of it", {"type": "null"}, {"type": "string"}),
    google(
        "several-types",
        "a union",
        {"type": ["string", "integer"], "description": "A."},
        {"anyOf": [{"type": "string", "description": "A."}, {"type": "integer", "description": "A."}]},
    ),
    google(
        "all-of",
        "one schema that demands it all",
        {
            "type": "object",
            "allOf": [
                {"properties": {"b": STRING}, "required": ["b"], "allOf": [{"description": "Deep."}]},
                {"properties": {"c": STRING}, "required": ["c"], "allOf": []},
                True,
            ],
        },
        {"type": "object", "description": "Deep.", "properties": {"b": STRING, "c": STRING}, "required": ["b", "c"]},
    ),
    google(
        "reference",
        "in its place, with what stands beside it",
        {"$ref": "#/$defs/city", "description": "Where."},
        {"type": "string", "minLength": 1, "description": "Where."},
        **{"$defs": {"city": {"type": "string", "minLength": 1, "description": "A city."}}},
    ),
    google(
        "reference-of-an-older-draft",
        "definitions, and names with a slash",
        {"$ref": "#/definitions/a~1b"},
        {"type": "integer"},
        definitions={"a/b": {"type": "integer"}},
    ),
    google(
        "reference-to-itself",
        "once, and then an object of any kind",
        {"$ref": "#/$defs/tree"},
        {
            "type": "object",
            "properties": {"left": {"type": "object", "properties": {"any_name": STRING}}, "name": STRING},
        },
        **{"$defs": {"tree": TREE}},
    ),
    google(
        "reference-elsewhere",
        "nothing is fetched",
        {"$ref": "https://schemas.test/city"},
        {"type": "object", "properties": {"any_name": STRING}},
    ),
    # Google: what it does not know
    google(
        "unknown-keywords",
        "what a schema only hints at",
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "x",
            "$comment": "x",
            "type": "object",
            "properties": {"b": STRING},
            "required": ["b", "gone"],
            "additionalProperties": False,
            "propertyNames": {"pattern": "a"},
            "patternProperties": {"a": {}},
            "minProperties": 1,
            "examples": [{}],
        },
        {"type": "object", "properties": {"b": STRING}, "required": ["b"]},
    ),
    google(
        "formats",
        "two formats of text, two of each number",
        {
            "type": "object",
            "properties": {
                "uri": {"type": "string", "format": "uri"},
                "time": {"type": "string", "format": "date-time"},
                "wide": {"type": "integer", "format": "int64"},
                "number": {"type": "number", "format": "date-time"},
            },
        },
        {
            "type": "object",
            "properties": {
                "uri": {"type": "string"},
                "time": {"type": "string", "format": "date-time"},
                "wide": {"type": "integer", "format": "int64"},
                "number": {"type": "number"},
            },
        },
    ),
    google(
        "names-that-are-keywords",
        "a property may be called anything",
        {"type": "object", "properties": NAMES, "required": ["format", "title"]},
        {"type": "object", "properties": NAMES, "required": ["format", "title"]},
    ),
    google(
        "enum-of-numbers",
        "an enum holds only text, so it is told",
        {"type": "integer", "enum": [1, 2], "description": "How many."},
        {"type": "integer", "description": "How many. One of: 1, 2."},
    ),
    google("const-number", "told too", {"const": 5}, {"type": "number", "description": "One of: 5."}),
    google("const-flag", "there is but one other", {"const": True}, {"type": "boolean"}),
    google(
        "enum-with-empty-text", "an enum's text is not empty", {"enum": ["", "a"]}, {"type": "string", "enum": ["a"]}
    ),
    google(
        "enum-of-empty-text",
        "and an enum is not empty",
        {"type": "string", "enum": [""]},
        {"type": "string", "description": "One of: ."},
    ),
    google("array-without-items", "it wants them", {"type": "array"}, {"type": "array", "items": STRING}),
    google(
        "items-by-place",
        "any of them, in any place",
        {"prefixItems": [{"type": "string"}, {"type": "integer"}, {"type": "string"}]},
        {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
    ),
    google(
        "items-without-type",
        "an array",
        {"items": {"type": "integer"}},
        {"type": "array", "items": {"type": "integer"}},
    ),
    google(
        "map",
        "it wants one name at least",
        {"additionalProperties": {"type": "integer"}},
        {"type": "object", "properties": {"any_name": {"type": "integer"}}},
    ),
    google("anything", "text is what can hold anything", {}, STRING),
    google("true", "the same, in short", True, STRING),
    RequestCase(
        id="google-no-parameters",
        why="failure mode 6: a function without any must not name them",
        request=ask(tools=[{"name": "look", "input_schema": {"type": "object"}}]),
        body=sent(tools=[{"type": "function", "function": {"name": "look"}}]),
        traits=GOOGLE,
    ),
    RequestCase(
        id="google-strict",
        why="failure mode 33: what is left of the schema is not strict",
        request=ask(
            tools=[
                {
                    "name": "look",
                    "strict": True,
                    "input_schema": {
                        "type": "object",
                        "properties": {"a": STRING},
                        "required": ["a"],
                        "additionalProperties": False,
                    },
                }
            ]
        ),
        body=sent(**parameters({"type": "object", "properties": {"a": STRING}, "required": ["a"]})),
        traits=GOOGLE,
        dropped=("tools.strict",),
    ),
    RequestCase(
        id="google-answer",
        why="failure mode 47: the schema of an answer is one too",
        request=ask(
            output_config={
                "format": {"type": "json_schema", "schema": {"type": "object", "properties": {"a": {"const": "b"}}}}
            }
        ),
        body=sent(
            response_format={
                "type": "json_schema",
                "json_schema": {
                    "name": "output",
                    "schema": {"type": "object", "properties": {"a": {"type": "string", "enum": ["b"]}}},
                    "strict": False,
                },
            }
        ),
        traits=GOOGLE,
    ),
    # descriptions
    RequestCase(
        id="long-description",
        why="failure mode 33: what is too long for the tool is told in the system prompt",
        request=ask(
            system="Be brief.",
            tools=[
                {"name": "look", "description": "Looks around.", "input_schema": {}},
                {"name": "listen", "description": "Hears.", "input_schema": {}},
            ],
        ),
        body=sent(
            {"role": "system", "content": "Be brief.\n\nMore about the tool `look`: ound."},
            {"role": "user", "content": "Hello"},
            tools=[
                {
                    "type": "function",
                    "function": {
                        "name": name,
                        "description": description,
                        "parameters": {"type": "object", "properties": {}},
                    },
                }
                for name, description in (("look", "Looks ar"), ("listen", "Hears."))
            ],
        ),
        traits=replace(PLAIN, max_tool_description=8),
    ),
]
