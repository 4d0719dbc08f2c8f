"""Every schema becomes one that its upstream takes, and nothing is done to the caller's."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translator.prompt.google_schema import google_schema
from translator.prompt.tool_schemas import tool_parameters
from translator.traits import Traits

from tests.laws.google_schemas import check_google_schema
from tests.properties.requests import Json, json_values

KINDS = ["string", "number", "integer", "boolean", "array", "object", "null"]
names = st.sampled_from(["a", "b", "format", "title", "type", "$ref", "anyOf"])
references = st.sampled_from(["#/$defs/a", "#/$defs/b", "#", "#/properties/a", "https://x.test/s", "#/nowhere"])


def keywords(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """A schema with any of the keywords, of which `inner` are the schemas within."""
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(KINDS) | st.lists(st.sampled_from(KINDS), max_size=2),
            "properties": st.dictionaries(names, inner, max_size=2),
            "required": st.lists(names, max_size=2),
            "additionalProperties": st.booleans() | inner,
            "items": inner | st.lists(inner, max_size=2),
            "prefixItems": st.lists(inner, max_size=2),
            "anyOf": st.lists(inner, max_size=3),
            "oneOf": st.lists(inner, max_size=2),
            "allOf": st.lists(inner, max_size=2),
            "$ref": references,
            "$defs": st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
            "enum": st.lists(json_values, max_size=3),
            "const": json_values,
            "format": st.sampled_from(["uri", "date-time", "int32"]),
            "exclusiveMinimum": st.integers() | st.booleans(),
            "maximum": st.integers(),
            "description": st.just("Words."),
            "$schema": st.just("x"),
            "propertyNames": inner,
            "nullable": st.booleans(),
        },
    )


schemas = st.recursive(st.just({}) | st.just(True) | st.just({"type": "string"}), keywords, max_leaves=8)
documents = keywords(schemas)


@pytest.mark.failure_mode(6)
@given(documents)
def test_google_takes_every_schema(document: Json) -> None:
    before = deepcopy(document)
    check_google_schema(google_schema(document))
    assert document == before


@pytest.mark.failure_mode(33)
@given(documents)
def test_openai_takes_every_tool(document: Json) -> None:
    before = deepcopy(document)
    parameters, _ = tool_parameters(document, Traits())
    assert document == before
    assert parameters is not None
    assert parameters["type"] == "object"
    assert {"anyOf", "oneOf", "allOf", "$ref", "enum", "not", "const"}.isdisjoint(parameters)
    assert tool_parameters(parameters, Traits()) == (parameters, ())


@given(documents)
def test_what_google_takes_is_taken_as_it_is(document: Json) -> None:
    once = google_schema(document)
    assert google_schema(once) == once
