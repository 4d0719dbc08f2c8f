"""Keywords that an upstream refuses are taken out of schemas, and nothing else is."""

from copy import deepcopy
from typing import Any

import pytest
from translator.prompt.schema_keywords import plainer
from translator.prompt.tool_schemas import answer_schema, tool_parameters
from translator.traits import Traits

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "pattern": {"type": "string", "pattern": "^a$", "description": "a property of that name"},
        "ahead": {"type": "string", "pattern": "^(?!b).*"},
        "many": {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1},
        "either": {"anyOf": [{"type": "string", "maxLength": 5}, {"type": "null"}]},
    },
    "required": ["pattern"],
    "default": {"pattern": "b"},
}


def test_a_keyword_goes_and_a_property_of_its_name_stays() -> None:
    before = deepcopy(SCHEMA)
    plain, lost = plainer(SCHEMA, Traits(refused_keywords=("maxLength", "minItems", "pattern")))
    assert lost == ("maxLength", "minItems", "pattern")
    assert plain == {
        **SCHEMA,
        "properties": {
            "pattern": {"type": "string", "description": "a property of that name"},
            "ahead": {"type": "string"},
            "many": {"type": "array", "items": {"type": "integer", "minimum": 1}},
            "either": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
    }
    assert before == SCHEMA


def test_only_patterns_that_look_around_go_where_that_is_all_that_is_refused() -> None:
    plain, lost = plainer(SCHEMA, Traits(lookaround=False))
    assert lost == ("pattern",)
    assert plain["properties"]["ahead"] == {"type": "string"}
    assert plain["properties"]["pattern"] == SCHEMA["properties"]["pattern"]


def test_bare_schemas_hold_names_types_and_words() -> None:
    plain, lost = plainer(SCHEMA, Traits(schemas="bare"))
    assert plain == {
        "type": "object",
        "properties": {
            "pattern": {"type": "string", "description": "a property of that name"},
            "ahead": {"type": "string"},
            "many": {"type": "array", "items": {"type": "integer"}},
            "either": {"type": "string"},
        },
        "required": ["pattern"],
    }
    assert lost == ("input_schema",)


@pytest.mark.parametrize("schemas", ["json_schema", "bare"])
def test_what_is_plain_loses_nothing(schemas: Any) -> None:
    plain = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    assert plainer(plain, Traits(schemas=schemas)) == (plain, ())


def test_the_parameters_of_a_function_without_any() -> None:
    nothing = {"type": "object", "properties": {}}
    assert tool_parameters(nothing, Traits(schemas="bare")) == (nothing, ())
    assert tool_parameters(nothing, Traits(schemas="google")) == (None, ())
    assert tool_parameters(SCHEMA, Traits(schemas="bare"))[1] == ("input_schema",)
    assert answer_schema(SCHEMA, Traits(schemas="bare")) == SCHEMA
